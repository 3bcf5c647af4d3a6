using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Tarasol.Sidecar.Hosting;
using Tarasol.Sidecar.Scheduling;

namespace Tarasol.Sidecar.Jobs;

/// <summary>A job as its app wrote it; null is absent.</summary>
internal sealed record JobRequest(string Name, string? Schedule, uint? Repeats, string? DueTime, string? Ttl, Any? Data, FailurePolicy? FailurePolicy, bool Overwrite);

/// <summary>What the jobs API does, over HTTP as over gRPC: jobs of kind "job" in the app's agenda.</summary>
internal sealed class JobsApi(JobSchedulers schedulers, TimeProvider time)
{
    public const string Kind = "job";

    /// <exception cref="DaprException">It cannot be scheduled as it was written, or exists and is not to be overwritten.</exception>
    public async Task ScheduleAsync(AppRuntime app, JobRequest request)
    {
        if (request.Name.Length == 0)
            throw Error(app, "DAPR_SCHEDULER_JOB_NAME_EMPTY", 400, StatusCode.InvalidArgument, "Name is empty");
        if (request.Schedule is null && request.DueTime is null)
            throw Error(app, "DAPR_SCHEDULER_SCHEDULE_EMPTY", 400, StatusCode.InvalidArgument, "Schedule is empty");
        const string code = "DAPR_SCHEDULER_SCHEDULE_JOB";
        var agenda = Agenda(app, code, "schedule");
        var key = Key(request.Name);
        try
        {
            var job = ScheduledJob.Create(
                key, request.Schedule, request.Repeats, request.DueTime, request.Ttl, request.Data?.ToByteArray(), request.FailurePolicy, time.GetUtcNow());
            await agenda.ScheduleAsync(key, job, request.Overwrite);
        }
        catch (JobExistsException e)
        {
            throw Error(app, code, 409, StatusCode.AlreadyExists, $"failed to schedule job due to: rpc error: code = AlreadyExists desc = {e.Message}");
        }
        catch (JobFormatException e)
        {
            throw Error(app, code, 500, StatusCode.Internal, $"failed to schedule job due to: rpc error: code = Unknown desc = job failed validation: {e.Message}");
        }
        catch (Exception e) when (e is not DaprException)
        {
            throw Error(app, code, 500, StatusCode.Internal, $"failed to schedule job due to: {e.Message}");
        }
    }

    /// <exception cref="DaprException">There is none.</exception>
    public async Task<ScheduledJob> GetAsync(AppRuntime app, string name)
    {
        CheckName(app, name);
        const string code = "DAPR_SCHEDULER_GET_JOB";
        return await ListAsync(app, JobFilter.Of(Key(name)), code, "get") is [var job, ..] ? job
            : throw Error(app, code, 500, StatusCode.Internal, $"failed to get job due to: rpc error: code = NotFound desc = job not found: {name}");
    }

    public Task<IReadOnlyList<ScheduledJob>> ListAsync(AppRuntime app) => ListAsync(app, new JobFilter(Kind), "DAPR_SCHEDULER_LIST_JOBS", "list");

    /// <summary>No error when there is none.</summary>
    public Task DeleteAsync(AppRuntime app, string name)
    {
        CheckName(app, name);
        return DeleteAsync(app, JobFilter.Of(Key(name)));
    }

    public Task DeleteByPrefixAsync(AppRuntime app, string prefix) => DeleteAsync(app, new JobFilter(Kind, NamePrefix: prefix));

    private async Task<IReadOnlyList<ScheduledJob>> ListAsync(AppRuntime app, JobFilter filter, string code, string what)
    {
        var agenda = Agenda(app, code, what);
        try
        {
            return await agenda.ListAsync(filter);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw Error(app, code, 500, StatusCode.Internal, $"failed to {what} job due to: {e.Message}");
        }
    }

    private async Task DeleteAsync(AppRuntime app, JobFilter filter)
    {
        const string code = "DAPR_SCHEDULER_DELETE_JOB";
        var agenda = Agenda(app, code, "delete");
        try
        {
            await agenda.DeleteAsync(filter);
        }
        catch (Exception e)
        {
            throw Error(app, code, 500, StatusCode.Internal, $"failed to delete job due to: {e.Message}");
        }
    }

    private IAgenda Agenda(AppRuntime app, string code, string what) =>
        schedulers.Of(app) ?? throw Error(app, code, 500, StatusCode.Internal,
            $"failed to {what} job due to: jobs are kept in the actor state store, and no state component that {app.AppId} may see has the metadata actorStateStore \"true\"");

    private static void CheckName(AppRuntime app, string name)
    {
        if (name.Length == 0)
            throw Error(app, "DAPR_SCHEDULER_JOB_NAME_EMPTY", 400, StatusCode.InvalidArgument, "Name is empty");
    }

    public static DaprException Error(AppRuntime app, string code, int http, StatusCode grpc, string message) => new(code, http, grpc, message)
    {
        Info = new DaprErrorInfo(code, new Dictionary<string, string> { ["appID"] = app.AppId, ["namespace"] = app.Namespace }),
    };

    /// <summary>Each job is an owner of its own: a slow one holds up no other.</summary>
    private static JobKey Key(string name) => new(Kind, name, name);
}
