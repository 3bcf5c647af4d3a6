using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Tarasol.Sidecar.Hosting;
using Tarasol.Workflow.Protocol;

namespace Tarasol.Sidecar.Workflows;

/// <summary>Dapr's workflow task hub, for workers and clients, on every app's gRPC port; each port sees its own app's instances only.</summary>
internal sealed class TaskHubService(WorkflowEngines engines, IHostApplicationLifetime lifetime) : TaskHubSidecarService.TaskHubSidecarServiceBase
{
    public override Task<Empty> Hello(Empty request, ServerCallContext context) => Task.FromResult(new Empty());

    public override async Task<CreateInstanceResponse> StartInstance(CreateInstanceRequest request, ServerCallContext context)
    {
        await Operations(context, request.Router).StartAsync(request, context.CancellationToken);
        return new CreateInstanceResponse { InstanceId = request.InstanceId };
    }

    public override Task<GetInstanceResponse> GetInstance(GetInstanceRequest request, ServerCallContext context) =>
        Operations(context, request.Router).GetAsync(request, context.CancellationToken);

    public override Task<GetInstanceResponse> WaitForInstanceStart(GetInstanceRequest request, ServerCallContext context) =>
        Operations(context, request.Router).WaitAsync(request, status => status != OrchestrationStatus.Pending, context.CancellationToken);

    public override Task<GetInstanceResponse> WaitForInstanceCompletion(GetInstanceRequest request, ServerCallContext context) =>
        Operations(context, request.Router).WaitAsync(request, WorkflowOperations.IsTerminal, context.CancellationToken);

    public override async Task<RaiseEventResponse> RaiseEvent(RaiseEventRequest request, ServerCallContext context)
    {
        await Operations(context, request.Router).RaiseEventAsync(request.InstanceId, request.Name, request.Input, context.CancellationToken);
        return new RaiseEventResponse();
    }

    public override async Task<TerminateResponse> TerminateInstance(TerminateRequest request, ServerCallContext context)
    {
        await Operations(context, request.Router).TerminateAsync(request.InstanceId, request.Output, request.Recursive, context.CancellationToken);
        return new TerminateResponse();
    }

    public override async Task<SuspendResponse> SuspendInstance(SuspendRequest request, ServerCallContext context)
    {
        await Operations(context, request.Router).SuspendAsync(request.InstanceId, request.Reason, context.CancellationToken);
        return new SuspendResponse();
    }

    public override async Task<ResumeResponse> ResumeInstance(ResumeRequest request, ServerCallContext context)
    {
        await Operations(context, request.Router).ResumeAsync(request.InstanceId, request.Reason, context.CancellationToken);
        return new ResumeResponse();
    }

    public override async Task<PurgeInstancesResponse> PurgeInstances(PurgeInstancesRequest request, ServerCallContext context)
    {
        if (request.PurgeInstanceFilter is not null)
        {
            throw WorkflowErrors.Unknown("multi-instance purge is not implemented");
        }

        return new PurgeInstancesResponse
        {
            DeletedInstanceCount = await Operations(context, request.Router).PurgeAsync(request.InstanceId, request.Recursive, request.Force, context.CancellationToken),
        };
    }

    public override async Task GetWorkItems(GetWorkItemsRequest request, IServerStreamWriter<WorkItem> responseStream, ServerCallContext context)
    {
        var app = context.GetHttpContext().App();
        if (app.ActorStateStore is null)
        {
            throw new RpcException(new Status(StatusCode.Unavailable, $"unable to establish work item stream at this time: {WorkflowErrors.NoActorStateStore}"));
        }

        var engine = engines.Of(app);
        await engine.OwnAsync(context.CancellationToken);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, lifetime.ApplicationStopping, engine.Ended);
        try
        {
            // The worker knows by the headers that it is connected; the first item may be long in coming.
            await context.WriteResponseHeadersAsync([]);
            await engine.WorkItems.ServeAsync(request.Capabilities.Contains(WorkerCapability.StatefulHistory), responseStream.WriteAsync, engine.WorkerConnected, ended.Token);
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            // In daprd's words; the worker connects again.
            throw new RpcException(new Status(StatusCode.Cancelled, "shutting down"));
        }
        catch (OperationCanceledException) when (context.CancellationToken.IsCancellationRequested)
        {
            // The worker went away; nobody is left to be told.
        }
        catch (OperationCanceledException) when (engine.Ended.IsCancellationRequested)
        {
            throw new RpcException(new Status(StatusCode.Unavailable, "another host has taken over the workflows of this app"));
        }
        catch (OperationCanceledException)
        {
            throw new RpcException(new Status(StatusCode.Unavailable, "timed out while sending work item"));
        }
        finally
        {
            engine.WorkerLeft();
        }
    }

    public override async Task<CompleteTaskResponse> CompleteActivityTask(ActivityResponse request, ServerCallContext context)
    {
        await Engine(context, null).WorkItems.CompleteActivityAsync(request);
        return new CompleteTaskResponse();
    }

    public override Task<CompleteTaskResponse> CompleteOrchestratorTask(WorkflowResponse request, ServerCallContext context) => CompleteWorkflowTask(request, context);

    public override async Task<CompleteTaskResponse> CompleteWorkflowTask(WorkflowResponse request, ServerCallContext context)
    {
        await Engine(context, null).WorkItems.CompleteTurnAsync(request);
        return new CompleteTaskResponse();
    }

    public override async Task<RerunWorkflowFromEventResponse> RerunWorkflowFromEvent(RerunWorkflowFromEventRequest request, ServerCallContext context) =>
        new() { NewInstanceID = await Operations(context, request.Router).RerunAsync(request, context.CancellationToken) };

    public override async Task<ListInstanceIDsResponse> ListInstanceIDs(ListInstanceIDsRequest request, ServerCallContext context)
    {
        var (ids, token) = await Operations(context, null).ListAsync(
            request.HasContinuationToken ? request.ContinuationToken : null, request.HasPageSize ? request.PageSize : null, context.CancellationToken);
        var response = new ListInstanceIDsResponse { InstanceIds = { ids } };
        if (token is not null)
        {
            response.ContinuationToken = token;
        }

        return response;
    }

    public override async Task<GetInstanceHistoryResponse> GetInstanceHistory(GetInstanceHistoryRequest request, ServerCallContext context) =>
        new() { Events = { await Operations(context, null).HistoryAsync(request.InstanceId, context.CancellationToken) } };

    private WorkflowOperations Operations(ServerCallContext context, TaskRouter? router) => new(Engine(context, router));

    private WorkflowEngine Engine(ServerCallContext context, TaskRouter? router)
    {
        var app = context.GetHttpContext().App();
        try
        {
            return router is { HasTargetAppID: true, TargetAppID: { Length: > 0 } target } && target != app.AppId
                ? engines.Find(target) ?? throw WorkflowErrors.Unknown(WorkflowErrors.NoSuchApp(target).ErrorMessage)
                : engines.Of(app);
        }
        catch (InvalidOperationException error)
        {
            throw new RpcException(new Status(StatusCode.Internal, error.Message));
        }
    }
}
