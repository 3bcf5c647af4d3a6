using System.Text.Json;
using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Tarasol.Sidecar.Hosting;
using Tarasol.Sidecar.Scheduling;
using Tarasol.Sidecar.State;

namespace Tarasol.Sidecar.Actors;

/// <summary>The actor API over gRPC.</summary>
internal static class ActorGrpc
{
    private static readonly Empty Nothing = new();

    public static void Bind(DaprMethods methods)
    {
        methods.Unary<InvokeActorRequest, InvokeActorResponse>("InvokeActor", InvokeAsync);
        methods.Unary<GetActorStateRequest, GetActorStateResponse>("GetActorState", GetStateAsync);
        methods.Unary<ExecuteActorStateTransactionRequest, Empty>("ExecuteActorStateTransaction", CommitStateAsync);
        methods.Unary<RegisterActorReminderRequest, Empty>("RegisterActorReminder", RegisterReminderAsync);
        methods.Unary<UnregisterActorReminderRequest, Empty>("UnregisterActorReminder", UnregisterReminderAsync);
        methods.Unary<GetActorReminderRequest, GetActorReminderResponse>("GetActorReminder", GetReminderAsync);
        methods.Unary<ListActorRemindersRequest, ListActorRemindersResponse>("ListActorReminders", ListRemindersAsync);
        methods.Unary<UnregisterActorRemindersByTypeRequest, UnregisterActorRemindersByTypeResponse>("UnregisterActorRemindersByType", UnregisterRemindersAsync);
        methods.Unary<RegisterActorTimerRequest, Empty>("RegisterActorTimer", RegisterTimer);
        methods.Unary<UnregisterActorTimerRequest, Empty>("UnregisterActorTimer", UnregisterTimer);
    }

    /// <summary>As daprd: only an end given as a time is shown, a duration would say nothing without its start.</summary>
    public static string? ShownTtl(ScheduledJob job) => job.Ttl is not null && DaprPeriod.TryParseRfc3339(job.Ttl, out _) ? job.Ttl : null;

    private static async Task<InvokeActorResponse> InvokeAsync(AppRuntime app, InvokeActorRequest request, ServerCallContext call)
    {
        ActorNames.RefuseInternal(request.ActorType);
        ActorNames.Check(request.ActorType, "actorType");
        ActorNames.Check(request.ActorId, "actorId");
        var headers = request.Metadata.Where(header => ActorCall.IsForwarded(header.Key)).ToList();
        var contentType = request.Metadata.FirstOrDefault(header => header.Key.Equals("content-type", StringComparison.OrdinalIgnoreCase)).Value;
        var method = new ActorCall(ActorNames.NormalizeMethod(request.Method), request.Data.Memory, contentType, headers, "");
        var answer = await Service<ActorRouter>(call).InvokeAsync(app, new ActorRef(request.ActorType, request.ActorId), method, call.CancellationToken);
        return new InvokeActorResponse { Data = UnsafeByteOperations.UnsafeWrap(answer.Body) };
    }

    private static async Task<GetActorStateResponse> GetStateAsync(AppRuntime app, GetActorStateRequest request, ServerCallContext call)
    {
        ActorNames.RefuseInternal(request.ActorType);
        var item = await ActorState.GetAsync(Host(app, call), new ActorRef(request.ActorType, request.ActorId), request.Key, call.CancellationToken);
        var response = new GetActorStateResponse { Data = item is null ? ByteString.Empty : UnsafeByteOperations.UnsafeWrap(item.Value) };
        if (item?.Expires is { } expires)
            response.Metadata["ttlExpireTime"] = StateHttp.Rfc3339(expires);
        return response;
    }

    private static async Task<Empty> CommitStateAsync(AppRuntime app, ExecuteActorStateTransactionRequest request, ServerCallContext call)
    {
        ActorNames.RefuseInternal(request.ActorType);
        foreach (var operation in request.Operations)
        {
            if (operation.OperationType is not ("upsert" or "delete"))
                throw new DaprException("ERR_NOT_SUPPORTED_STATE_OPERATION", 500, StatusCode.Unimplemented, $"operation type {operation.OperationType} not supported");
        }
        var operations = request.Operations.Select(operation => new ActorStateOperation(
            operation.OperationType, operation.Key, operation.Value?.Value.ToByteArray() ?? [], false, null,
            operation.Metadata.FirstOrDefault(entry => entry.Key.Equals("ttlInSeconds", StringComparison.OrdinalIgnoreCase)).Value));
        await ActorState.CommitAsync(Host(app, call), new ActorRef(request.ActorType, request.ActorId), [.. operations], call.CancellationToken);
        return Nothing;
    }

    private static async Task<Empty> RegisterReminderAsync(AppRuntime app, RegisterActorReminderRequest request, ServerCallContext call)
    {
        ActorNames.RefuseInternal(request.ActorType);
        if (request.Name.Length == 0)
            throw ActorErrors.BadRequest("reminder name cannot be empty");
        ActorNames.Check(request.Name);
        var reminder = new ReminderRequest(
            request.DueTime, request.Period, request.Ttl, Json(request.Data), !request.HasOverwrite || request.Overwrite, Policy(request.FailurePolicy));
        await Service<ActorReminders>(call).RegisterAsync(
            Host(app, call), new ActorRef(request.ActorType, request.ActorId), request.Name, reminder, Service<TimeProvider>(call).GetUtcNow());
        return Nothing;
    }

