using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Tarasol.Sidecar.Hosting;
using Tarasol.Workflow.Protocol;

namespace Tarasol.Sidecar.Workflows;

/// <summary>Dapr's own workflow API, over HTTP and gRPC alike: the task hub's operations with checked ids and Dapr's error codes.</summary>
internal sealed class WorkflowApi(WorkflowEngines engines)
{
    private const int MaxInstanceIdLength = 64;

    public async Task<string> StartAsync(AppRuntime app, StartWorkflowRequest request, CancellationToken cancel)
    {
        var id = request.InstanceId.Length > 0 ? request.InstanceId : Guid.NewGuid().ToString();
        CheckId(id, isNew: true);
        if (request.WorkflowName.Length == 0)
        {
            throw Error("ERR_WORKFLOW_NAME_MISSING", StatusCodes.Status400BadRequest, StatusCode.InvalidArgument, "workflow name is not configured");
        }

        Timestamp? startTime = null;
        if (request.Options.TryGetValue("dapr.workflow.start_time", out var text))
        {
            startTime = DateTimeOffset.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AssumeUniversal, out var at)
                ? Timestamp.FromDateTimeOffset(at)
                : throw Internal("ERR_START_WORKFLOW", $"error starting workflow '{request.WorkflowName}': start times must be in RFC3339 format (e.g. \"2009-11-10T23:00:00Z\")");
        }

        try
        {
            await Operations(app).StartAsync(
                new CreateInstanceRequest { InstanceId = id, Name = request.WorkflowName, Input = request.Input.ToStringUtf8(), ScheduledStartTimestamp = startTime }, cancel);
        }
        catch (RpcException error)
        {
            throw Internal("ERR_START_WORKFLOW", $"error starting workflow '{request.WorkflowName}': unable to start workflow: failed to start workflow: {Inner(error)}");
        }

