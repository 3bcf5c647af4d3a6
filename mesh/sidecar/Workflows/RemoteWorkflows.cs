using System.Net;
using Google.Protobuf;
using Grpc.Core;
using Tarasol.Sidecar.Invocation;
using Tarasol.Workflow.Protocol;

namespace Tarasol.Sidecar.Workflows;

/// <summary>The workflows of an app that another host process serves, over the hosts' internal port; protobuf messages both ways.</summary>
internal sealed class RemoteWorkflows(string appId, IPeers peers) : IWorkflowPeer
{
    public async Task<Answer<ActivityResponse>?> RunActivityAsync(ActivityRequest request, CancellationToken cancel)
    {
        // As long as the activity takes.
        var (status, body) = await CallAsync("workflows/activity", request, cancel);
        return status == HttpStatusCode.NoContent ? null : new Answer<ActivityResponse>(ActivityResponse.Parser.ParseFrom(body), new TaskCompletionSource());
    }

    public async Task<bool> AddEventAsync(string id, HistoryEvent happened, CancellationToken cancel) =>
        (await CallAsync($"workflows/event?id={Uri.EscapeDataString(id)}", happened, cancel)).Status != HttpStatusCode.NotFound;

    public async Task<string?> StartChildAsync(HistoryEvent start, CancellationToken cancel)
    {
        var (status, body) = await CallAsync("workflows/child", start, cancel);
        return status == HttpStatusCode.Conflict ? System.Text.Encoding.UTF8.GetString(body) : null;
    }

    public async Task<int?> PurgeAsync(string id, bool recursive, bool force, CancellationToken cancel)
    {
        var request = new PurgeInstancesRequest { InstanceId = id, Recursive = recursive, Force = force };
        var (status, body) = await CallAsync("workflows/purge", request, cancel);
        return status switch
        {
            HttpStatusCode.NotFound => null,
            HttpStatusCode.Conflict => throw WorkflowErrors.Unknown(System.Text.Encoding.UTF8.GetString(body)),
            _ => PurgeInstancesResponse.Parser.ParseFrom(body).DeletedInstanceCount,
        };
    }

    public async Task<bool> IsOverAsync(string id, CancellationToken cancel) =>
        (await CallAsync("workflows/over", new GetInstanceRequest { InstanceId = id }, cancel)).Status == HttpStatusCode.OK;

    private async Task<(HttpStatusCode Status, byte[] Body)> CallAsync(string path, IMessage message, CancellationToken cancel)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(path, UriKind.Relative)) { Content = new ByteArrayContent(message.ToByteArray()) };
            using var response = await peers.CallSidecarAsync(appId, request, cancel);
            var body = await response.Content.ReadAsByteArrayAsync(cancel);
            return (int)response.StatusCode < 500 && response.StatusCode != HttpStatusCode.Gone
                ? (response.StatusCode, body)
                : throw new HttpRequestException($"its host answered {(int)response.StatusCode} {System.Text.Encoding.UTF8.GetString(body)}");
        }
        catch (Exception away) when (away is HttpRequestException or AppNotFoundException or AppUnavailableException or IOException)
        {
            throw new WorkflowPeerAwayException(appId, away);
        }
    }
}

/// <summary>The other end of <see cref="RemoteWorkflows"/>.</summary>
internal static class RemoteWorkflowRoutes
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        Post<ActivityRequest>(routes, "activity", async (engine, request, context) =>
        {
            if (await engine.RunActivityAsync(request, context.RequestAborted) is not { } answer)
            {
                context.Response.StatusCode = StatusCodes.Status204NoContent;
                return;
            }

            try
            {
                await WriteAsync(context, answer.Response);
                await context.Response.CompleteAsync();
            }
            finally
            {
                answer.Taken.TrySetResult();
            }
        });
        Post<HistoryEvent>(routes, "event", async (engine, happened, context) =>
            context.Response.StatusCode = await engine.AddEventAsync(context.Request.Query["id"].ToString(), happened, context.RequestAborted) ? 200 : 404);
        Post<HistoryEvent>(routes, "child", async (engine, start, context) =>
        {
            if (await engine.StartChildAsync(start, context.RequestAborted) is { } refused)
            {
                context.Response.StatusCode = StatusCodes.Status409Conflict;
                await context.Response.WriteAsync(refused, context.RequestAborted);
            }
        });
        Post<PurgeInstancesRequest>(routes, "purge", async (engine, request, context) =>
        {
            try
            {
                if (await engine.PurgeAsync(request.InstanceId, request.Recursive, request.Force, context.RequestAborted) is { } count)
                {
                    await WriteAsync(context, new PurgeInstancesResponse { DeletedInstanceCount = count });
                    return;
                }

                context.Response.StatusCode = StatusCodes.Status404NotFound;
            }
            catch (RpcException refused) when (refused.StatusCode == StatusCode.Unknown)
            {
                context.Response.StatusCode = StatusCodes.Status409Conflict;
                await context.Response.WriteAsync(refused.Status.Detail, context.RequestAborted);
            }
        });
        Post<GetInstanceRequest>(routes, "over", async (engine, request, context) =>
            context.Response.StatusCode = await engine.IsOverAsync(request.InstanceId, context.RequestAborted) ? 200 : 409);
    }

    private static void Post<T>(IEndpointRouteBuilder routes, string path, Func<WorkflowEngine, T, HttpContext, Task> serve)
        where T : IMessage<T>, new() => routes.MapPost(HostProtocol.Route($"workflows/{path}"), async (HttpContext context, string app, WorkflowEngines engines) =>
    {
        if (engines.Find(app) is not { } engine)
        {
            context.Response.StatusCode = StatusCodes.Status410Gone;
            return;
        }

        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        await serve(engine, new MessageParser<T>(() => new T()).ParseFrom(body.ToArray()), context);
    });

    private static async Task WriteAsync(HttpContext context, IMessage message)
    {
        var bytes = message.ToByteArray();
        context.Response.ContentLength = bytes.Length;
        await context.Response.Body.WriteAsync(bytes, context.RequestAborted);
    }
}
