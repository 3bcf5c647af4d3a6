using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Tarasol.Workflow.Protocol;

namespace Tarasol.Workflow.Testing;

/// <summary>The client half of the task hub of one app, without a wire.</summary>
internal sealed class MemoryTaskHubClient(MemoryTaskHub hub, string appId) : TaskHubSidecarService.TaskHubSidecarServiceClient
{
    public override AsyncUnaryCall<Empty> HelloAsync(Empty request, CallOptions options) => Answer(Task.FromResult(new Empty()));

    public override AsyncUnaryCall<CreateInstanceResponse> StartInstanceAsync(CreateInstanceRequest request, CallOptions options) =>
        Answer(hub.StartAsync(appId, request, options.CancellationToken));

    public override AsyncUnaryCall<GetInstanceResponse> GetInstanceAsync(GetInstanceRequest request, CallOptions options) => Answer(Try(() => hub.Get(appId, request)));

    public override AsyncUnaryCall<GetInstanceResponse> WaitForInstanceStartAsync(GetInstanceRequest request, CallOptions options) =>
        Answer(hub.WaitAsync(appId, request, status => status != OrchestrationStatus.Pending, options.CancellationToken));

    public override AsyncUnaryCall<GetInstanceResponse> WaitForInstanceCompletionAsync(GetInstanceRequest request, CallOptions options) =>
        Answer(hub.WaitAsync(appId, request, MemoryInstance.IsTerminal, options.CancellationToken));

    public override AsyncUnaryCall<RaiseEventResponse> RaiseEventAsync(RaiseEventRequest request, CallOptions options) => Answer(Try(() =>
    {
        hub.Add(appId, request.InstanceId, new HistoryEvent { EventRaised = new EventRaisedEvent { Name = request.Name, Input = request.Input } });
        return new RaiseEventResponse();
    }));

    public override AsyncUnaryCall<TerminateResponse> TerminateInstanceAsync(TerminateRequest request, CallOptions options) => Answer(SteerAsync(
        request.InstanceId,
        new HistoryEvent { ExecutionTerminated = new ExecutionTerminatedEvent { Input = request.Output, Recurse = request.Recursive } },
        MemoryInstance.IsTerminal, new TerminateResponse(), options.CancellationToken));

    public override AsyncUnaryCall<SuspendResponse> SuspendInstanceAsync(SuspendRequest request, CallOptions options) => Answer(SteerAsync(
        request.InstanceId,
        new HistoryEvent { ExecutionSuspended = new ExecutionSuspendedEvent { Input = request.Reason } },
        status => status == OrchestrationStatus.Suspended || MemoryInstance.IsTerminal(status), new SuspendResponse(), options.CancellationToken));

    public override AsyncUnaryCall<ResumeResponse> ResumeInstanceAsync(ResumeRequest request, CallOptions options) => Answer(SteerAsync(
        request.InstanceId,
        new HistoryEvent { ExecutionResumed = new ExecutionResumedEvent { Input = request.Reason } },
        status => status == OrchestrationStatus.Running || MemoryInstance.IsTerminal(status), new ResumeResponse(), options.CancellationToken));

    public override AsyncUnaryCall<PurgeInstancesResponse> PurgeInstancesAsync(PurgeInstancesRequest request, CallOptions options) =>
        Answer(Try(() => new PurgeInstancesResponse { DeletedInstanceCount = hub.Purge(appId, request.InstanceId, request.Recursive, request.Force) }));

    public override AsyncUnaryCall<RerunWorkflowFromEventResponse> RerunWorkflowFromEventAsync(RerunWorkflowFromEventRequest request, CallOptions options) =>
        Answer(Try(() => new RerunWorkflowFromEventResponse { NewInstanceID = hub.Rerun(appId, request) }));

    public override AsyncUnaryCall<ListInstanceIDsResponse> ListInstanceIDsAsync(ListInstanceIDsRequest request, CallOptions options) => Answer(Try(() => hub.List(appId, request)));

    public override AsyncUnaryCall<GetInstanceHistoryResponse> GetInstanceHistoryAsync(GetInstanceHistoryRequest request, CallOptions options) =>
        Answer(Try(() => new GetInstanceHistoryResponse { Events = { hub.History(appId, request.InstanceId) } }));

    private async Task<T> SteerAsync<T>(string id, HistoryEvent happened, Func<OrchestrationStatus, bool> until, T answer, CancellationToken cancel)
    {
        hub.Add(appId, id, happened);
        await hub.WaitAsync(appId, new GetInstanceRequest { InstanceId = id }, until, cancel);
        return answer;
    }

    private static Task<T> Try<T>(Func<T> answer)
    {
        try
        {
            return Task.FromResult(answer());
        }
        catch (RpcException refused)
        {
            return Task.FromException<T>(refused);
        }
    }

    private static AsyncUnaryCall<T> Answer<T>(Task<T> answer) => new(answer, Task.FromResult(new Metadata()), () => Status.DefaultSuccess, () => [], () => { });
}
