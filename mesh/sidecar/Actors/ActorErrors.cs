using Grpc.Core;
using Tarasol.Sidecar.Hosting;

namespace Tarasol.Sidecar.Actors;

/// <summary>Dapr's errors of the actor API.</summary>
internal static class ActorErrors
{
    public static DaprException BadRequest(string what) => new("ERR_BAD_REQUEST", 400, StatusCode.InvalidArgument, $"invalid request: {what}");

    public static DaprException Invoke(string what) =>
        new("ERR_ACTOR_INVOKE_METHOD", 500, StatusCode.Internal, $"error invoke actor method: {what}");

    public static DaprException NoAddress(ActorRef actor) =>
        Invoke($"failed to lookup actor: api error: code = FailedPrecondition desc = did not find address for actor '{actor.Type}/{actor.Id}'");

    public static DaprException StackTooDeep() => new("ERR_ACTOR_STACK_DEPTH", 500, StatusCode.ResourceExhausted, "maximum stack depth exceeded");

    public static DaprException NoStateStore() => new("ERR_ACTOR_RUNTIME_NOT_FOUND", 500, StatusCode.Internal,
        "the state store is not configured to use the actor runtime. Have you set the - name: actorStateStore value: \"true\" in your state store component file?");

    public static DaprException InstanceMissing() => new("ERR_ACTOR_INSTANCE_MISSING", 400, StatusCode.Internal, "actor instance is missing");

    public static DaprException StateGet(string what) => new("ERR_ACTOR_STATE_GET", 500, StatusCode.Internal, $"error getting actor state: {what}");

    public static DaprException StateTransaction(string what) =>
        new("ERR_ACTOR_STATE_TRANSACTION_SAVE", 500, StatusCode.Internal, $"error saving actor transaction state: {what}");

    public static DaprException ReminderNotHosted() => new("ERR_ACTOR_REMINDER_NON_HOSTED", 403, StatusCode.PermissionDenied,
        "operations on actor reminders are only possible on hosted actor types");

    public static DaprException ReminderCreate(string what) => new("ERR_ACTOR_REMINDER_CREATE", 500, StatusCode.Internal, $"error creating actor reminder: {what}");

    public static DaprException ReminderDelete(string what) => new("ERR_ACTOR_REMINDER_DELETE", 500, StatusCode.Internal, $"error deleting actor reminder: {what}");

    public static DaprException ReminderNotFound(string name) => new("ERR_ACTOR_REMINDER_NOT_FOUND", 404, StatusCode.NotFound, $"actor reminder not found: {name}");

    public static DaprException ReminderExists(string name) => new("ERR_ACTOR_REMINDER_ALREADY_EXISTS", 409, StatusCode.AlreadyExists, $"actor reminder already exists: {name}");

    public static DaprException TimerCreate(string what) => new("ERR_ACTOR_TIMER_CREATE", 500, StatusCode.Internal, $"error creating actor timer: {what}");

    public static DaprException Reserved(string type) => new("ERR_ACTOR_TYPE_RESERVED", 403, StatusCode.PermissionDenied,
        $"actor type \"{type}\" is reserved for the Dapr workflow runtime; direct actor API access is not permitted");
}
