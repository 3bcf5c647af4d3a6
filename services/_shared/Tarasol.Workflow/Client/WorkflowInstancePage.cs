namespace Dapr.Workflow.Client;

/// <summary>Some of an app's instances.</summary>
/// <param name="InstanceIds">Ids of this page.</param>
/// <param name="ContinuationToken">Give it back for the next page; null: this was the last one.</param>
public sealed record WorkflowInstancePage(IReadOnlyList<string> InstanceIds, string? ContinuationToken);
