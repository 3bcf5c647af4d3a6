namespace Dapr.Workflow.Client;

/// <summary>One event of an instance's history.</summary>
/// <param name="EventId">Number of the step; -1 for what the sidecar noted itself.</param>
/// <param name="EventType">What happened.</param>
/// <param name="Timestamp">When, UTC.</param>
public sealed record WorkflowHistoryEvent(int EventId, WorkflowHistoryEventType EventType, DateTime Timestamp);

#pragma warning disable CS1591 // The names say it; they are those of Dapr's SDK.
/// <summary>Kinds of history events, under the names of Dapr's SDK.</summary>
public enum WorkflowHistoryEventType
{
    Unknown = 0,
    ExecutionStarted,
    ExecutionCompleted,
    ExecutionTerminated,
    TaskScheduled,
    TaskCompleted,
    TaskFailed,
    SubOrchestrationInstanceCreated,
    SubOrchestrationInstanceCompleted,
    SubOrchestrationInstanceFailed,
    TimerCreated,
    TimerFired,
    OrchestratorStarted,
    OrchestratorCompleted,
    EventSent,
    EventRaised,
    GenericEvent,
    HistoryState,
    ContinueAsNew,
    ExecutionSuspended,
    ExecutionResumed,
    ExecutionStalled,
}
#pragma warning restore CS1591
