using Dapr.Workflow;
using Dapr.Workflow.Client;
using static Tarasol.Tests.Sidecar.Workflows.Conformance.ConformanceCase;

namespace Tarasol.Tests.Sidecar.Workflows.Conformance;

/// <summary>The table.</summary>
internal static class ConformanceCases
{
    private const string Begun = "OrchestratorStarted ExecutionStarted";
    private const string Turn = "OrchestratorStarted";

    public static IReadOnlyList<ConformanceCase> All { get; } =
    [
        // Activities.
        new("nothing but a result", "NothingIn") { Output = "\"0\"", History = $"{Begun} ExecutionCompleted" },
        new("one activity after another", "Chain")
        {
            Input = 1,
            Output = "3",
            History = $"{Begun} TaskScheduled/0 {Turn} TaskCompleted TaskScheduled/1 {Turn} TaskCompleted ExecutionCompleted",
        },
        new("twenty activities at once", "FanOut") { Input = 20, Output = "210" },
        new("an activity that is not there", "CallsUnknownActivity")
        {
            Status = WorkflowRuntimeStatus.Failed,
            ErrorType = "Dapr.Workflow.WorkflowTaskFailedException",
            Error = "Task failed: Activity 'Nowhere' not found",
            History = $"{Begun} TaskScheduled/0 {Turn} TaskFailed ExecutionCompleted",
        },
        new("an activity knows its key", "AsksForItsKey") { Output = "\"True True Key\"" },
        new("a failed activity is tried again", "RetriedActivity")
        {
            Input = Guid.NewGuid(),
            Steps = [Pass(100)],
            Output = "\"third time\"",
            History = $"{Begun} TaskScheduled/0 {Turn} TaskFailed TimerCreated/1 {Turn} TimerFired TaskScheduled/2 {Turn} TaskFailed TimerCreated/3 {Turn} TimerFired TaskScheduled/4 {Turn} TaskCompleted ExecutionCompleted",
        },
        new("the last try is the last", "GivesUp") { Input = Guid.NewGuid(), Steps = [Pass(100)], Output = "\"Task failed: not yet 2\"" },

        // Timers.
        new("a timer", "Sleeps") { Steps = [Is(WorkflowRuntimeStatus.Running), Pass(300)], Output = "\"slept\"", History = $"{Begun} TimerCreated/0 {Turn} TimerFired ExecutionCompleted" },
        new("a timer in the past", "Alarms") { Steps = [Pass(300)], Output = "\"past soon\"" },
        new("the first of two", "Races") { Output = "\"fast\"" },
        new("a timer that is given up", "CancelsTimer") { Output = "\"cancelled\"" },

        // External events.
        new("an event", "Waits") { Steps = [Is(WorkflowRuntimeStatus.Running), Raise("go", "went")], Output = "\"went\"", History = $"{Begun} {Turn} EventRaised ExecutionCompleted" },
        new("an event's name in another case", "Letter") { Input = 1, Steps = [Raise("DECIDED", "approved")], Output = "\"approved 3\"" },
        new("an event that nobody waits for is in the history", "Waits")
        {
            Steps = [Raise("other"), Has(WorkflowHistoryEventType.EventRaised), Raise("go", "went")],
            Output = "\"went\"",
            History = $"{Begun} {Turn} EventRaised {Turn} EventRaised ExecutionCompleted",
        },
        new("early events are kept in order", "TakesThree") { Steps = [Raise("number", 1), Raise("number", 2), Raise("number", 3), Raise("go")], Output = "\"1 2 3\"" },
        new("two events in any order", "WaitsForTwo") { Steps = [Raise("right", "r"), Raise("left", "l")], Output = "\"l r\"" },
        new("an event in time", "WaitsAnHour")
        {
            Steps = [Raise("go", "in time")],
            Output = "\"in time\"",
            History = $"{Begun} TimerCreated/0 {Turn} EventRaised ExecutionCompleted",
        },
        new("an event in time takes back the timer of its wait", "WaitsBriefly")
        {
            Steps = [Raise("go"), Has(WorkflowHistoryEventType.TimerCreated, 2), Pass(1300), Has(WorkflowHistoryEventType.TimerFired), Raise("end")],
            Output = "\"in time\"",
            History = $"{Begun} TimerCreated/0 {Turn} EventRaised TimerCreated/1 {Turn} TimerFired {Turn} EventRaised ExecutionCompleted",
        },
        new("an event that is too late", "TimesOut") { Steps = [Pass(100)], Output = "\"timed out\"", History = $"{Begun} TimerCreated/0 {Turn} TimerFired ExecutionCompleted" },
        new("a wait of no length", "ZeroTimeout") { Output = "\"timed out\"", History = $"{Begun} ExecutionCompleted" },
        new("a wait without an end", "WaitsForEver") { Steps = [Raise("go", "at last")], Output = "\"at last\"" },

        // Child workflows.
        new("a child workflow", "Parent")
        {
            Input = 1,
            Output = "3",
            History = $"{Begun} SubOrchestrationInstanceCreated/0 {Turn} SubOrchestrationInstanceCompleted ExecutionCompleted",
        },
        new("a child that fails", "FailingChild")
        {
            Output = "\"System.InvalidOperationException: boom\"",
            History = $"{Begun} SubOrchestrationInstanceCreated/0 {Turn} SubOrchestrationInstanceFailed ExecutionCompleted",
        },
        new("a failed child is tried again", "RetriedChild") { Input = Guid.NewGuid(), Steps = [Pass(100)], Output = "\"third time\"" },
        new("a child's id that is in use", "ChildIdInUse") { Output = "\"WorkflowInstanceAlreadyExists\"" },

        // Other apps.
        new("an activity of another app", "CallsOtherApp") { Input = "letter", Output = "\"letter at other\"", History = $"{Begun} TaskScheduled/0 {Turn} TaskCompleted ExecutionCompleted" },
        new("a child in another app", "ChildInOtherApp") { Input = "letter", Output = "\"letter at other\"" },
        new("an app that is not there", "UnknownApp") { Output = "\"AppNotFound\"" },

        // Continue as new.
        new("a workflow that continues as new", "CountsToFive") { Input = 1, Output = "5", History = $"{Begun} TaskScheduled/0 {Turn} TaskCompleted ExecutionCompleted" },
        new("each run's activities have keys of their own", "KeysOfRuns") { Input = "", Output = "true" },
        new("many runs in a row", "ManyRuns") { Input = 50, Output = "0", History = $"{Begun} ExecutionCompleted" },
        new("events go along", "Collects") { Input = "", Steps = [Raise("letter", "a"), Raise("letter", "b"), Raise("letter", "c")], Output = "\"abc\"" },
        new("an early event goes along", "KeepsEvents")
        {
            Input = "first",
            Steps = [Raise("letter"), Has(WorkflowHistoryEventType.EventRaised), Raise("go")],
            Output = "\"kept\"",
            History = $"{Begun} EventRaised ExecutionCompleted",
        },
        new("an early event is left behind", "DropsEvents")
        {
            Input = "first",
            Steps = [Raise("letter", "early"), Has(WorkflowHistoryEventType.EventRaised), Raise("go"), Pass(200)],
            Output = "\"nothing was kept\"",
            History = $"{Begun} TimerCreated/0 {Turn} TimerFired ExecutionCompleted",
        },

        // Statuses.
        new("a failure", "Throws")
        {
            Status = WorkflowRuntimeStatus.Failed,
            ErrorType = "System.ArgumentException",
            Error = "bad letter",
            History = $"{Begun} ExecutionCompleted",
        },
        new("a workflow that is not there", "NoSuchWorkflow")
        {
            Status = WorkflowRuntimeStatus.Failed,
            ErrorType = "WorkflowNotFound",
            Error = "Workflow 'NoSuchWorkflow' is not registered in this app.",
        },
        new("an await that nothing can end", "AwaitsTheWrongThing")
        {
            Status = WorkflowRuntimeStatus.Failed,
            ErrorType = "WorkflowAwaitsForeignTask",
            Error = "Workflow 'AwaitsTheWrongThing' awaits something that its context did not give",
        },
        new("terminated with an output", "Waits")
        {
            Steps = [Terminate("enough")],
            Status = WorkflowRuntimeStatus.Terminated,
            Output = "\"enough\"",
            History = $"{Begun} {Turn} ExecutionTerminated ExecutionCompleted",
        },
        new("terminated while a timer is set", "WaitsAnHour") { Steps = [Terminate()], Status = WorkflowRuntimeStatus.Terminated },
        new("terminated while suspended", "Waits") { Steps = [Suspend, Terminate("enough")], Status = WorkflowRuntimeStatus.Terminated, Output = "\"enough\"" },
        new("suspended: an event is kept until the resumption", "Waits")
        {
            Steps = [Suspend, Raise("go", "kept"), Has(WorkflowHistoryEventType.EventRaised), Is(WorkflowRuntimeStatus.Suspended), Resume],
            Output = "\"kept\"",
            History = $"{Begun} {Turn} ExecutionSuspended {Turn} EventRaised {Turn} ExecutionResumed ExecutionCompleted",
        },
        new("suspended: a timer that falls due is kept until the resumption", "Sleeps")
        {
            Steps = [Suspend, Pass(400), Has(WorkflowHistoryEventType.TimerFired), Is(WorkflowRuntimeStatus.Suspended), Resume],
            Output = "\"slept\"",
        },
        new("suspended twice", "Letter")
        {
            Input = 1,
            Steps = [Suspend, Resume, Is(WorkflowRuntimeStatus.Running), Suspend, Raise("decided", "late"), Resume],
            Output = "\"late 3\"",
        },
        new("a custom status is read and cleared", "Reports") { Steps = [CustomStatusIs("step 1"), Raise("go"), Is(WorkflowRuntimeStatus.Completed), CustomStatusIs(null)], Output = "\"done\"" },
        new("the last custom status stays", "ReportsAtTheEnd") { Steps = [CustomStatusIs("waiting"), Raise("go"), Is(WorkflowRuntimeStatus.Completed), CustomStatusIs("over")], Output = "\"done\"" },

        // Determinism and upgrades in flight.
        new("GUIDs are the same in each replay and differ", "Guids") { Output = "true" },
        new("new code is not a replay", "Replays") { Output = "false" },
        new("patched code keeps the old way where it has passed, and takes the new one where it comes", "Upgraded")
        {
            Steps = [Has(WorkflowHistoryEventType.TaskCompleted), Redeploy(ConformanceWorkflows.RegisterNext), Raise("go")],
            Output = "\"old new\"",
        },
        new("changed code without a patch is told what it changed", "Rewritten")
        {
            Steps = [Has(WorkflowHistoryEventType.TaskCompleted), Redeploy(ConformanceWorkflows.RegisterNext), Raise("go")],
            Status = WorkflowRuntimeStatus.Failed,
            ErrorType = "NonDeterministicWorkflow",
            Error = "The history of workflow 'Rewritten' has TaskScheduled (activity 'Step') as step 0, but the code now calls CallActivityAsync('AnotherStep') there.",
        },
        new("a build that lost a patch stalls a workflow until one with it comes", "Upgraded")
        {
            Steps =
            [
                Has(WorkflowHistoryEventType.TaskCompleted), Redeploy(ConformanceWorkflows.RegisterPatched), Raise("go"), Has(WorkflowHistoryEventType.TaskCompleted, 2),
                Redeploy(ConformanceWorkflows.Register), Raise("on"), Is(WorkflowRuntimeStatus.Stalled), Redeploy(ConformanceWorkflows.RegisterPatched),
            ],
            Output = "\"old new\"",
        },
    ];
}
