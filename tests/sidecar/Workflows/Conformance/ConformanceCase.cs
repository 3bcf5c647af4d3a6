using Dapr.Workflow;

namespace Tarasol.Tests.Sidecar.Workflows.Conformance;

/// <summary>One row of the suite: a workflow, what is done to it, and how it has to end.</summary>
/// <param name="Name">What the row shows.</param>
/// <param name="Workflow">Name that it is started by.</param>
internal sealed record ConformanceCase(string Name, string Workflow)
{
    public object? Input { get; init; }

    /// <summary>Done in order after the start.</summary>
    public IReadOnlyList<Func<Bench, string, Task>> Steps { get; init; } = [];

    public WorkflowRuntimeStatus Status { get; init; } = WorkflowRuntimeStatus.Completed;

    /// <summary>JSON text; null: none.</summary>
    public string? Output { get; init; }

    public string? ErrorType { get; init; }

    /// <summary>How the failure's message begins.</summary>
    public string? Error { get; init; }

    /// <summary>The whole history in short; null where it is a matter of time.</summary>
    public string? History { get; init; }

    public static Func<Bench, string, Task> Raise(string name, object? payload = null) => (bench, id) => bench.Client.RaiseEventAsync(id, name, payload);

    public static Func<Bench, string, Task> Suspend => async (bench, id) =>
    {
        await bench.Client.SuspendWorkflowAsync(id, "holiday");
        await bench.IsAsync(id, WorkflowRuntimeStatus.Suspended);
    };

    public static Func<Bench, string, Task> Resume => (bench, id) => bench.Client.ResumeWorkflowAsync(id, "back");

    public static Func<Bench, string, Task> Terminate(object? output = null) => (bench, id) => bench.Client.TerminateWorkflowAsync(id, output);

    public static Func<Bench, string, Task> Pass(int milliseconds) => (bench, _) => bench.PassAsync(TimeSpan.FromMilliseconds(milliseconds));

    public static Func<Bench, string, Task> Is(WorkflowRuntimeStatus status) => (bench, id) => bench.IsAsync(id, status);

    /// <summary>Waits until the history has so many events of that type.</summary>
    public static Func<Bench, string, Task> Has(Dapr.Workflow.Client.WorkflowHistoryEventType type, int count = 1) => (bench, id) => Poll.UntilAsync(
        async () => (await bench.Client.GetInstanceHistoryAsync(id)).Count(happened => happened.EventType == type) >= count, otherwise: () => $"no {count} {type}");

    public static Func<Bench, string, Task> CustomStatusIs(string? status) => (bench, id) => Poll.UntilAsync(
        async () => (await bench.Client.GetWorkflowStateAsync(id)).ReadCustomStatusAs<string>() == status, otherwise: () => $"the custom status does not become {status}");

    public static Func<Bench, string, Task> Redeploy(Action<WorkflowRuntimeOptions> register) => (bench, _) => bench.RedeployAsync(register);

    public override string ToString() => Name;
}
