using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Tarasol.Sidecar.Diagnostics;

namespace Tarasol.Sidecar.Hosting;

/// <summary>Turns exceptions of the HTTP API into Dapr's error bodies.</summary>
internal sealed class HttpErrors(RequestDelegate next, ILogger<HttpErrors> log)
{
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            context.Abort();
        }
        catch (Exception failure) when (!context.Response.HasStarted)
        {
            await AnswerAsync(context, failure);
        }
        catch (Exception failure)
        {
            log.LogWarning(failure, "{App}: {Method} {Path} broke off after its headers were sent", context.ApiPort().App?.AppId, context.Request.Method, context.Request.Path);
            context.Abort();
        }
    }

    private Task AnswerAsync(HttpContext context, Exception failure)
    {
        if (failure is DaprException known)
            return WriteAsync(context, known.HttpStatus, known.ErrorCode, known.Message, known);
        if (failure.TooLarge() is { } tooLarge)
            return WriteAsync(context, StatusCodes.Status413PayloadTooLarge, "ERR_BODY_READ", $"failed to read request body: {tooLarge.Message}");
        if (failure is BadHttpRequestException bad)
            return WriteAsync(context, bad.StatusCode, "ERR_BAD_REQUEST", $"invalid request: {bad.Message}");
        log.LogError(failure, "{App}: {Method} {Path} failed", context.ApiPort().App?.AppId, context.Request.Method, context.Request.Path);
        return WriteAsync(context, StatusCodes.Status500InternalServerError, "ERR_INTERNAL", "internal error");
    }

    private static async Task WriteAsync(HttpContext context, int status, string code, string message, DaprException? known = null)
    {
        // Only what the failed handler set for its success goes; the trace header and metadata of a binding's answer stay.
        context.Response.Headers.ContentLength = null;
        context.Response.Headers.ContentType = "application/json";
        context.Response.StatusCode = status;
        using var body = new MemoryStream();
        using (var json = new Utf8JsonWriter(body, GoJson.WriterOptions))
        {
            json.WriteStartObject();
            json.WriteString("errorCode", code);
            json.WriteString("message", message);
            if (known is { Info: not null } or { Resource: not null } or { Violation: not null })
                WriteDetails(json, known);
            json.WriteEndObject();
        }
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body.GetBuffer().AsMemory(0, (int)body.Length), context.RequestAborted);
    }

    private static void WriteDetails(Utf8JsonWriter json, DaprException known)
    {
        json.WriteStartArray("details");
        if (known.Violation is { } violation)
        {
            json.WriteStartObject();
            json.WriteString("@type", "type.googleapis.com/google.rpc.BadRequest");
            json.WriteStartArray("field_violations");
            json.WriteStartObject();
            json.WriteString("field", violation.Field);
            json.WriteString("description", violation.Description);
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
        }
        if (known.Resource is { } resource)
        {
            json.WriteStartObject();
            json.WriteString("@type", "type.googleapis.com/google.rpc.ResourceInfo");
            json.WriteString("resource_type", resource.Type);
            json.WriteString("resource_name", resource.Name);
            json.WriteString("owner", "");
            json.WriteString("description", "");
            json.WriteEndObject();
        }
        if (known.Info is { } info)
        {
            json.WriteStartObject();
            json.WriteString("@type", "type.googleapis.com/google.rpc.ErrorInfo");
            json.WriteString("reason", info.Reason);
            json.WriteString("domain", "dapr.io");
            json.WritePropertyName("metadata");
            JsonSerializer.Serialize(json, info.Metadata);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }
}

/// <summary>Turns exceptions of the gRPC API into statuses with google.rpc.Status details.</summary>
internal sealed class GrpcErrors(SidecarMetrics metrics, ILogger<GrpcErrors> log) : Interceptor
{
    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        var started = metrics.Now;
        try
        {
            var response = await continuation(request, context);
            Count(context, StatusCode.OK, started);
            return response;
        }
        catch (RpcException failure)
        {
            Count(context, failure.StatusCode, started);
            throw;
        }
        catch (Exception failure)
        {
            var translated = Translate(failure, context);
            Count(context, translated.StatusCode, started);
            throw translated;
        }
    }

    public override async Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request, IServerStreamWriter<TResponse> answers, ServerCallContext context, ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            await continuation(request, answers, context);
        }
        catch (Exception failure) when (failure is not RpcException)
        {
            throw Translate(failure, context);
        }
    }

    public override async Task DuplexStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requests, IServerStreamWriter<TResponse> answers, ServerCallContext context, DuplexStreamingServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            await continuation(requests, answers, context);
        }
        catch (Exception failure) when (failure is not RpcException)
        {
            throw Translate(failure, context);
        }
    }

    private void Count(ServerCallContext context, StatusCode status, long started)
    {
        if (metrics.Enabled && context.GetHttpContext().ApiPort().App is { } app)
            metrics.GrpcServed(app.AppId, context.Method, status, started);
    }

    private RpcException Translate(Exception failure, ServerCallContext context)
    {
        if (failure is DaprException known)
            return ToRpc(known);
        if (failure is OperationCanceledException && context.CancellationToken.IsCancellationRequested)
            return new RpcException(new Grpc.Core.Status(StatusCode.Cancelled, "the caller went away"));
        if (failure is IOException or InvalidOperationException && context.CancellationToken.IsCancellationRequested)
            return new RpcException(new Grpc.Core.Status(StatusCode.Cancelled, "the caller went away"));
        log.LogError(failure, "{App}: {Method} failed", context.GetHttpContext().ApiPort().App?.AppId, context.Method);
        return new RpcException(new Grpc.Core.Status(StatusCode.Internal, "internal error"));
    }

    private static RpcException ToRpc(DaprException known)
    {
        var info = new ErrorInfo { Reason = known.Info?.Reason ?? known.ErrorCode, Domain = "dapr.io" };
        foreach (var (key, value) in known.Info?.Metadata ?? new Dictionary<string, string>())
            info.Metadata[key] = value;
        List<IMessage> details = [info];
        if (known.Resource is { } resource)
            details.Add(new ResourceInfo { ResourceType = resource.Type, ResourceName = resource.Name });
        if (known.Violation is { } violation)
            details.Add(new BadRequest { FieldViolations = { new BadRequest.Types.FieldViolation { Field = violation.Field, Description = violation.Description } } });
        return Rpc(known.GrpcStatus, known.Message, details);
    }

    /// <summary>A gRPC error with google.rpc details in its trailers.</summary>
    public static RpcException Rpc(StatusCode code, string message, IEnumerable<IMessage> details) => Rpc(code, message, details.Select(Any.Pack));

    public static RpcException Rpc(StatusCode code, string message, IEnumerable<Any> details)
    {
        var status = new Google.Rpc.Status { Code = (int)code, Message = message, Details = { details } };
        return new RpcException(new Grpc.Core.Status(code, message), new Grpc.Core.Metadata { { "grpc-status-details-bin", status.ToByteArray() } });
    }
}

internal static class TooLargeExtensions
{
    /// <summary>The body limit's own exception, also when a call that was passing the body on wraps it.</summary>
    public static BadHttpRequestException? TooLarge(this Exception failure)
    {
        for (var inner = failure; inner is not null; inner = inner.InnerException)
        {
            if (inner is BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } tooLarge)
                return tooLarge;
        }
        return null;
    }
}
