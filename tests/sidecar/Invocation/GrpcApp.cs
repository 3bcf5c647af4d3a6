using System.Collections.Concurrent;
using Dapr.AppCallback.Autogen.Grpc.v1;
using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Tarasol.Sidecar.Hosting;
using Tarasol.Tests.Sidecar.Hosting;
using Status = Grpc.Core.Status;

namespace Tarasol.Tests.Sidecar.Invocation;

/// <summary>An app that speaks gRPC: Dapr's callbacks, and a service of its own that echoes.</summary>
internal sealed class GrpcApp
{
    public static readonly Method<byte[], byte[]> Echo = Define(MethodType.Unary, "Echo");

    public static readonly Method<byte[], byte[]> Stream = Define(MethodType.DuplexStreaming, "Stream");

    public static readonly Method<byte[], byte[]> Fail = Define(MethodType.Unary, "Fail");

    public ListTopicSubscriptionsResponse Subscriptions { get; set; } = new();

    public List<string> Bindings { get; } = [];

    public ConcurrentQueue<IMessage> Received { get; } = new();

    public ConcurrentQueue<Grpc.Core.Metadata> Headers { get; } = new();

    /// <summary>Verdict on the n-th event.</summary>
    public Func<TopicEventRequest, int, TopicEventResponse.Types.TopicEventResponseStatus>? Answer { get; set; }

    public bool Bulk { get; set; } = true;

    public bool Healthy { get; set; } = true;

    public TestApp At(string appId, Func<AppOptions, AppOptions>? options = null) => new(appId, app =>
    {
        app.MapGrpcService<Callbacks>();
        app.MapGrpcService<Health>();
        app.MapPost("/tests.Echo/{method}", EchoAsync);
    }, given => (options ?? (same => same))(given with { AppProtocol = "grpc" }), builder =>
    {
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(this);
    })
    { Protocols = HttpProtocols.Http2 };

    private static Method<byte[], byte[]> Define(MethodType type, string name) =>
        new(type, "tests.Echo", name, Marshallers.Create<byte[]>(bytes => bytes, bytes => bytes), Marshallers.Create<byte[]>(bytes => bytes, bytes => bytes));

    /// <summary>Frames go back as they came, one by one; Fail ends with a status.</summary>
    private async Task EchoAsync(HttpContext context, string method)
    {
        Headers.Enqueue(Read(context.Request.Headers));
        context.Response.ContentType = "application/grpc";
        context.Response.Headers["x-answered-by"] = "echo";
        if (method == "Fail")
        {
            context.Response.AppendTrailer("grpc-status", $"{(int)StatusCode.NotFound}");
            context.Response.AppendTrailer("grpc-message", "no%20such%20letter");
            return;
        }
        await context.Response.Body.FlushAsync();
        var buffer = new byte[4096];
        int length;
        while ((length = await context.Request.Body.ReadAsync(buffer)) > 0)
        {
            await context.Response.Body.WriteAsync(buffer.AsMemory(0, length));
            await context.Response.Body.FlushAsync();
        }
        context.Response.AppendTrailer("grpc-status", "0");
        context.Response.AppendTrailer("x-trailer", "goodbye");
    }

    private static Grpc.Core.Metadata Read(IHeaderDictionary headers)
    {
        var read = new Grpc.Core.Metadata();
        foreach (var (name, value) in headers.Where(header => !header.Key.StartsWith(':')))
        {
            if (name.EndsWith("-bin", StringComparison.OrdinalIgnoreCase))
                read.Add(name, Convert.FromBase64String(value.ToString().PadRight((value.ToString().Length + 3) / 4 * 4, '=')));
            else
                read.Add(name, value.ToString());
        }
        return read;
    }

    private sealed class Callbacks(GrpcApp app) : AppCallback.AppCallbackBase
    {
        public override Task<InvokeResponse> OnInvoke(InvokeRequest request, ServerCallContext context)
        {
            app.Received.Enqueue(request);
            app.Headers.Enqueue(context.RequestHeaders);
            if (request.Method == "missing")
                throw new RpcException(new Status(StatusCode.NotFound, "no such letter"));
            if (request.Method == "detailed")
                throw GrpcErrors.Rpc(StatusCode.FailedPrecondition, "sealed", [new ErrorInfo { Reason = "SEALED", Domain = "letters" }]);
            return Task.FromResult(new InvokeResponse { Data = request.Data, ContentType = request.ContentType });
        }

        public override Task<ListTopicSubscriptionsResponse> ListTopicSubscriptions(Empty request, ServerCallContext context) => Task.FromResult(app.Subscriptions);

        public override Task<TopicEventResponse> OnTopicEvent(TopicEventRequest request, ServerCallContext context)
        {
            int count;
            lock (app.Received)
            {
                app.Received.Enqueue(request);
                app.Headers.Enqueue(context.RequestHeaders);
                count = app.Received.OfType<TopicEventRequest>().Count();
            }
            return Task.FromResult(new TopicEventResponse { Status = app.Answer?.Invoke(request, count) ?? TopicEventResponse.Types.TopicEventResponseStatus.Success });
        }

        public override Task<TopicEventBulkResponse> OnBulkTopicEvent(TopicEventBulkRequest request, ServerCallContext context)
        {
            if (!app.Bulk)
                throw new RpcException(new Status(StatusCode.Unimplemented, "not here"));
            app.Received.Enqueue(request);
            return Task.FromResult(new TopicEventBulkResponse
            {
                Statuses = { request.Entries.Select(entry => new TopicEventBulkResponseEntry { EntryId = entry.EntryId, Status = TopicEventResponse.Types.TopicEventResponseStatus.Success }) },
            });
        }

        public override Task<ListInputBindingsResponse> ListInputBindings(Empty request, ServerCallContext context) => Task.FromResult(new ListInputBindingsResponse { Bindings = { app.Bindings } });

        public override Task<BindingEventResponse> OnBindingEvent(BindingEventRequest request, ServerCallContext context)
        {
            app.Received.Enqueue(request);
            return Task.FromResult(new BindingEventResponse { StoreName = "memory", States = { new StateItem { Key = "from-binding", Value = ByteString.CopyFromUtf8("1") } } });
        }

        public override Task<JobEventResponse> OnJobEvent(JobEventRequest request, ServerCallContext context)
        {
            app.Received.Enqueue(request);
            return Task.FromResult(new JobEventResponse());
        }
    }

    private sealed class Health(GrpcApp app) : AppCallbackHealthCheck.AppCallbackHealthCheckBase
    {
        public override Task<HealthCheckResponse> HealthCheck(Empty request, ServerCallContext context) =>
            app.Healthy ? Task.FromResult(new HealthCheckResponse()) : throw new RpcException(new Status(StatusCode.Unavailable, "not well"));
    }
}