        return id;
    }

    /// <summary>Null: there is no such instance.</summary>
    public async Task<GetWorkflowResponse?> GetAsync(AppRuntime app, string id, CancellationToken cancel)
    {
        CheckId(id);
        var found = await Operations(app).GetAsync(new GetInstanceRequest { InstanceId = id, GetInputsAndOutputs = true }, cancel);
        if (!found.Exists)
        {
            return null;
        }

        var state = found.WorkflowState;
        var response = new GetWorkflowResponse
        {
            InstanceId = id,
            WorkflowName = state.Name,
            CreatedAt = state.CreatedTimestamp,
            LastUpdatedAt = state.LastUpdatedTimestamp,
            RuntimeStatus = StatusName(state.WorkflowStatus),
        };
        Add("dapr.workflow.custom_status", state.CustomStatus);
        Add("dapr.workflow.input", state.Input);
        if (state.FailureDetails is { } failure)
        {
            Add("dapr.workflow.failure.error_type", failure.ErrorType);
            Add("dapr.workflow.failure.error_message", failure.ErrorMessage);
            Add("dapr.workflow.failure.stack_trace", failure.StackTrace);
        }
        else
        {
            Add("dapr.workflow.output", state.Output);
        }

        return response;

        void Add(string key, string? value)
        {
            if (value is not null)
            {
                response.Properties[key] = value;
            }
        }
    }

    public async Task RaiseEventAsync(AppRuntime app, string id, string name, string? data, CancellationToken cancel)
    {
        CheckId(id);
        if (name.Length == 0)
        {
            throw Error("ERR_WORKFLOW_EVENT_NAME_MISSING", StatusCodes.Status400BadRequest, StatusCode.InvalidArgument, "missing workflow event name");
        }

        await CallAsync(() => Operations(app).RaiseEventAsync(id, name, data, cancel), "ERR_RAISE_EVENT_WORKFLOW",
            problem => $"error raising event on workflow '{id}': failed to raise event {name} on workflow {id}: failed to raise event: {problem}");
    }

    public Task PauseAsync(AppRuntime app, string id, CancellationToken cancel)
    {
        CheckId(id);
        return CallAsync(() => Operations(app).SuspendAsync(id, "", cancel), "ERR_PAUSE_WORKFLOW",
            problem => $"error pausing workflow {id}: failed to pause workflow {id}: failed to suspend workflow: {problem}");
    }

    public Task ResumeAsync(AppRuntime app, string id, CancellationToken cancel)
    {
        CheckId(id);
        return CallAsync(() => Operations(app).ResumeAsync(id, "", cancel), "ERR_RESUME_WORKFLOW",
            problem => $"error resuming workflow {id}: failed to resume workflow {id}: failed to resume workflow: {problem}");
    }

    public Task TerminateAsync(AppRuntime app, string id, CancellationToken cancel)
    {
        CheckId(id);
        return CallAsync(() => Operations(app).TerminateAsync(id, null, recursive: true, cancel), "ERR_TERMINATE_WORKFLOW",
            problem => $"error terminating workflow '{id}': failed to terminate workflow {id}: {problem}", notFoundOf: id);
    }

    public Task PurgeAsync(AppRuntime app, string id, CancellationToken cancel)
    {
        CheckId(id);
        return CallAsync(() => Operations(app).PurgeAsync(id, recursive: true, force: false, cancel), "ERR_PURGE_WORKFLOW",
            problem => $"error purging workflow {id}: failed to Purge workflow {id}: {problem}", notFoundOf: id);
    }

    public static DaprException NotFound(string id) =>
        Error("ERR_INSTANCE_ID_NOT_FOUND", StatusCodes.Status404NotFound, StatusCode.NotFound, $"unable to find workflow with the provided instance ID: {id}");

    private WorkflowOperations Operations(AppRuntime app) => app.ActorStateStore is null
        ? throw Internal("ERR_ACTOR_RUNTIME_NOT_FOUND", WorkflowErrors.NoActorStateStore)
        : new WorkflowOperations(engines.Of(app));

    private static async Task CallAsync(Func<Task> call, string errorCode, Func<string, string> message, string? notFoundOf = null)
    {
        try
        {
            await call();
        }
        catch (RpcException error) when (notFoundOf is not null && error.Status.Detail.EndsWith(WorkflowErrors.NoInstance, StringComparison.Ordinal))
        {
            throw NotFound(notFoundOf);
        }
        catch (RpcException error)
        {
            throw Internal(errorCode, message(Inner(error)));
        }
    }

    /// <summary>Go's text of an error that came as a gRPC status.</summary>
    private static string Inner(RpcException error) =>
        error.StatusCode == StatusCode.Unknown ? error.Status.Detail : $"rpc error: code = {error.StatusCode} desc = {error.Status.Detail}";

    private static void CheckId(string id, bool isNew = false)
    {
        if (id.Length == 0)
        {
            throw Error("ERR_INSTANCE_ID_PROVIDED_MISSING", StatusCodes.Status400BadRequest, StatusCode.InvalidArgument, "no instance ID was provided");
        }

        if (isNew && id.Length > MaxInstanceIdLength)
        {
            throw Error("ERR_INSTANCE_ID_TOO_LONG", StatusCodes.Status400BadRequest, StatusCode.InvalidArgument,
                $"workflow instance ID exceeds the max length of {MaxInstanceIdLength} characters");
        }

        if (isNew && !id.All(character => char.IsAsciiLetterOrDigit(character) || character is '_' or '-'))
        {
            throw Error("ERR_INSTANCE_ID_INVALID", StatusCodes.Status400BadRequest, StatusCode.InvalidArgument,
                $"workflow instance ID '{id}' is invalid: only alphanumeric and underscore characters are allowed");
        }
    }

    private static string StatusName(OrchestrationStatus status) => status switch
    {
        OrchestrationStatus.Running => "RUNNING",
        OrchestrationStatus.Completed => "COMPLETED",
        OrchestrationStatus.ContinuedAsNew => "CONTINUED_AS_NEW",
        OrchestrationStatus.Failed => "FAILED",
        OrchestrationStatus.Canceled => "CANCELED",
        OrchestrationStatus.Terminated => "TERMINATED",
        OrchestrationStatus.Pending => "PENDING",
        OrchestrationStatus.Suspended => "SUSPENDED",
        _ => "UNKNOWN",
    };

    private static DaprException Internal(string code, string message) => Error(code, StatusCodes.Status500InternalServerError, StatusCode.Internal, message);

    private static DaprException Error(string code, int http, StatusCode grpc, string message) => new(code, http, grpc, message);
}
