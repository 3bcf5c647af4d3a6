using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Tarasol.Workflow.Protocol;

namespace Dapr.Workflow.Worker;

/// <summary>Answers one turn: replays the history, plays the new events, and says what the workflow wants next. Nothing that user code does keeps a turn from being answered.</summary>
internal sealed class WorkflowTurn(WorkflowRegistry registry, ILoggerFactory loggers)
{
    /// <summary>Answers with a replay of the whole history.</summary>
    public WorkflowResponse Run(WorkflowRequest request, string completionToken, IServiceProvider services) => Run(request, completionToken, services, null, out _);

    /// <summary>Answers a turn.</summary>
    /// <param name="request">With all past events, or with those since the kept workflow's last turn began.</param>
    /// <param name="completionToken">Goes back with the answer.</param>
    /// <param name="services">For a workflow that is made anew.</param>
    /// <param name="kept">The workflow as its last turn left it; null: it is made anew and the history replayed.</param>
    /// <param name="keep">The workflow as this turn leaves it; null when it has ended.</param>
    public WorkflowResponse Run(WorkflowRequest request, string completionToken, IServiceProvider services, KeptWorkflow? kept, out KeptWorkflow? keep)
    {
        var response = new WorkflowResponse { InstanceId = request.InstanceId, CompletionToken = completionToken };
        var name = kept?.Context.Name ?? NameOf(request);
        var step = WorkflowMetrics.Begin("turn", name);
        if (kept is null && request.PastEvents.Count > 0)
        {
            WorkflowMetrics.Replayed(name, request.PastEvents.Count);
        }

        // A context would take continuations away from this thread, and with them the turn's results.
        var ambient = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        keep = null;
        try
        {
            keep = Play(request, response, services, kept);
        }
        catch (NonDeterminismException changed)
        {
            Fail(response, Failures.Of("NonDeterministicWorkflow", changed.Message, nonRetriable: true));
        }
#pragma warning disable CA1031 // An unanswered turn would hold its instance for ever.
        catch (Exception error)
        {
            Fail(response, Failures.Of(error, nonRetriable: true));
        }
#pragma warning restore CA1031
        finally
        {
            SynchronizationContext.SetSynchronizationContext(ambient);
        }

        if (response.Actions.Any(action => action.CompleteWorkflow is not null))
        {
            keep = null;
        }

        WorkflowMetrics.Answered(name, response);
        step.End(response.Actions.Any(action => action.CompleteWorkflow?.WorkflowStatus == OrchestrationStatus.Failed));
        return response;
    }

    private static string NameOf(WorkflowRequest request) =>
        request.PastEvents.Concat(request.NewEvents).FirstOrDefault(happened => happened.ExecutionStarted is not null)?.ExecutionStarted.Name ?? "";

    /// <summary>The answer instead of one that the sidecar does not take.</summary>
    public static WorkflowResponse TooLarge(WorkflowResponse refused, string why)
    {
        var response = new WorkflowResponse { InstanceId = refused.InstanceId, CompletionToken = refused.CompletionToken };
        Fail(response, Failures.Of(
            "PayloadTooLarge", $"The turn's answer has {refused.CalculateSize()} bytes, more than the sidecar takes ({why}). Pass large data by reference.", nonRetriable: true));
        return response;
    }

    private KeptWorkflow? Play(WorkflowRequest request, WorkflowResponse response, IServiceProvider services, KeptWorkflow? kept)
    {
        using var trace = WorkflowTracing.Start("workflow turn", (kept?.Context.Started ?? StartOf(request))?.ParentTraceContext);
        if ((request.PastEvents.FirstOrDefault(e => e.ExecutionTerminated is not null) ?? request.NewEvents.FirstOrDefault(e => e.ExecutionTerminated is not null)) is { } terminated)
        {
            Complete(response, new CompleteWorkflowAction { WorkflowStatus = OrchestrationStatus.Terminated, Result = terminated.ExecutionTerminated.Input });
            return null;
        }

        TurnContext context;
        if (kept is null)
        {
            context = new TurnContext(request.InstanceId, request.ExecutionId, loggers) { IncomingHistory = Propagation.Read(request.PropagatedHistory) };
            context.Begin(request.PastEvents);
            kept = new KeptWorkflow(context);
            kept.Played(request.PastEvents.Count);
        }
        else
        {
            context = kept.Context;
            context.Resume();
        }

        foreach (var happened in request.PastEvents.Skip(kept.AlreadyPlayed))
        {
            Play(kept, happened, replaying: true, services);
        }

        foreach (var happened in request.NewEvents)
        {
            Play(kept, happened, replaying: false, services);
        }

        kept.Took(request.NewEvents);
        context.End();
        if (context.CustomStatus is not null)
        {
            response.CustomStatus = WorkflowJson.Write(context.CustomStatus);
        }

        if (context.Patches.Count > 0)
        {
            response.Version = new WorkflowVersion { Name = context.Name, Patches = { context.Patches } };
        }

        if (kept.IsSuspended)
        {
            return kept;
        }

        if (kept.Run is null)
        {
            Fail(response, Failures.Of("WorkflowNameMissing", $"The history of instance '{request.InstanceId}' has no start event.", nonRetriable: true));
            return null;
        }

        response.Actions.Add(context.Actions);
        Finish(context, kept.Run, response);
        return kept;
    }

