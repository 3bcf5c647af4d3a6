using Dapr.Workflow;

namespace Tarasol.Tests.Sidecar.Workflows.Conformance;

/// <summary>Something that runs workflows: two apps, "wf" with the suite's workflows and "other" for calls between apps.</summary>
internal abstract class Bench : IAsyncDisposable
{
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);

    public abstract IDaprWorkflowClient Client { get; }

    public abstract IDaprWorkflowClient Other { get; }

    /// <summary>Lets time pass: a clock of one's own is moved, a real one is waited for.</summary>
    public abstract Task PassAsync(TimeSpan time);

    /// <summary>From now on "wf" has other code.</summary>
    public abstract Task RedeployAsync(Action<WorkflowRuntimeOptions> register);

    public abstract ValueTask DisposeAsync();

    public Task IsAsync(string id, WorkflowRuntimeStatus status) => Poll.UntilAsync(
        async () => (await Client.GetWorkflowStateAsync(id)).RuntimeStatus == status, otherwise: () => $"{id} does not become {status}");

    public Task<WorkflowState> EndAsync(string id) => Client.WaitForWorkflowCompletionAsync(id).WaitAsync(Deadline);

    public async Task<T?> OutputAsync<T>(string id)
    {
        var state = await EndAsync(id);
        Assert.True(state.RuntimeStatus == WorkflowRuntimeStatus.Completed, $"{state.RuntimeStatus} {state.FailureDetails} {state.FailureDetails?.StackTrace}");
        return state.ReadOutputAs<T>();
    }

    /// <summary>The history in short: each event's type, with the id of its step where it has one.</summary>
    public async Task<string> HistoryAsync(string id) => string.Join(' ', (await Client.GetInstanceHistoryAsync(id)).Select(happened =>
        happened.EventId >= 0 && happened.EventType != Dapr.Workflow.Client.WorkflowHistoryEventType.ExecutionCompleted ? $"{happened.EventType}/{happened.EventId}" : $"{happened.EventType}"));
}
