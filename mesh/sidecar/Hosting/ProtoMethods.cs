using Google.Protobuf;
using Grpc.Core;

namespace Tarasol.Sidecar.Hosting;

/// <summary>gRPC methods made of message types alone, for services of which Dapr.Protos has no client or no server half.</summary>
internal static class ProtoMethods
{
    public static Method<TRequest, TResponse> Define<TRequest, TResponse>(MethodType type, string service, string name)
        where TRequest : class, IMessage<TRequest>, new()
        where TResponse : class, IMessage<TResponse>, new() =>
        new(type, service, name, Marshal<TRequest>.Marshaller, Marshal<TResponse>.Marshaller);

    private static class Marshal<T> where T : class, IMessage<T>, new()
    {
        private static readonly MessageParser<T> Parser = new(() => new T());

        public static readonly Marshaller<T> Marshaller = new(
            (message, context) =>
            {
                context.SetPayloadLength(message.CalculateSize());
                message.WriteTo(context.GetBufferWriter());
                context.Complete();
            },
            context => Parser.ParseFrom(context.PayloadAsReadOnlySequence()));
    }
}
