using Dapr.AppCallback.Autogen.Grpc.v1;
using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Tarasol.Sidecar.Hosting;

namespace Tarasol.Sidecar.Invocation;

/// <summary>What a gRPC app serves for its sidecar: AppCallback and its companions, of which Dapr.Protos has the server half only.</summary>
internal static class AppCallbacks
{
    private const string Stable = "dapr.proto.runtime.v1.AppCallback";
    private const string Alpha = "dapr.proto.runtime.v1.AppCallbackAlpha";

    public static readonly Method<InvokeRequest, InvokeResponse> OnInvoke = Define<InvokeRequest, InvokeResponse>(Stable, "OnInvoke");

    public static readonly Method<Empty, ListTopicSubscriptionsResponse> ListTopicSubscriptions = Define<Empty, ListTopicSubscriptionsResponse>(Stable, "ListTopicSubscriptions");

    public static readonly Method<TopicEventRequest, TopicEventResponse> OnTopicEvent = Define<TopicEventRequest, TopicEventResponse>(Stable, "OnTopicEvent");

    public static readonly Method<TopicEventBulkRequest, TopicEventBulkResponse> OnBulkTopicEvent = Define<TopicEventBulkRequest, TopicEventBulkResponse>(Stable, "OnBulkTopicEvent");

    public static readonly Method<TopicEventBulkRequest, TopicEventBulkResponse> OnBulkTopicEventAlpha1 = Define<TopicEventBulkRequest, TopicEventBulkResponse>(Alpha, "OnBulkTopicEventAlpha1");

    public static readonly Method<Empty, ListInputBindingsResponse> ListInputBindings = Define<Empty, ListInputBindingsResponse>(Stable, "ListInputBindings");

    public static readonly Method<BindingEventRequest, BindingEventResponse> OnBindingEvent = Define<BindingEventRequest, BindingEventResponse>(Stable, "OnBindingEvent");

    public static readonly Method<JobEventRequest, JobEventResponse> OnJobEvent = Define<JobEventRequest, JobEventResponse>(Stable, "OnJobEvent");

    public static readonly Method<JobEventRequest, JobEventResponse> OnJobEventAlpha1 = Define<JobEventRequest, JobEventResponse>(Alpha, "OnJobEventAlpha1");

    public static readonly Method<Empty, HealthCheckResponse> HealthCheck = Define<Empty, HealthCheckResponse>("dapr.proto.runtime.v1.AppCallbackHealthCheck", "HealthCheck");

    private static Method<TRequest, TResponse> Define<TRequest, TResponse>(string service, string name)
        where TRequest : class, Google.Protobuf.IMessage<TRequest>, new()
        where TResponse : class, Google.Protobuf.IMessage<TResponse>, new() =>
        ProtoMethods.Define<TRequest, TResponse>(MethodType.Unary, service, name);
}
