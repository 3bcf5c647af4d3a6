using System.Net;
using System.Text.Json;
using Tarasol.Sidecar.Hosting;
using Tarasol.Sidecar.Invocation;
using Tarasol.Sidecar.PubSub.Routing;
using Tarasol.Sidecar.Resiliency;

namespace Tarasol.Sidecar.PubSub;

/// <summary>What the app answers to GET /dapr/subscribe (wire: 6.2). Keys match without regard to case.</summary>
internal sealed class ProgrammaticSubscriptions(IResiliency resiliency, ILogger<ProgrammaticSubscriptions> log)
{
    private static readonly JsonSerializerOptions Reading = new()
    {
        PropertyNameCaseInsensitive = true,
        AllowTrailingCommas = false,
    };

    /// <summary>Throws when the app cannot be asked or its answer cannot be understood.</summary>
    public async Task<IReadOnlyList<Subscription>> AskAsync(AppRuntime app, IAppChannel channel, CancellationToken cancel)
    {
        if (!app.Options.AskForSubscriptions)
        {
            log.LogInformation("{App} is not asked for its subscriptions: --disable-init-endpoints", app.AppId);
            return [];
        }
        if (app.Grpc is { } grpc)
        {
            return await GrpcSubscriptions.AskAsync(grpc, app.AppId, cancel);
        }
        var (status, body) = await resiliency.BuiltIn(app.AppId, BuiltInPolicy.InitializationRetries).ExecuteAsync(async attempt =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("/dapr/subscribe", UriKind.Relative));
            request.Headers.TryAddWithoutValidation("Accept", ContentTypes.Json);
            using var response = await channel.SendAsync(request, attempt);
            return new Attempt<(HttpStatusCode, byte[])>((response.StatusCode, await response.Content.ReadAsByteArrayAsync(attempt)));
        }, null, cancel);
        switch (status)
        {
            case HttpStatusCode.OK:
                return Parse(body, app.AppId);
            case HttpStatusCode.NotFound:
                return [];
            default:
                log.LogError("{App} answered {Status} to GET /dapr/subscribe; it has no programmatic subscriptions", app.AppId, (int)status);
                return [];
        }
    }

    internal IReadOnlyList<Subscription> Parse(ReadOnlySpan<byte> body, string appId)
    {
        if (body.TrimEnd(" \t\r\n"u8).IsEmpty)
        {
            return [];
        }
        try
        {
            var items = JsonSerializer.Deserialize<List<Item>?>(body, Reading) ?? [];
            return [.. items.Select((item, index) => Create(item ?? new Item(), index, appId)).OfType<Subscription>()];
        }
        catch (JsonException e)
        {
            throw new InvalidOperationException($"the answer of {appId} to GET /dapr/subscribe is not a list of subscriptions: {e.Message}", e);
        }
    }

    private Subscription? Create(Item item, int index, string appId)
    {
        var rules = new List<RoutingRule>();
        foreach (var rule in (item.Routes?.Rules ?? []).OfType<RuleItem>())
        {
            try
            {
                rules.Add(RoutingRule.Create(rule.Match, rule.Path ?? ""));
            }
            catch (CelException e)
            {
                throw new InvalidOperationException($"the answer of {appId} to GET /dapr/subscribe has a rule that cannot be read, topic {item.Topic}: {e.Message}", e);
            }
        }
        if ((item.Routes?.Default is { Length: > 0 } fallback ? fallback : item.Route) is { Length: > 0 } path)
        {
            rules.Add(new RoutingRule(null, path));
        }
        if (rules.Count == 0)
        {
            log.LogWarning("{App}: subscription {Index} to topic {Topic} has no route and is left out", appId, index, item.Topic);
            return null;
        }
        return new Subscription(
            item.PubsubName ?? "", item.Topic ?? "", item.Metadata ?? [], rules, item.DeadLetterTopic is { Length: > 0 } dead ? dead : null,
            item.BulkSubscribe is { Enabled: true } bulk ? BulkSubscribe.Of(bulk.MaxMessagesCount, bulk.MaxAwaitDurationMs) : null, SubscriptionSource.Programmatic);
    }

    private sealed record Item
    {
        public string? PubsubName { get; init; }

        public string? Topic { get; init; }

        public string? Route { get; init; }

        public RoutesItem? Routes { get; init; }

        public string? DeadLetterTopic { get; init; }

        public Dictionary<string, string>? Metadata { get; init; }

        public BulkItem? BulkSubscribe { get; init; }
    }

    private sealed record RoutesItem(string? Default, List<RuleItem>? Rules);

    private sealed record RuleItem(string? Match, string? Path);

    private sealed record BulkItem(bool Enabled, int? MaxMessagesCount, int? MaxAwaitDurationMs);
}
