using System.Text.Json;
using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf;
using Grpc.Core;
using Tarasol.Sidecar.Hosting;

namespace Tarasol.Sidecar.Bindings;

/// <summary>Input and output bindings.</summary>
internal static class BindingsBlock
{
    public static void AddServices(IServiceCollection services)
    {
        services.AddSingleton<BindingsApi>();
        services.AddSingleton<IAppPart, AppBindings>();
    }

    public static void MapHttp(IEndpointRouteBuilder routes) => routes.MapMethods("/v1.0/bindings/{name}", ["POST", "PUT"], InvokeHttpAsync);

    public static void BindGrpc(DaprMethods methods) => methods.Unary<InvokeBindingRequest, InvokeBindingResponse>("InvokeBinding", InvokeGrpcAsync);

    private static async Task InvokeHttpAsync(HttpContext context, string name, BindingsApi bindings)
    {
        string operation;
        byte[] data;
        Dictionary<string, string> metadata;
        try
        {
            var body = GoJson.Decode(await context.Request.BodyAsync(), JsonValueKind.Object, "http.OutputBindingRequest");
            operation = body.Text("operation", "OutputBindingRequest") ?? "";
            data = body.Member("data") is { } given ? GoJson.Encode(given) : "null"u8.ToArray();
            metadata = body.Texts("metadata", "OutputBindingRequest");
        }
        catch (GoJsonException wrong)
        {
            throw DaprException.Malformed(wrong.Message);
        }
        try
        {
            AddTrace(metadata);
            var result = await bindings.InvokeAsync(context.App(), name, operation, data, metadata, context.RequestAborted);
            if (result is null)
            {
                await context.Response.NoContentAsync();
                return;
            }
            AddHeaders(context, result.Metadata);
            await context.Response.DataAsync(result.Data);
        }
        catch (BindingException failure)
        {
            AddHeaders(context, failure.Metadata);
            throw Failed(name, failure.Message);
        }
    }

    private static async Task<InvokeBindingResponse> InvokeGrpcAsync(AppRuntime app, InvokeBindingRequest request, ServerCallContext call)
    {
        var metadata = new Dictionary<string, string>(request.Metadata);
        AddTrace(metadata);
        var bindings = call.GetHttpContext().RequestServices.GetRequiredService<BindingsApi>();
        try
        {
            var response = new InvokeBindingResponse();
            if (await bindings.InvokeAsync(app, request.Name, request.Operation, request.Data.Memory, metadata, call.CancellationToken) is not { } result)
                return response;
            response.Data = ByteString.CopyFrom(result.Data.Span);
            response.Metadata.Add(result.Metadata.ToDictionary());
            return response;
        }
        catch (BindingException failure)
        {
            throw Failed(request.Name, failure.Message);
        }
    }

    private static DaprException Failed(string name, string problem) =>
        new("ERR_INVOKE_OUTPUT_BINDING", StatusCodes.Status500InternalServerError, StatusCode.Internal, $"error invoking output binding {name}: {problem}");

    private static void AddTrace(Dictionary<string, string> metadata)
    {
        if (TraceContext.Current is not { } trace)
            return;
        metadata["traceparent"] = trace.TraceParent;
        if (trace.TraceState is not null)
            metadata["tracestate"] = trace.TraceState;
        if (trace.Baggage is not null)
            metadata["baggage"] = trace.Baggage;
    }

    private static void AddHeaders(HttpContext context, IReadOnlyDictionary<string, string> metadata)
    {
        foreach (var (key, value) in metadata)
            context.Response.Headers[$"metadata.{key}"] = value;
    }
}
