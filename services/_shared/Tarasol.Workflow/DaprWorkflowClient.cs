using Dapr.Workflow.Client;
using Dapr.Workflow.Worker;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Tarasol.Workflow.Protocol;

namespace Dapr.Workflow;

/// <inheritdoc cref="IDaprWorkflowClient"/>
public sealed class DaprWorkflowClient : IDaprWorkflowClient
{
    private readonly TaskHubConnection _hub;
    private readonly TimeProvider _time;

    internal DaprWorkflowClient(TaskHubConnection hub, TimeProvider time)
    {
        _hub = hub;
        _time = time;
    }

    /// <inheritdoc/>
    public Task<string> ScheduleNewWorkflowAsync(string name, string? instanceId = null, object? input = null) =>
        ScheduleNewWorkflowAsync(name, instanceId, input, (DateTimeOffset?)null);

    /// <inheritdoc/>
    public Task<string> ScheduleNewWorkflowAsync(string name, string? instanceId, object? input, DateTime? startTime) =>
        ScheduleNewWorkflowAsync(name, instanceId, input, startTime is { } start ? new DateTimeOffset(start) : null);

    /// <inheritdoc/>
    public async Task<string> ScheduleNewWorkflowAsync(
        string name, string? instanceId, object? input, DateTimeOffset? startTime, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        var request = new CreateInstanceRequest
        {
            InstanceId = string.IsNullOrEmpty(instanceId) ? Guid.NewGuid().ToString() : instanceId,
            Name = name,
            Input = WorkflowJson.Write(input),
            ScheduledStartTimestamp = startTime is { } start ? Timestamp.FromDateTimeOffset(start) : null,
            ParentTraceContext = WorkflowTracing.Current(),
        };
        return (await _hub.Client.StartInstanceAsync(request, _hub.Call(cancellation))).InstanceId;
    }

    /// <inheritdoc/>
    public async Task<WorkflowState> GetWorkflowStateAsync(string instanceId, bool getInputsAndOutputs = true, CancellationToken cancellation = default)
    {
        try
        {
            var answer = await _hub.Client.GetInstanceAsync(Get(instanceId, getInputsAndOutputs), _hub.Call(cancellation));
            return new WorkflowState(answer.Exists ? answer.WorkflowState : null);
        }
        catch (RpcException error) when (error.StatusCode == StatusCode.NotFound)
        {
            return new WorkflowState(null);
        }
    }

    /// <inheritdoc/>
    public Task<WorkflowState> WaitForWorkflowStartAsync(string instanceId, bool getInputsAndOutputs = true, CancellationToken cancellation = default) =>
        WaitAsync(Get(instanceId, getInputsAndOutputs), request => _hub.Client.WaitForInstanceStartAsync(request, _hub.Call(cancellation)), cancellation);

    /// <inheritdoc/>
    public async Task<WorkflowState> WaitForWorkflowCompletionAsync(string instanceId, bool getInputsAndOutputs = true, CancellationToken cancellation = default)
    {
        var ended = await WaitAsync(Get(instanceId, false), request => _hub.Client.WaitForInstanceCompletionAsync(request, _hub.Call(cancellation)), cancellation);
        return getInputsAndOutputs ? await GetWorkflowStateAsync(instanceId, true, cancellation) : ended;
    }

    /// <inheritdoc/>
    public async Task RaiseEventAsync(string instanceId, string eventName, object? eventPayload = null, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(instanceId);
        ArgumentException.ThrowIfNullOrEmpty(eventName);
        await _hub.Client.RaiseEventAsync(
            new RaiseEventRequest { InstanceId = instanceId, Name = eventName, Input = WorkflowJson.Write(eventPayload) }, _hub.Call(cancellation));
    }

    /// <inheritdoc/>
    public async Task TerminateWorkflowAsync(string instanceId, object? output = null, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(instanceId);
        await _hub.Client.TerminateInstanceAsync(
            new TerminateRequest { InstanceId = instanceId, Output = WorkflowJson.Write(output), Recursive = true }, _hub.Call(cancellation));
    }

    /// <inheritdoc/>
    public async Task SuspendWorkflowAsync(string instanceId, string? reason = null, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(instanceId);
        await _hub.Client.SuspendInstanceAsync(new SuspendRequest { InstanceId = instanceId, Reason = reason ?? "" }, _hub.Call(cancellation));
    }

    /// <inheritdoc/>
    public async Task ResumeWorkflowAsync(string instanceId, string? reason = null, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(instanceId);
        await _hub.Client.ResumeInstanceAsync(new ResumeRequest { InstanceId = instanceId, Reason = reason ?? "" }, _hub.Call(cancellation));
    }

    /// <inheritdoc/>
    public async Task<bool> PurgeInstanceAsync(string instanceId, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(instanceId);
        var answer = await _hub.Client.PurgeInstancesAsync(new PurgeInstancesRequest { InstanceId = instanceId, Recursive = true }, _hub.Call(cancellation));
        return answer.DeletedInstanceCount > 0;
    }

