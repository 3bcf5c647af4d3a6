namespace Dapr.Workflow;

/// <summary>How to call an activity.</summary>
/// <param name="RetryPolicy">Null: one attempt.</param>
/// <param name="TargetAppId">App whose worker runs it; null: this one.</param>
/// <param name="PropagationScope">How much history goes along.</param>
public record WorkflowTaskOptions(
    WorkflowRetryPolicy? RetryPolicy = null, string? TargetAppId = null, HistoryPropagationScope PropagationScope = HistoryPropagationScope.None)
{
    /// <summary>The same options with another scope.</summary>
    public WorkflowTaskOptions WithHistoryPropagation(HistoryPropagationScope scope) => this with { PropagationScope = scope };
}

/// <summary>How to call a child workflow.</summary>
/// <param name="InstanceId">Id of the child; null: a new GUID.</param>
/// <param name="RetryPolicy">Null: one attempt.</param>
/// <param name="TargetAppId">App whose worker runs it; null: this one.</param>
/// <param name="PropagationScope">How much history goes along.</param>
public record ChildWorkflowTaskOptions(
    string? InstanceId = null,
    WorkflowRetryPolicy? RetryPolicy = null,
    string? TargetAppId = null,
    HistoryPropagationScope PropagationScope = HistoryPropagationScope.None)
    : WorkflowTaskOptions(RetryPolicy, TargetAppId, PropagationScope)
{
    /// <summary>The same options with another scope.</summary>
    public new ChildWorkflowTaskOptions WithHistoryPropagation(HistoryPropagationScope scope) => this with { PropagationScope = scope };
}
