using Tarasol.Workflow.Protocol;

namespace Dapr.Workflow;

/// <summary>Between exceptions and the failures of the history.</summary>
internal static class Failures
{
    public static WorkflowTaskFailureDetails ToDetails(this TaskFailureDetails failure) =>
        new(failure.ErrorType, failure.ErrorMessage, failure.StackTrace) { IsNonRetriable = failure.IsNonRetriable };

    public static TaskFailureDetails Of(Exception error, bool nonRetriable) => new()
    {
        ErrorType = error.GetType().FullName ?? error.GetType().Name,
        ErrorMessage = error.Message,
        StackTrace = error.StackTrace ?? "",
        IsNonRetriable = nonRetriable,
    };

    public static TaskFailureDetails Of(string type, string message, bool nonRetriable) =>
        new() { ErrorType = type, ErrorMessage = message, StackTrace = "", IsNonRetriable = nonRetriable };
}