    private static async Task<Empty> UnregisterReminderAsync(AppRuntime app, UnregisterActorReminderRequest request, ServerCallContext call)
    {
        ActorNames.RefuseInternal(request.ActorType);
        await Service<ActorReminders>(call).UnregisterAsync(Host(app, call), new ActorRef(request.ActorType, request.ActorId), request.Name);
        return Nothing;
    }

    private static async Task<GetActorReminderResponse> GetReminderAsync(AppRuntime app, GetActorReminderRequest request, ServerCallContext call)
    {
        ActorNames.RefuseInternal(request.ActorType);
        var job = await Service<ActorReminders>(call).FindAsync(Host(app, call), new ActorRef(request.ActorType, request.ActorId), request.Name)
            ?? throw ActorErrors.ReminderNotFound(request.Name);
        var response = new GetActorReminderResponse { ActorType = request.ActorType, ActorId = request.ActorId, Data = Any(job.Data) };
        if (job.DueTime is not null)
            response.DueTime = job.DueTime;
        if (job.Schedule is not null)
            response.Period = job.Schedule;
        if (ShownTtl(job) is { } ttl)
            response.Ttl = ttl;
        return response;
    }

    private static async Task<ListActorRemindersResponse> ListRemindersAsync(AppRuntime app, ListActorRemindersRequest request, ServerCallContext call)
    {
        ActorNames.RefuseInternal(request.ActorType);
        var response = new ListActorRemindersResponse();
        foreach (var (actor, job) in await Service<ActorReminders>(call).ListAsync(Host(app, call), request.ActorType, request.HasActorId ? request.ActorId : null))
        {
            var reminder = new ActorReminder { ActorType = actor.Type, ActorId = actor.Id, Data = Any(job.Data) };
            if (job.DueTime is not null)
                reminder.DueTime = job.DueTime;
            if (job.Schedule is not null)
                reminder.Period = job.Schedule;
            if (ShownTtl(job) is { } ttl)
                reminder.Ttl = ttl;
            response.Reminders.Add(new NamedActorReminder { Name = job.Key.Name, Reminder = reminder });
        }
        return response;
    }

    private static async Task<UnregisterActorRemindersByTypeResponse> UnregisterRemindersAsync(AppRuntime app, UnregisterActorRemindersByTypeRequest request, ServerCallContext call)
    {
        ActorNames.RefuseInternal(request.ActorType);
        await Service<ActorReminders>(call).UnregisterAllAsync(Host(app, call), request.ActorType, request.HasActorId ? request.ActorId : null);
        return new UnregisterActorRemindersByTypeResponse();
    }

    private static Task<Empty> RegisterTimer(AppRuntime app, RegisterActorTimerRequest request, ServerCallContext call)
    {
        ActorNames.RefuseInternal(request.ActorType);
        ActorNames.Check(request.Name);
        var timer = new TimerRequest(request.DueTime, request.Period, request.Ttl, request.Callback, Json(request.Data));
        Host(app, call).Timers.Register(new ActorRef(request.ActorType, request.ActorId), request.Name, timer);
        return Task.FromResult(Nothing);
    }

    private static Task<Empty> UnregisterTimer(AppRuntime app, UnregisterActorTimerRequest request, ServerCallContext call)
    {
        ActorNames.RefuseInternal(request.ActorType);
        Host(app, call).Timers.Unregister(new ActorRef(request.ActorType, request.ActorId), request.Name);
        return Task.FromResult(Nothing);
    }

    private static T Service<T>(ServerCallContext call) where T : notnull => call.GetHttpContext().RequestServices.GetRequiredService<T>();

    private static ActorHost Host(AppRuntime app, ServerCallContext call) => Service<ActorHosting>(call).Of(app);

    /// <summary>Bytes of a gRPC caller reach the app as a base64 text in JSON.</summary>
    private static byte[]? Json(ByteString data) => data.IsEmpty ? null : JsonSerializer.SerializeToUtf8Bytes(data.ToBase64());

    private static Any? Any(byte[]? data) =>
        data is null ? null : Google.Protobuf.WellKnownTypes.Any.Pack(new BytesValue { Value = UnsafeByteOperations.UnsafeWrap(data) });

    /// <summary>Null when none is given.</summary>
    public static FailurePolicy? Policy(JobFailurePolicy? policy) => policy?.PolicyCase switch
    {
        JobFailurePolicy.PolicyOneofCase.Drop => new FailurePolicy(true, TimeSpan.Zero, 0),
        JobFailurePolicy.PolicyOneofCase.Constant => new FailurePolicy(
            false, Interval(policy.Constant.Interval), policy.Constant.HasMaxRetries ? policy.Constant.MaxRetries : null),
        _ => null,
    };

    /// <summary>As Go reads a duration: seconds and nanoseconds are added whatever their signs, what is too long becomes the longest.</summary>
    private static TimeSpan Interval(Duration? written)
    {
        if (written is null)
            return TimeSpan.FromSeconds(1);
        var ticks = (decimal)written.Seconds * TimeSpan.TicksPerSecond + written.Nanos / 100m;
        return new TimeSpan((long)Math.Clamp(ticks, long.MinValue / 100m, long.MaxValue / 100m));
    }
}
