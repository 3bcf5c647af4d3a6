using System.Diagnostics.CodeAnalysis;

namespace Dapr.Workflow;

/// <summary>History that callers passed on, oldest first.</summary>
public sealed class PropagatedHistory(IReadOnlyList<PropagatedHistoryEvent> events)
{
    /// <summary>One entry for each workflow that passed its history on.</summary>
    public IReadOnlyList<PropagatedHistoryEvent> Events { get; } = events;

    /// <summary>The apps in order of appearance.</summary>
    public IReadOnlyList<string> GetAppIds() => [.. Events.Select(e => e.AppId).Distinct(StringComparer.OrdinalIgnoreCase)];

    /// <summary>Entries of the workflows of that name.</summary>
    public IReadOnlyList<PropagatedHistoryEvent> GetEventsByWorkflowName(string name) => [.. Events.Where(e => Same(e.Name, name))];

    /// <summary>The newest entry of the workflow of that name.</summary>
    public bool TryGetLastWorkflowEventByName(string name, [NotNullWhen(true)] out PropagatedHistoryEvent? result) =>
        (result = Events.LastOrDefault(e => Same(e.Name, name))) is not null;

    /// <summary>Entries of that app.</summary>
    public IReadOnlyList<PropagatedHistoryEvent> GetByAppId(string appId) => [.. Events.Where(e => Same(e.AppId, appId))];

    /// <summary>Entries of that instance.</summary>
    public IReadOnlyList<PropagatedHistoryEvent> GetByInstanceId(string instanceId) => [.. Events.Where(e => e.InstanceId == instanceId)];

    internal static bool Same(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);
}

/// <summary>What one workflow had done when it passed its history on.</summary>
public sealed class PropagatedHistoryEvent(
    string instanceId,
    string appId,
    string name,
    IReadOnlyList<PropagatedHistoryActivityResult> activities,
    IReadOnlyList<PropagatedHistoryWorkflowResult> childWorkflows)
{
    /// <summary>Instance that the history is of.</summary>
    public string InstanceId { get; } = instanceId;

    /// <summary>App that ran it.</summary>
    public string AppId { get; } = appId;

    /// <summary>Name of the workflow.</summary>
    public string Name { get; } = name;

    /// <summary>Its activities, in the order they were scheduled.</summary>
    public IReadOnlyList<PropagatedHistoryActivityResult> Activities { get; } = activities;

    /// <summary>Its child workflows, in the order they were started.</summary>
    public IReadOnlyList<PropagatedHistoryWorkflowResult> Workflows { get; } = childWorkflows;

    /// <summary>Activities of that name.</summary>
    public IReadOnlyList<PropagatedHistoryActivityResult> GetActivitiesByName(string name) => [.. Activities.Where(a => PropagatedHistory.Same(a.Name, name))];

    /// <summary>The newest activity of that name.</summary>
    public bool TryGetLastActivityByName(string name, [NotNullWhen(true)] out PropagatedHistoryActivityResult? result) =>
        (result = Activities.LastOrDefault(a => PropagatedHistory.Same(a.Name, name))) is not null;

    /// <summary>Child workflows of that name.</summary>
    public IReadOnlyList<PropagatedHistoryWorkflowResult> GetWorkflowsByName(string name) => [.. Workflows.Where(w => PropagatedHistory.Same(w.Name, name))];

    /// <summary>The newest child workflow of that name.</summary>
    public bool TryGetLastWorkflowByName(string name, [NotNullWhen(true)] out PropagatedHistoryWorkflowResult? result) =>
        (result = Workflows.LastOrDefault(w => PropagatedHistory.Same(w.Name, name))) is not null;
}

/// <summary>How far a propagated step had come.</summary>
public enum PropagatedHistoryStatus
{
    /// <summary>No result yet.</summary>
    Pending = 0,

    /// <summary>Ended with a result.</summary>
    Completed = 1,

    /// <summary>Ended with a failure.</summary>
    Failed = 2,
}

/// <summary>One activity of a propagated history; input and output are JSON.</summary>
public sealed record PropagatedHistoryActivityResult(
    string Name, PropagatedHistoryStatus Status, string? Input, string? Output, WorkflowTaskFailureDetails? FailureDetails);

/// <summary>One child workflow of a propagated history; the output is JSON.</summary>
public sealed record PropagatedHistoryWorkflowResult(string Name, PropagatedHistoryStatus Status, string? Output, WorkflowTaskFailureDetails? FailureDetails);
