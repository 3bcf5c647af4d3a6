using Dapr.AppCallback.Autogen.Grpc.v1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Tarasol.Sidecar.Invocation;
using Tarasol.Sidecar.PubSub.Routing;

namespace Tarasol.Sidecar.PubSub;

/// <summary>What a gRPC app answers to ListTopicSubscriptions (wire: 6.2).</summary>
internal static class GrpcSubscriptions
{
    /// <summary>An app without the method has no programmatic subscriptions. Throws <see cref="RpcException"/> when the app cannot be asked.</summary>
    public static async Task<IReadOnlyList<Subscription>> AskAsync(GrpcAppChannel channel, string appId, CancellationToken cancel)
    {
        try
        {
            var (answer, _) = await channel.CallAsync(AppCallbacks.ListTopicSubscriptions, new Empty(), null, cancel);
            return [.. answer.Subscriptions.Select(one => Read(one, appId))];
        }
        catch (RpcException failure) when (failure.StatusCode == StatusCode.Unimplemented)
        {
            return [];
        }
    }

    private static Subscription Read(TopicSubscription one, string appId)
    {
        var rules = new List<RoutingRule>();
        foreach (var rule in one.Routes?.Rules ?? [])
        {
            try
            {
                rules.Add(RoutingRule.Create(rule.Match, rule.Path));
            }
            catch (CelException wrong)
            {
                throw new InvalidOperationException($"the answer of {appId} to ListTopicSubscriptions has a rule that cannot be read, topic {one.Topic}: {wrong.Message}", wrong);
            }
        }
        // A gRPC app has one method for all events, and so needs no route.
        if (one.Routes?.Default is { Length: > 0 } || rules.Count == 0)
            rules.Add(new RoutingRule(null, one.Routes?.Default ?? ""));
        return new Subscription(
            one.PubsubName, one.Topic, new Dictionary<string, string>(one.Metadata), rules, one.DeadLetterTopic is { Length: > 0 } dead ? dead : null,
            one.BulkSubscribe is { Enabled: true } bulk ? BulkSubscribe.Of(bulk.MaxMessagesCount, bulk.MaxAwaitDurationMs) : null, SubscriptionSource.Programmatic);
    }
}
