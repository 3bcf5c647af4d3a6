namespace Dapr.Workflow;

/// <summary>A failure as it is kept in the history.</summary>
/// <param name="errorType">Full name of the exception's type, or the name that another SDK gave.</param>
/// <param name="errorMessage">Its message.</param>
/// <param name="stackTrace">Its stack, if known.</param>
public class WorkflowTaskFailureDetails(string errorType, string errorMessage, string? stackTrace = null)
{
    /// <summary>Full name of the exception's type.</summary>
    public string ErrorType { get; } = errorType ?? throw new ArgumentNullException(nameof(errorType));

    /// <summary>The exception's message.</summary>
    public string ErrorMessage { get; } = errorMessage ?? throw new ArgumentNullException(nameof(errorMessage));

    /// <summary>The exception's stack, if known.</summary>
    public string? StackTrace { get; } = stackTrace;

    /// <summary>Set by the side that failed: trying again cannot help.</summary>
    internal bool IsNonRetriable { get; init; }

    /// <summary>Whether the failure is of this exception type, or of one derived from it; false when the type is not known here.</summary>
    public bool IsCausedBy<T>() where T : Exception
    {
        var type = AppDomain.CurrentDomain.GetAssemblies().Select(assembly => assembly.GetType(ErrorType, throwOnError: false)).FirstOrDefault(found => found is not null);
        return type is not null && typeof(T).IsAssignableFrom(type);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{ErrorType}: {ErrorMessage}";
}
