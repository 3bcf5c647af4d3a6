using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Tarasol.Sidecar.Hosting;
using Tarasol.Sidecar.Invocation;
using Tarasol.Sidecar.Placement;
using Tarasol.Sidecar.Scheduling;

namespace Tarasol.Sidecar.Actors;

/// <summary>
/// Actors in other processes. Between sidecar hosts, below <see cref="HostProtocol.Root"/>:
/// <code>
/// GET  {app}/actors/types                          200 ["type", ...]: what the app hosts now
/// POST {app}/actors/invoke?type=&amp;id=&amp;method=&amp;caller=   body and headers of the call; 200: the app's answer, 410: not hosted here (any more), otherwise Dapr's error body
/// </code>
/// A host that shares the app with another one, which has its actors, passes the call on to it once (<c>passed=1</c>).
/// </summary>
internal sealed class ActorPeers(IPeers peers, AppPlacement placement, TimeProvider time, ILogger<ActorPeers> log) : IDisposable
{
    private static readonly TimeSpan FreshFor = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan AskAgainAfter = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(2);

    /// <summary>Headers of the call travel as these, so that none of HTTP's own meaning touches them.</summary>
    private const string CallHeader = "X-Actor-Call-";
    private const string QueryHeader = "X-Actor-Query";

    private readonly SemaphoreSlim _asking = new(1);
    private volatile Known _known = new(new Dictionary<string, string>(), DateTimeOffset.MinValue);

    public void Dispose() => _asking.Dispose();

    /// <summary>The app-id of a peer that hosts the type, or null. Answers are kept for seconds.</summary>
    /// <param name="actorType">The type.</param>
    /// <param name="hostedHere">The caller has a host of its own, so that it need not hear of a peer's at once.</param>
    /// <param name="cancel">Ends the asking.</param>
    public async Task<string?> FindAsync(string actorType, bool hostedHere, CancellationToken cancel)
    {
        if (Fresh(actorType, hostedHere) is { } known)
            return known.Types.GetValueOrDefault(actorType);
        await _asking.WaitAsync(cancel);
        try
        {
            return (Fresh(actorType, hostedHere) ?? (_known = await AskAllAsync(cancel))).Types.GetValueOrDefault(actorType);
        }
        finally
        {
            _asking.Release();
        }
    }

    /// <exception cref="ActorMovedException">The peer is gone or does not host the type any more.</exception>
    /// <exception cref="DaprException">The call failed at the peer.</exception>
    public async Task<ActorAnswer> InvokeAsync(string peer, string callerAppId, ActorRef actor, ActorCall call, CancellationToken cancel)
    {
        using var request = Request(callerAppId, actor, call, "");
        return await SendAsync(() => peers.CallSidecarAsync(peer, request, cancel), $"the sidecar of {peer}", actor, cancel);
    }

    /// <summary>In the host that has the actors of an app which is here too.</summary>
    /// <exception cref="ActorMovedException">It is gone or does not have them any more.</exception>
    /// <exception cref="DaprException">The call failed there.</exception>
    public async Task<ActorAnswer> InvokeAtAsync(HostRecord host, AppRuntime app, string callerAppId, ActorRef actor, ActorCall call, CancellationToken cancel)
    {
        using var request = Request(callerAppId, actor, call, "&passed=1");
        try
        {
            return await SendAsync(async () =>
            {
                var response = await peers.CallSidecarAtAsync(host.Address, app.AppId, request, cancel);
                return response.StatusCode == HttpStatusCode.Unauthorized ? throw ActorErrors.Invoke(PlacedAgenda.Closed(app.AppId, host)) : response;
            }, $"the host of {app.AppId} ({host})", actor, cancel);
        }
        catch (ActorMovedException)
        {
            placement.Forget(app);
            throw;
        }
    }

