using Grpc.Core;
using Tarasol.Sidecar.Hosting;

namespace Tarasol.Sidecar.PubSub;

/// <summary>The answers that Dapr defines for publish and subscribe (wire: 4).</summary>
internal static class PubSubErrors
{
    public static DaprException NotFound(string pubsub, IReadOnlyDictionary<string, string> metadata) =>
        Build("ERR_PUBSUB_NOT_FOUND", 404, StatusCode.InvalidArgument, $"pubsub {pubsub} is not found", "NOT_FOUND", new(metadata), null);

    public static DaprException NameEmpty(IReadOnlyDictionary<string, string> metadata) =>
        Build("ERR_PUBSUB_EMPTY", 404, StatusCode.InvalidArgument, "pubsub name is empty", "NAME_EMPTY", new(metadata), "");

    public static DaprException TopicEmpty(string pubsub, IReadOnlyDictionary<string, string> metadata) =>
        Build("ERR_TOPIC_NAME_EMPTY", 404, StatusCode.InvalidArgument, $"topic is empty in pubsub {pubsub}", "TOPIC_NAME_EMPTY", new(metadata), pubsub);

    public static DaprException Metadata(string pubsub, string problem, IReadOnlyDictionary<string, string> metadata) =>
        Build("ERR_PUBSUB_REQUEST_METADATA", 400, StatusCode.InvalidArgument, $"failed deserializing metadata. Error: {problem}", "METADATA_DESERIALIZATION", new(metadata), pubsub);

    public static DaprException CloudEventCreation(string pubsub, string appId, string problem) =>
        Build("ERR_PUBSUB_CLOUD_EVENTS_SER", 500, StatusCode.InvalidArgument, "cannot create cloudevent", "CLOUD_EVENT_CREATION", App(appId, problem), pubsub);

    public static DaprException Forbidden(string pubsub, string topic, string appId) =>
        Build("ERR_PUBSUB_FORBIDDEN", 403, StatusCode.PermissionDenied, $"topic {topic} is not allowed for app id {appId}", "FORBIDDEN",
            new() { ["topic"] = topic, ["error"] = $"topic {topic} is not allowed for app id {appId}" }, pubsub);

    public static DaprException SubscriptionForbidden(string pubsub, string topic, string appId) =>
        Build("ERR_PUBSUB_FORBIDDEN", 403, StatusCode.PermissionDenied, $"subscription to topic '{topic}' on pubsub '{pubsub}' is not allowed for app id {appId}", "FORBIDDEN",
            new() { ["topic"] = topic }, pubsub);

    public static DaprException PublishMessage(string pubsub, string topic, string problem, IReadOnlyList<int>? failed = null) =>
        Build("ERR_PUBSUB_PUBLISH_MESSAGE", 500, StatusCode.Internal, $"error when publishing to topic {topic} in pubsub {pubsub}: {problem}", "PUBLISH_MESSAGE",
            new() { ["topic"] = topic, ["error"] = problem }, pubsub, failed);

    public static DaprException UnmarshalEvents(string pubsub, string topic, string appId, string problem) =>
        Build("ERR_PUBSUB_EVENTS_SER", 400, StatusCode.InvalidArgument, $"error when unmarshaling the request for topic {topic} pubsub {pubsub}: {problem}",
            "UNMARSHAL_EVENTS", new() { ["appID"] = appId }, pubsub);

    public static DaprException MarshalEvents(string pubsub, string topic, string appId, string problem) =>
        Build("ERR_PUBSUB_EVENTS_SER", 400, StatusCode.InvalidArgument, $"error marshaling events to bytes for topic {topic} pubsub {pubsub}. error: {problem}",
            "MARSHAL_EVENTS", App(appId, problem), pubsub);

    public static DaprException MarshalEnvelope(string pubsub, string topic, string appId, string problem) =>
        Build("ERR_PUBSUB_EVENTS_SER", 400, StatusCode.InvalidArgument,
            $"error when marshalling cloud event envelope for topic {topic} pubsub {pubsub}: {problem}", "MARSHAL_ENVELOPE", App(appId, problem), pubsub);

    private static Dictionary<string, string> App(string appId, string problem) => new() { ["appID"] = appId, ["error"] = problem };

    private static DaprException Build(string code, int http, StatusCode grpc, string message, string reason, Dictionary<string, string> metadata, string? pubsub,
        IReadOnlyList<int>? failed = null) =>
        new(code, http, grpc, message)
        {
            Info = new DaprErrorInfo($"DAPR_PUBSUB_{reason}", metadata),
            FailedEntries = failed,
            Resource = pubsub is null ? null : new DaprResource("pubsub", pubsub),
        };
}
