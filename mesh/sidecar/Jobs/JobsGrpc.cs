using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Tarasol.Sidecar.Actors;
using Tarasol.Sidecar.Hosting;
using Tarasol.Sidecar.Scheduling;

namespace Tarasol.Sidecar.Jobs;

/// <summary>The jobs API over gRPC, by its stable names and those of its alpha.</summary>
internal static class JobsGrpc
{
    public static void Bind(DaprMethods methods)
    {
        foreach (var suffix in (string[])["", "Alpha1"])
        {
            methods.Unary<ScheduleJobRequest, ScheduleJobResponse>($"ScheduleJob{suffix}", ScheduleAsync);
            methods.Unary<GetJobRequest, GetJobResponse>($"GetJob{suffix}", GetAsync);
            methods.Unary<DeleteJobRequest, DeleteJobResponse>($"DeleteJob{suffix}", DeleteAsync);
        }
        methods.Unary<DeleteJobsByPrefixRequest, DeleteJobsByPrefixResponse>("DeleteJobsByPrefix", async (app, request, call) =>
        {
            await Jobs(call).DeleteByPrefixAsync(app, request.NamePrefix);
            return new DeleteJobsByPrefixResponse();
        });
        methods.Unary<DeleteJobsByPrefixRequestAlpha1, DeleteJobsByPrefixResponseAlpha1>("DeleteJobsByPrefixAlpha1", async (app, request, call) =>
        {
            await Jobs(call).DeleteByPrefixAsync(app, request.NamePrefix);
            return new DeleteJobsByPrefixResponseAlpha1();
        });
        methods.Unary<ListJobsRequest, ListJobsResponse>("ListJobs", async (app, _, call) =>
            new ListJobsResponse { Jobs = { (await Jobs(call).ListAsync(app)).Select(Message) } });
        methods.Unary<ListJobsRequestAlpha1, ListJobsResponseAlpha1>("ListJobsAlpha1", async (app, _, call) =>
            new ListJobsResponseAlpha1 { Jobs = { (await Jobs(call).ListAsync(app)).Select(Message) } });
    }

    private static async Task<ScheduleJobResponse> ScheduleAsync(AppRuntime app, ScheduleJobRequest request, ServerCallContext call)
    {
        if (request.Job is not { } job)
            throw JobsApi.Error(app, "DAPR_SCHEDULER_EMPTY", 400, StatusCode.InvalidArgument, "Job is empty");
        await Jobs(call).ScheduleAsync(app, new JobRequest(
            job.Name, job.HasSchedule ? job.Schedule : null, job.HasRepeats ? job.Repeats : null, job.HasDueTime ? job.DueTime : null, job.HasTtl ? job.Ttl : null,
            job.Data, ActorGrpc.Policy(job.FailurePolicy), request.Overwrite));
        return new ScheduleJobResponse();
    }

    private static async Task<GetJobResponse> GetAsync(AppRuntime app, GetJobRequest request, ServerCallContext call) =>
        new() { Job = Message(await Jobs(call).GetAsync(app, request.Name)) };

    private static async Task<DeleteJobResponse> DeleteAsync(AppRuntime app, DeleteJobRequest request, ServerCallContext call)
    {
        await Jobs(call).DeleteAsync(app, request.Name);
        return new DeleteJobResponse();
    }

    private static JobsApi Jobs(ServerCallContext call) => call.GetHttpContext().RequestServices.GetRequiredService<JobsApi>();

    private static Job Message(ScheduledJob job)
    {
        var message = new Job { Name = job.Key.Name, Data = job.Data is null ? null : Any.Parser.ParseFrom(job.Data), FailurePolicy = Policy(job.FailurePolicy) };
        if (job.Schedule is not null)
            message.Schedule = job.Schedule;
        if (job.Repeats is { } repeats)
            message.Repeats = repeats;
        if (job.DueTime is not null)
            message.DueTime = job.DueTime;
        if (job.Ttl is not null)
            message.Ttl = job.Ttl;
        return message;
    }

    private static JobFailurePolicy Policy(FailurePolicy policy)
    {
        if (policy.Drop)
            return new JobFailurePolicy { Drop = new JobFailurePolicyDrop() };
        var constant = new JobFailurePolicyConstant { Interval = Duration.FromTimeSpan(policy.Interval) };
        if (policy.MaxRetries is { } retries)
            constant.MaxRetries = retries;
        return new JobFailurePolicy { Constant = constant };
    }
}
