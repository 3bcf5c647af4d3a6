using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Tarasol.Sidecar.Hosting;

namespace Tarasol.Sidecar.Workflows;

/// <summary>The workflow routes of the HTTP API, the same in all three versions. The component in the path is not looked at, as in daprd.</summary>
internal static class WorkflowHttp
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        foreach (var version in (string[])["v1.0", "v1.0-beta1", "v1.0-alpha1"])
        {
            var root = $"/{version}/workflows/{{component}}";
            routes.MapPost(root + "/{name}/start", StartAsync);
            routes.MapGet(root + "/{id}", GetAsync);
            routes.MapPost(root + "/{id}/raiseEvent/{eventName}", RaiseEventAsync);
            routes.MapPost(root + "/{id}/pause", (HttpContext context, string id, WorkflowApi api) => AcceptAsync(context, api.PauseAsync(context.App(), id, context.RequestAborted)));
            routes.MapPost(root + "/{id}/resume", (HttpContext context, string id, WorkflowApi api) => AcceptAsync(context, api.ResumeAsync(context.App(), id, context.RequestAborted)));
            routes.MapPost(root + "/{id}/terminate", (HttpContext context, string id, WorkflowApi api) => AcceptAsync(context, api.TerminateAsync(context.App(), id, context.RequestAborted)));
            routes.MapPost(root + "/{id}/purge", (HttpContext context, string id, WorkflowApi api) => AcceptAsync(context, api.PurgeAsync(context.App(), id, context.RequestAborted)));
        }
    }

    private static async Task StartAsync(HttpContext context, string name, WorkflowApi api)
    {
        var request = new StartWorkflowRequest
        {
            WorkflowName = name,
            InstanceId = context.Request.Query["instanceID"].ToString(),
            Input = await ByteString.FromStreamAsync(context.Request.Body, context.RequestAborted),
        };
        var id = await api.StartAsync(context.App(), request, context.RequestAborted);
        await WriteAsync(context, StatusCodes.Status202Accepted, new JsonObject { ["instanceID"] = id });
    }

    private static async Task GetAsync(HttpContext context, string id, WorkflowApi api)
    {
        var found = await api.GetAsync(context.App(), id, context.RequestAborted) ?? throw WorkflowApi.NotFound(id);
        var properties = new JsonObject();
        foreach (var (key, value) in found.Properties)
        {
            properties[key] = value;
        }

        await WriteAsync(context, StatusCodes.Status200OK, new JsonObject
        {
            ["instanceID"] = found.InstanceId,
            ["workflowName"] = found.WorkflowName,
            ["createdAt"] = Rfc3339(found.CreatedAt),
            ["lastUpdatedAt"] = Rfc3339(found.LastUpdatedAt),
            ["runtimeStatus"] = found.RuntimeStatus,
            ["properties"] = properties,
        });
    }

    private static async Task RaiseEventAsync(HttpContext context, string id, string eventName, WorkflowApi api)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        await AcceptAsync(context, api.RaiseEventAsync(context.App(), id, eventName, Encoding.UTF8.GetString(body.GetBuffer().AsSpan(0, (int)body.Length)), context.RequestAborted));
    }

    private static async Task AcceptAsync(HttpContext context, Task done)
    {
        await done;
        await WriteAsync(context, StatusCodes.Status202Accepted, []);
    }

    private static string Rfc3339(Timestamp? time) => (time?.ToDateTime() ?? default).ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);

    private static async Task WriteAsync(HttpContext context, int status, JsonObject body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        using var json = new MemoryStream();
        await using (var writer = new Utf8JsonWriter(json, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            body.WriteTo(writer);
        }

        await context.Response.Body.WriteAsync(json.GetBuffer().AsMemory(0, (int)json.Length), context.RequestAborted);
    }
}