    private static ExecutionStartedEvent? StartOf(WorkflowRequest request) =>
        (request.NewEvents.LastOrDefault(e => e.ExecutionStarted is not null) ?? request.PastEvents.LastOrDefault(e => e.ExecutionStarted is not null))?.ExecutionStarted;

    private void Play(KeptWorkflow workflow, HistoryEvent happened, bool replaying, IServiceProvider services)
    {
        if (happened.ExecutionSuspended is not null)
        {
            workflow.IsSuspended = true;
        }
        else if (happened.ExecutionResumed is not null)
        {
            workflow.IsSuspended = false;
            while (workflow.Held.TryDequeue(out var waiting))
            {
                // What was held was not acted on, so for the workflow it happens with the resume.
                PlayOne(workflow, waiting, replaying, services);
            }
        }
        else if (workflow.IsSuspended)
        {
            workflow.Held.Enqueue(happened);
        }
        else
        {
            PlayOne(workflow, happened, replaying, services);
        }
    }

    private void PlayOne(KeptWorkflow workflow, HistoryEvent happened, bool replaying, IServiceProvider services)
    {
        workflow.Context.Play(happened, replaying);
        if (happened.ExecutionStarted is not null && workflow.Run is null)
        {
            workflow.Context.Start(happened);
            workflow.Run = StartWorkflow(workflow.Context, services);
        }
    }

    private Task<object?> StartWorkflow(TurnContext context, IServiceProvider services)
    {
        if (registry.FindWorkflow(context.Name) is not { } create)
        {
            return Task.FromException<object?>(new WorkflowNotFoundException($"Workflow '{context.Name}' is not registered in this app."));
        }

        try
        {
            var workflow = create(services);
            return workflow.RunAsync(context, WorkflowJson.Read(context.Started!.Input, workflow.InputType));
        }
#pragma warning disable CA1031 // A constructor or an input that cannot be read fails the workflow like its own code.
        catch (Exception error)
        {
            return Task.FromException<object?>(error);
        }
#pragma warning restore CA1031
    }

    private static void Finish(TurnContext context, Task<object?> run, WorkflowResponse response)
    {
        if (run.IsFaulted || run.IsCanceled)
        {
            var error = run.IsFaulted ? run.Exception!.InnerException! : new TaskCanceledException(run);
            Complete(response, new CompleteWorkflowAction
            {
                WorkflowStatus = OrchestrationStatus.Failed,
                FailureDetails = error switch
                {
                    WorkflowNotFoundException => Failures.Of("WorkflowNotFound", error.Message, nonRetriable: true),
                    NonDeterminismException => Failures.Of("NonDeterministicWorkflow", error.Message, nonRetriable: true),
                    _ => Failures.Of(error, nonRetriable: true),
                },
            });
        }
        else if (context.ContinuesAsNew)
        {
            return;
        }
        else if (run.IsCompleted)
        {
            Complete(response, new CompleteWorkflowAction { WorkflowStatus = OrchestrationStatus.Completed, Result = WorkflowJson.Write(run.Result) });
        }
        else if (!context.Waits)
        {
            Fail(response, Failures.Of(
                "WorkflowAwaitsForeignTask",
                $"Workflow '{context.Name}' awaits something that its context did not give, so nothing can ever wake it. Put I/O, delays and threads into activities.",
                nonRetriable: true));
        }
    }

    private static void Complete(WorkflowResponse response, CompleteWorkflowAction completion)
    {
        foreach (var other in response.Actions.Where(action => action.CompleteWorkflow is not null).ToList())
        {
            response.Actions.Remove(other);
        }

        response.Actions.Add(new WorkflowAction { CompleteWorkflow = completion });
    }

    private static void Fail(WorkflowResponse response, TaskFailureDetails failure)
    {
        response.Actions.Clear();
        Complete(response, new CompleteWorkflowAction { WorkflowStatus = OrchestrationStatus.Failed, FailureDetails = failure });
    }

    private sealed class WorkflowNotFoundException(string message) : Exception(message);
}