    private async Task<ActorAnswer> SendAsync(Func<Task<HttpResponseMessage>> send, string where, ActorRef actor, CancellationToken cancel)
    {
        try
        {
            using var response = await send();
            if (response.StatusCode == HttpStatusCode.OK)
                return await AnswerAsync(response, cancel);
            if (response.StatusCode == HttpStatusCode.Gone)
                throw Moved();
            var body = await response.Content.ReadAsStringAsync(cancel);
            throw ActorErrors.Invoke($"rpc error: code = Internal desc = {MessageOf(body)}");
        }
        catch (Exception e) when (e is AppNotFoundException or HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError })
        {
            log.LogInformation("{Where}, host of actor type {Type}, cannot be reached: {Problem}", where, actor.Type, e.Message);
            throw Moved();
        }
        catch (HttpRequestException e)
        {
            throw ActorErrors.Invoke($"{where} could not be reached: {e.Message}");
        }
    }

    private static HttpRequestMessage Request(string callerAppId, ActorRef actor, ActorCall call, string more)
    {
        var path = $"actors/invoke?type={Uri.EscapeDataString(actor.Type)}&id={Uri.EscapeDataString(actor.Id)}&method={Uri.EscapeDataString(call.Method)}&caller={Uri.EscapeDataString(callerAppId)}{more}";
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(path, UriKind.Relative)) { Content = new ReadOnlyMemoryContent(call.Body) };
        if (call.ContentType is not null)
            request.Content.Headers.TryAddWithoutValidation("Content-Type", call.ContentType);
        request.Headers.TryAddWithoutValidation(QueryHeader, call.Query);
        foreach (var (name, value) in call.Headers)
            request.Headers.TryAddWithoutValidation(CallHeader + name, value);
        return request;
    }

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(HostProtocol.Route("actors/types"), (string app, AppDirectory apps, ActorHosting hosting) =>
            apps.Find(app) is { } runtime ? Results.Json(hosting.Of(runtime).Types.Keys) : Results.StatusCode(410));
        routes.MapPost(HostProtocol.Route("actors/invoke"), async (
            HttpContext context, string app, string type, string id, string method, string caller, string? passed, AppDirectory apps, ActorHosting hosting, AppPlacement placement, ActorPeers peers) =>
        {
            try
            {
                var host = apps.Find(app) is { ActorStateStore: not null } runtime ? hosting.Of(runtime) : throw new ActorMovedException();
                var (actor, call, cancel) = (new ActorRef(type, id), await ReadCallAsync(context.Request, method), context.RequestAborted);
                var owner = await placement.OwnerAsync(host.App, cancel);
                await ActorEndpoints.WriteAsync(context.Response,
                    owner is null ? await host.InvokeAsync(actor, call, caller, cancel)
                    : passed is null ? await peers.InvokeAtAsync(owner, host.App, caller, actor, call, cancel)
                    : throw new ActorMovedException());
            }
            catch (ActorMovedException)
            {
                context.Response.StatusCode = 410;
            }
        });
    }

    private static async Task<ActorCall> ReadCallAsync(HttpRequest request, string method)
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body, request.HttpContext.RequestAborted);
        var headers = request.Headers.Where(header => header.Key.StartsWith(CallHeader, StringComparison.OrdinalIgnoreCase))
            .SelectMany(header => header.Value, (header, value) => KeyValuePair.Create(header.Key[CallHeader.Length..], value ?? ""));
        return new ActorCall(method, body.ToArray(), request.ContentType, [.. headers], request.Headers[QueryHeader].ToString());
    }

    private static async Task<ActorAnswer> AnswerAsync(HttpResponseMessage response, CancellationToken cancel)
    {
        var headers = response.Headers.Concat(response.Content.Headers)
            .Where(header => ActorCall.IsForwarded(header.Key) && header.Key is not ("Date" or "Server"))
            .SelectMany(header => header.Value, (header, value) => KeyValuePair.Create(header.Key, value));
        return new ActorAnswer([.. headers], response.Content.Headers.ContentType?.ToString(), await response.Content.ReadAsByteArrayAsync(cancel));
    }

    private Known? Fresh(string actorType, bool hostedHere)
    {
        var known = _known;
        var age = time.GetUtcNow() - known.At;
        return age < (hostedHere || known.Types.ContainsKey(actorType) ? FreshFor : AskAgainAfter) ? known : null;
    }

    private ActorMovedException Moved()
    {
        _known = new Known(new Dictionary<string, string>(), DateTimeOffset.MinValue);
        return new ActorMovedException();
    }

    private async Task<Known> AskAllAsync(CancellationToken cancel)
    {
        var apps = await peers.ListAsync(cancel);
        var answers = await Task.WhenAll(apps.Select(app => AskAsync(app, cancel)));
        var types = new Dictionary<string, string>();
        foreach (var (app, hosted) in apps.Zip(answers).OrderBy(answer => answer.First, StringComparer.Ordinal))
        {
            foreach (var type in hosted)
                types.TryAdd(type, app);
        }
        return new Known(types, time.GetUtcNow());
    }

    private async Task<IReadOnlyList<string>> AskAsync(string app, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(AnswerWithin);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("actors/types", UriKind.Relative));
            using var response = await peers.CallSidecarAsync(app, request, limit.Token);
            return response.StatusCode == HttpStatusCode.OK ? await response.Content.ReadFromJsonAsync<string[]>(limit.Token) ?? [] : [];
        }
        catch (Exception e) when (e is AppNotFoundException or HttpRequestException or JsonException || (e is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            log.LogDebug("The sidecar of {App} did not say which actor types it hosts: {Problem}", app, e.Message);
            return [];
        }
    }

    private static string MessageOf(string body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            return json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("message", out var message) ? message.GetString() ?? body : body;
        }
        catch (JsonException)
        {
            return body;
        }
    }

    private sealed record Known(IReadOnlyDictionary<string, string> Types, DateTimeOffset At);
}