    /// <inheritdoc/>
    public async Task<WorkflowInstancePage> ListInstanceIdsAsync(string? continuationToken = null, int? pageSize = null, CancellationToken cancellation = default)
    {
        var request = new ListInstanceIDsRequest();
        if (continuationToken is not null)
        {
            request.ContinuationToken = continuationToken;
        }

        if (pageSize is { } size)
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(size, nameof(pageSize));
            request.PageSize = (uint)size;
        }

        var page = await _hub.Client.ListInstanceIDsAsync(request, _hub.Call(cancellation));
        return new WorkflowInstancePage([.. page.InstanceIds], page.HasContinuationToken ? page.ContinuationToken : null);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<WorkflowHistoryEvent>> GetInstanceHistoryAsync(string instanceId, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(instanceId);
        var history = await _hub.Client.GetInstanceHistoryAsync(new GetInstanceHistoryRequest { InstanceId = instanceId }, _hub.Call(cancellation));
        return [.. history.Events.Select(happened => new WorkflowHistoryEvent(happened.EventId, TypeOf(happened), happened.Timestamp?.ToDateTime() ?? default))];
    }

    /// <inheritdoc/>
    public async Task<string> RerunWorkflowFromEventAsync(
        string sourceInstanceId, uint eventId, RerunWorkflowFromEventOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(sourceInstanceId);
        if (options is { Input: not null, OverwriteInput: false })
        {
            throw new ArgumentException("An input is given, but OverwriteInput is not set.", nameof(options));
        }

        var request = new RerunWorkflowFromEventRequest { SourceInstanceID = sourceInstanceId, EventID = eventId };
        if (options?.NewInstanceId is { } newId)
        {
            request.NewInstanceID = newId;
        }

        if (options is { OverwriteInput: true })
        {
            request.OverwriteInput = true;
            request.Input = WorkflowJson.Write(options.Input);
        }

        return (await _hub.Client.RerunWorkflowFromEventAsync(request, _hub.Call(cancellation))).NewInstanceID;
    }

    /// <summary>Does nothing: the channel belongs to the app.</summary>
    public void Dispose()
    {
    }

    /// <summary>Does nothing: the channel belongs to the app.</summary>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static GetInstanceRequest Get(string instanceId, bool getInputsAndOutputs)
    {
        ArgumentException.ThrowIfNullOrEmpty(instanceId);
        return new GetInstanceRequest { InstanceId = instanceId, GetInputsAndOutputs = getInputsAndOutputs };
    }

    /// <summary>A wait lasts as long as the caller lets it, over a proxy's deadlines and a sidecar's restart.</summary>
    private async Task<WorkflowState> WaitAsync(GetInstanceRequest request, Func<GetInstanceRequest, AsyncUnaryCall<GetInstanceResponse>> wait, CancellationToken cancel)
    {
        for (var backOff = TimeSpan.FromMilliseconds(50); ; backOff = TimeSpan.FromTicks(Math.Min(backOff.Ticks * 2, TimeSpan.FromSeconds(15).Ticks)))
        {
            try
            {
                var answer = await wait(request);
                return answer.Exists ? new WorkflowState(answer.WorkflowState) : throw NoInstance(request.InstanceId);
            }
            catch (RpcException error) when (error.StatusCode == StatusCode.NotFound)
            {
                throw NoInstance(request.InstanceId);
            }
            catch (RpcException error) when (error.StatusCode is StatusCode.DeadlineExceeded or StatusCode.Unavailable && !cancel.IsCancellationRequested)
            {
                await Task.Delay(backOff, _time, cancel);
            }
        }
    }

    private static InvalidOperationException NoInstance(string instanceId) => new($"Workflow instance '{instanceId}' does not exist");

    private static WorkflowHistoryEventType TypeOf(HistoryEvent happened) => happened.EventTypeCase switch
    {
        HistoryEvent.EventTypeOneofCase.ChildWorkflowInstanceCreated => WorkflowHistoryEventType.SubOrchestrationInstanceCreated,
        HistoryEvent.EventTypeOneofCase.ChildWorkflowInstanceCompleted => WorkflowHistoryEventType.SubOrchestrationInstanceCompleted,
        HistoryEvent.EventTypeOneofCase.ChildWorkflowInstanceFailed => WorkflowHistoryEventType.SubOrchestrationInstanceFailed,
        HistoryEvent.EventTypeOneofCase.WorkflowStarted => WorkflowHistoryEventType.OrchestratorStarted,
        HistoryEvent.EventTypeOneofCase.WorkflowCompleted => WorkflowHistoryEventType.OrchestratorCompleted,
        var type => System.Enum.TryParse<WorkflowHistoryEventType>(type.ToString(), out var same) ? same : WorkflowHistoryEventType.Unknown,
    };
}
