using Tarasol.Workflow.Protocol;

namespace Tarasol.Sidecar.Workflows;

/// <summary>The workflows of one app, here or in another host process, as the workflows of other apps need them.</summary>
internal interface IWorkflowPeer
{
    /// <summary>Has an activity run. Null: its worker went away, ask again. The caller says when it has taken the answer over.</summary>
    /// <exception cref="WorkflowPeerAwayException">The app's host cannot be reached.</exception>
    Task<Answer<ActivityResponse>?> RunActivityAsync(ActivityRequest request, CancellationToken cancel);

    /// <summary>Adds an event to an instance's inbox. False: there is no such instance.</summary>
    /// <exception cref="WorkflowPeerAwayException">The app's host cannot be reached.</exception>
    Task<bool> AddEventAsync(string id, HistoryEvent happened, CancellationToken cancel);

    /// <summary>Starts an instance for another one, once, however often it is asked. Answers why it cannot; null: it has.</summary>
    /// <exception cref="WorkflowPeerAwayException">The app's host cannot be reached.</exception>
    Task<string?> StartChildAsync(HistoryEvent start, CancellationToken cancel);

    /// <summary>Deletes an instance and its children; answers how many. Null: there is none.</summary>
    /// <exception cref="WorkflowPeerAwayException">The app's host cannot be reached.</exception>
    Task<int?> PurgeAsync(string id, bool recursive, bool force, CancellationToken cancel);

    /// <summary>Whether there is no such instance, or one that has ended.</summary>
    /// <exception cref="WorkflowPeerAwayException">The app's host cannot be reached.</exception>
    Task<bool> IsOverAsync(string id, CancellationToken cancel);
}

/// <summary>The host of another app cannot be reached now; it may come back.</summary>
internal sealed class WorkflowPeerAwayException(string appId, Exception inner) : Exception($"the workflows of {appId} cannot be reached: {inner.Message}", inner);
