using System.Text;
using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf;
using Grpc.Core;
using Tarasol.Sidecar.Hosting;

namespace Tarasol.Sidecar.Locks;

/// <summary>The distributed lock, over HTTP and gRPC. The HTTP bodies are the gRPC messages as JSON.</summary>
internal static class LockBlock
{
    private static readonly JsonParser Bodies = new(JsonParser.Settings.Default.WithIgnoreUnknownFields(true));

    public static void AddServices(IServiceCollection services) => services.AddSingleton<LockApi>();

    public static void MapHttp(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/v1.0-alpha1/lock/{store}", async (HttpContext context, string store, LockApi locks) =>
        {
            var request = await ReadAsync<TryLockRequest>(context.Request);
            var success = await locks.TryLockAsync(context.App(), store, request.ResourceId, request.LockOwner, request.ExpiryInSeconds, context.RequestAborted);
            await context.Response.DataAsync(success ? "{\"success\":true}"u8.ToArray() : "{\"success\":false}"u8.ToArray());
        });
        routes.MapPost("/v1.0-alpha1/unlock/{store}", async (HttpContext context, string store, LockApi locks) =>
        {
            var request = await ReadAsync<UnlockRequest>(context.Request);
            var status = await locks.UnlockAsync(context.App(), store, request.ResourceId, request.LockOwner, context.RequestAborted);
            await context.Response.DataAsync(Encoding.UTF8.GetBytes($$"""{"status":{{(int)status}}}"""));
        });
    }

    public static void BindGrpc(DaprMethods methods)
    {
        methods.Unary<TryLockRequest, TryLockResponse>("TryLockAlpha1", async (app, request, call) => new TryLockResponse
        {
            Success = await Api(call).TryLockAsync(app, request.StoreName, request.ResourceId, request.LockOwner, request.ExpiryInSeconds, call.CancellationToken),
        });
        methods.Unary<UnlockRequest, UnlockResponse>("UnlockAlpha1", async (app, request, call) => new UnlockResponse
        {
            Status = (UnlockResponse.Types.Status)await Api(call).UnlockAsync(app, request.StoreName, request.ResourceId, request.LockOwner, call.CancellationToken),
        });
    }

    private static LockApi Api(ServerCallContext call) => call.GetHttpContext().RequestServices.GetRequiredService<LockApi>();

    private static async Task<T> ReadAsync<T>(HttpRequest request) where T : IMessage, new()
    {
        var body = await request.BodyAsync();
        try
        {
            return body.Length == 0 ? new T() : Bodies.Parse<T>(Encoding.UTF8.GetString(body));
        }
        catch (Exception wrong) when (wrong is InvalidJsonException or InvalidProtocolBufferException)
        {
            throw DaprException.Malformed(wrong.Message);
        }
    }
}
