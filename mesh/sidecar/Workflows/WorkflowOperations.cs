using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Tarasol.Workflow.Protocol;

namespace Tarasol.Sidecar.Workflows;

/// <summary>What clients do with the instances of one app. Errors are <see cref="RpcException"/> with daprd's codes and texts.</summary>
internal sealed class WorkflowOperations(WorkflowEngine engine)
{
    private const int DefaultPageSize = 1024;

    public static bool IsTerminal(OrchestrationStatus status) =>
        status is OrchestrationStatus.Completed or OrchestrationStatus.Failed or OrchestrationStatus.Terminated or OrchestrationStatus.Canceled;

    /// <summary>Waits for a worker, makes the instance, and waits until it has begun, unless it is to start later.</summary>
    public async Task StartAsync(CreateInstanceRequest request, CancellationToken cancel)
    {
        if (request.InstanceId.Length == 0)
        {
            throw WorkflowErrors.Unknown("failed to create workflow instance: the instance ID is empty");
        }

        var start = new HistoryEvent
        {
            EventId = -1,
            Timestamp = EventClock.Next(),
            ExecutionStarted = new ExecutionStartedEvent
            {
                Name = request.Name,
                Input = request.Input,
                ScheduledStartTimestamp = request.ScheduledStartTimestamp,
                ParentTraceContext = request.ParentTraceContext ?? TraceOfCall(),
                WorkflowInstance = new WorkflowInstance { InstanceId = request.InstanceId, ExecutionId = Guid.NewGuid().ToString() },
            },
            Router = new TaskRouter { SourceAppID = engine.App.AppId },
        };
        await engine.OwnAsync(cancel);
        await engine.WorkerAsync(cancel);
        try
        {
            await engine.CreateAsync(start, request.EnforceUniqueInstanceId, cancel);
        }
        catch (RpcException error)
        {
            throw new RpcException(new Status(error.StatusCode, error.StatusCode == StatusCode.Unknown
                ? $"failed to create workflow instance: {error.Status.Detail}"
                : $"failed to create workflow instance: rpc error: code = {error.StatusCode} desc = {error.Status.Detail}"));
        }

        if (request.ScheduledStartTimestamp is null)
        {
            await WaitAsync(new GetInstanceRequest { InstanceId = request.InstanceId }, status => status != OrchestrationStatus.Pending, cancel);
        }
    }

    public Task<GetInstanceResponse> GetAsync(GetInstanceRequest request, CancellationToken cancel) =>
        engine.ReadAsync(request.InstanceId, state => state is null ? new GetInstanceResponse() : Describe(state, request), cancel);

    public Task<GetInstanceResponse> WaitAsync(GetInstanceRequest request, Func<OrchestrationStatus, bool> until, CancellationToken cancel) =>
        engine.WatchAsync(request.InstanceId, state => state is not null && until(state.Status) ? Describe(state, request) : null, cancel);

    public Task RaiseEventAsync(string id, string name, string? input, CancellationToken cancel) =>
        AddAsync(id, new HistoryEvent { EventId = -1, Timestamp = EventClock.Next(), EventRaised = new EventRaisedEvent { Name = name, Input = input } }, "", cancel);

    public async Task TerminateAsync(string id, string? output, bool recursive, CancellationToken cancel)
    {
        var terminated = new ExecutionTerminatedEvent { Input = output, Recurse = recursive };
        await AddAsync(id, new HistoryEvent { EventId = -1, Timestamp = EventClock.Next(), ExecutionTerminated = terminated }, "failed to submit termination request: ", cancel);
        await WaitAsync(new GetInstanceRequest { InstanceId = id }, IsTerminal, cancel);
    }

    public async Task SuspendAsync(string id, string? reason, CancellationToken cancel)
    {
        var suspended = new ExecutionSuspendedEvent { Input = string.IsNullOrEmpty(reason) ? null : reason };
        await AddAsync(id, new HistoryEvent { EventId = -1, Timestamp = EventClock.Next(), ExecutionSuspended = suspended }, "", cancel);
        await WaitAsync(new GetInstanceRequest { InstanceId = id }, status => status == OrchestrationStatus.Suspended || IsTerminal(status), cancel);
    }

    public async Task ResumeAsync(string id, string? reason, CancellationToken cancel)
    {
        var resumed = new ExecutionResumedEvent { Input = string.IsNullOrEmpty(reason) ? null : reason };
        await AddAsync(id, new HistoryEvent { EventId = -1, Timestamp = EventClock.Next(), ExecutionResumed = resumed }, "", cancel);
        await WaitAsync(new GetInstanceRequest { InstanceId = id }, status => status == OrchestrationStatus.Running || IsTerminal(status), cancel);
    }

