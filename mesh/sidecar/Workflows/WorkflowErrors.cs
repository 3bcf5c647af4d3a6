using Grpc.Core;
using Tarasol.Workflow.Protocol;

namespace Tarasol.Sidecar.Workflows;

/// <summary>Errors in daprd's words. Its engine's plain errors reach a client as gRPC Unknown.</summary>
internal static class WorkflowErrors
{
    public const string NoActorStateStore =
        "the state store is not configured to use the actor runtime. Have you set the - name: actorStateStore value: \"true\" in your state store component file?";

    public const string NoInstance = "no such instance exists";

    public static RpcException Unknown(string message) => new(new Status(StatusCode.Unknown, message));

    public static RpcException AlreadyExists(string message) => new(new Status(StatusCode.AlreadyExists, message));

    public static TaskFailureDetails Failure(string type, string message) => new() { ErrorType = type, ErrorMessage = message };

    public static TaskFailureDetails NoSuchApp(string appId) =>
        new() { ErrorType = "AppNotFound", ErrorMessage = $"No app with the id '{appId}' runs workflows on this host.", IsNonRetriable = true };
}
