using Google.Protobuf;
using Grpc.AspNetCore.Server.Model;
using Grpc.Core;

namespace Tarasol.Sidecar.Hosting;

/// <summary>The service class that ASP.NET Core gRPC wants for dapr.proto.runtime.v1.Dapr; all methods live in the building blocks.</summary>
internal sealed class DaprService;

/// <summary>Binds methods of dapr.proto.runtime.v1.Dapr from the message types of Dapr.Protos, which has no server half of that service.</summary>
internal sealed class DaprMethods(ServiceMethodProviderContext<DaprService> context)
{
    public const string ServiceName = "dapr.proto.runtime.v1.Dapr";

    public void Unary<TRequest, TResponse>(string name, Func<AppRuntime, TRequest, ServerCallContext, Task<TResponse>> handle)
        where TRequest : class, IMessage<TRequest>, new()
        where TResponse : class, IMessage<TResponse>, new() =>
        context.AddUnaryMethod(Define<TRequest, TResponse>(MethodType.Unary, name), [], (_, request, call) => handle(call.GetHttpContext().App(), request, call));

    public void ServerStream<TRequest, TResponse>(string name, Func<AppRuntime, TRequest, IServerStreamWriter<TResponse>, ServerCallContext, Task> handle)
        where TRequest : class, IMessage<TRequest>, new()
        where TResponse : class, IMessage<TResponse>, new() =>
        context.AddServerStreamingMethod(Define<TRequest, TResponse>(MethodType.ServerStreaming, name), [],
            (_, request, answers, call) => handle(call.GetHttpContext().App(), request, answers, call));

    public void Duplex<TRequest, TResponse>(string name, Func<AppRuntime, IAsyncStreamReader<TRequest>, IServerStreamWriter<TResponse>, ServerCallContext, Task> handle)
        where TRequest : class, IMessage<TRequest>, new()
        where TResponse : class, IMessage<TResponse>, new() =>
        context.AddDuplexStreamingMethod(Define<TRequest, TResponse>(MethodType.DuplexStreaming, name), [],
            (_, requests, answers, call) => handle(call.GetHttpContext().App(), requests, answers, call));

    private static Method<TRequest, TResponse> Define<TRequest, TResponse>(MethodType type, string name)
        where TRequest : class, IMessage<TRequest>, new()
        where TResponse : class, IMessage<TResponse>, new() =>
        ProtoMethods.Define<TRequest, TResponse>(type, ServiceName, name);
}