    public async Task<int> PurgeAsync(string id, bool recursive, bool force, CancellationToken cancel)
    {
        try
        {
            return await engine.PurgeAsync(id, recursive, force, cancel)
                ?? throw WorkflowErrors.Unknown((recursive ? "failed to fetch workflow state: " : "") + WorkflowErrors.NoInstance);
        }
        catch (RpcException error) when (error.StatusCode == StatusCode.Unknown)
        {
            throw WorkflowErrors.Unknown($"failed to purge workflow state: {error.Status.Detail}");
        }
    }

    public async Task<string> RerunAsync(RerunWorkflowFromEventRequest request, CancellationToken cancel)
    {
        var newId = request.HasNewInstanceID ? request.NewInstanceID : Guid.NewGuid().ToString();
        if (request.SourceInstanceID.Length == 0)
        {
            throw new RpcException(new Status(StatusCode.InvalidArgument, "rerun workflow source instance ID is required"));
        }

        if (request.SourceInstanceID == newId)
        {
            throw new RpcException(new Status(StatusCode.InvalidArgument, "rerun workflow instance ID must be different from the original instance ID"));
        }

        var history = await engine.ReadAsync(request.SourceInstanceID, state => Rerun.HistoryFor(state, request, newId), cancel);
        await engine.CreateFromAsync(newId, history, cancel);
        await WaitAsync(new GetInstanceRequest { InstanceId = newId }, status => status != OrchestrationStatus.Pending, cancel);
        return newId;
    }

    public async Task<(IReadOnlyList<string> Ids, string? Token)> ListAsync(string? token, uint? pageSize, CancellationToken cancel)
    {
        try
        {
            return await engine.ListAsync(token, pageSize is { } size and > 0 ? (int)Math.Min(size, int.MaxValue) : DefaultPageSize, cancel);
        }
        catch (FormatException error)
        {
            throw new RpcException(new Status(StatusCode.InvalidArgument, error.Message));
        }
    }

    public async Task<IReadOnlyList<HistoryEvent>> HistoryAsync(string id, CancellationToken cancel) =>
        await engine.ReadAsync(id, state => state?.History.ToList(), cancel)
        ?? throw new RpcException(new Status(StatusCode.NotFound, $"workflow instance '{id}' not found"));

    /// <summary>Of a client that names no trace in its message: the one of its headers, or of the span that is exported for the call.</summary>
    private TraceContext? TraceOfCall() =>
        Hosting.TraceContext.Current is { } current && (current.IsCallers || engine.App.Spans is not null)
            ? new TraceContext { TraceParent = current.TraceParent, TraceState = current.TraceState }
            : null;

    private async Task AddAsync(string id, HistoryEvent happened, string errorPrefix, CancellationToken cancel)
    {
        if (!await engine.AddEventAsync(id, happened, cancel))
        {
            throw WorkflowErrors.Unknown(errorPrefix + WorkflowErrors.NoInstance);
        }
    }

    private static GetInstanceResponse Describe(InstanceState state, GetInstanceRequest request)
    {
        var start = state.StartEvent;
        var described = new WorkflowState
        {
            InstanceId = state.Id,
            Name = start?.ExecutionStarted.Name ?? "",
            WorkflowStatus = state.Status,
            CreatedTimestamp = start?.Timestamp,
            LastUpdatedTimestamp = (state.History.Count > 0 ? state.History[^1] : start)?.Timestamp,
            Version = state.History.Select(happened => happened.WorkflowStarted?.Version?.Name).LastOrDefault(name => !string.IsNullOrEmpty(name)),
        };
        if (state.History.Count > 0)
        {
            described.StartedAt = state.History[0].Timestamp;
        }

        if (start?.ExecutionStarted.ParentInstance is { } parent)
        {
            described.ParentInstanceId = parent.WorkflowInstance.InstanceId;
            described.ParentAppId = parent.HasAppID ? parent.AppID : null;
        }

        if (request.GetInputsAndOutputs)
        {
            described.Input = start?.ExecutionStarted.Input;
            described.CustomStatus = state.CustomStatus;
            described.Output = state.Completed?.ExecutionCompleted.Result;
            described.FailureDetails = state.Completed?.ExecutionCompleted.FailureDetails;
        }

        return new GetInstanceResponse { Exists = true, WorkflowState = described };
    }
}
