namespace Dapr.Workflow.Client;

/// <summary>How to run an ended workflow again from one of its steps.</summary>
public sealed class RerunWorkflowFromEventOptions
{
    /// <summary>Id of the new instance; null: a new GUID.</summary>
    public string? NewInstanceId { get; set; }

    /// <summary>Input of the step when <see cref="OverwriteInput"/> is set.</summary>
    public object? Input { get; set; }

    /// <summary>Whether <see cref="Input"/> replaces the recorded one.</summary>
    public bool OverwriteInput { get; set; }
}
