using System.Text.Json.Serialization;

namespace Tarasol.Sidecar.Scheduling;

/// <summary>What names a job within one app-id.</summary>
/// <param name="Kind">Whose it is: "reminder", "job", ...; chooses who delivers it.</param>
/// <param name="Owner">Jobs of one owner are delivered one after the other, in the order of their due times. For a reminder: <c>type||id</c>.</param>
/// <param name="Name">Unique within kind and owner.</param>
internal readonly record struct JobKey(string Kind, string Owner, string Name);

/// <summary>What becomes of a due time whose delivery failed.</summary>
/// <param name="Drop">No retry.</param>
/// <param name="Interval">Between two tries.</param>
/// <param name="MaxRetries">After the first try; null: without end.</param>
internal sealed record FailurePolicy(bool Drop, TimeSpan Interval, uint? MaxRetries)
{
    /// <summary>Dapr's default: three retries, one second apart.</summary>
    public static readonly FailurePolicy Default = new(false, TimeSpan.FromSeconds(1), 3);
}

/// <summary>A job that fires once or again and again, as it lies in the state store: the caller's words and where it stands.</summary>
internal sealed record ScheduledJob
{
    public required JobKey Key { get; init; }

    /// <summary>Handed on as it is, never interpreted.</summary>
    public byte[]? Data { get; init; }

    /// <summary><c>@every 5s</c>, <c>@hourly</c>, ... or six cron fields; null: fires once.</summary>
    public string? Schedule { get; init; }

    public uint? Repeats { get; init; }

    /// <summary>As the caller wrote it.</summary>
    public string? DueTime { get; init; }

    /// <summary>As the caller wrote it.</summary>
    public string? Ttl { get; init; }

    public FailurePolicy FailurePolicy { get; init; } = FailurePolicy.Default;

    /// <summary>No due time after it.</summary>
    public DateTimeOffset? Expires { get; init; }

    /// <summary>The due time that is next, or that is being delivered.</summary>
    public required DateTimeOffset Due { get; init; }

    /// <summary>When to deliver it: the due time, or later when it is tried again.</summary>
    public required DateTimeOffset FireAt { get; init; }

    /// <summary>Due times that are over.</summary>
    public uint Count { get; init; }

    /// <summary>Failed tries of the present due time.</summary>
    public uint Attempts { get; init; }

    /// <summary>The next due time of a recurring job counts from the last one, not from its delivery: it does not drift, and what was missed is made up for.</summary>
    /// <returns>Null when nothing is left to fire.</returns>
    public ScheduledJob? Advance()
    {
        var count = Count + 1;
        if (Schedule is null || count >= Repeats)
            return null;
        var schedule = JobSchedule.Parse(Schedule);
        var due = schedule.Next(Due);
        // Without an end to it, an interval of zero would fire without a pause for ever: it counts as once.
        if (due is null || due > Expires || (due == Due && Repeats is null))
            return null;
        return this with { Count = count, Attempts = 0, Due = due.Value, FireAt = due.Value };
    }

    /// <returns>The same due time later, the next one, or null.</returns>
    public ScheduledJob? Fail(DateTimeOffset now)
    {
        var attempts = Attempts + 1;
        return FailurePolicy.Drop || attempts > FailurePolicy.MaxRetries ? Advance() : this with { Attempts = attempts, FireAt = now + FailurePolicy.Interval };
    }

    /// <summary>Checks the caller's words and finds the first due time.</summary>
    /// <returns>Null when it would expire before it fires.</returns>
    /// <exception cref="JobFormatException">Says what is wrong, in Dapr's words.</exception>
    public static ScheduledJob? Create(
        JobKey key, string? schedule, uint? repeats, string? dueTime, string? ttl, byte[]? data, FailurePolicy? failurePolicy, DateTimeOffset now)
    {
        if (schedule is null && dueTime is null)
            throw new JobFormatException("job must have either a due time or a schedule");
        if (schedule is null && repeats > 1)
            throw new JobFormatException("job must have a schedule to repeat");
        if (repeats == 0)
            throw new JobFormatException("defined repeats must be greater than 0");
        if (schedule is null && ttl is not null)
            throw new JobFormatException("job must have a schedule to have a ttl");
        var parsed = schedule is null ? null : JobSchedule.Parse(schedule);
        DateTimeOffset? begin = dueTime is null ? null
            : DaprPeriod.TryParseTime(dueTime, now, out var given) ? given
            : throw new JobFormatException("due time format not recognized");
        DateTimeOffset? expires = ttl is null ? null
            : DaprPeriod.TryParseTime(ttl, begin ?? now, out var end) ? end
            : throw new JobFormatException("ttl format not recognized");
        if (begin > expires)
            throw new JobFormatException("ttl must be greater than due time");
        var due = begin ?? parsed!.Next(now);
        return due is null || due > expires ? null : new ScheduledJob
        {
            Key = key, Data = data, Schedule = schedule, Repeats = repeats, DueTime = dueTime, Ttl = ttl,
            FailurePolicy = failurePolicy ?? FailurePolicy.Default, Expires = expires, Due = due.Value, FireAt = due.Value,
        };
    }
}

[JsonSerializable(typeof(ScheduledJob))]
[JsonSerializable(typeof(JobChange))]
[JsonSerializable(typeof(JobFilter))]
[JsonSerializable(typeof(List<ScheduledJob>))]
[JsonSerializable(typeof(AgendaHead))]
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class JobJson : JsonSerializerContext;

/// <summary>A job that cannot be scheduled as it was written.</summary>
internal sealed class JobFormatException(string message) : Exception(message);

/// <summary>A job of that name exists and was not to be overwritten.</summary>
internal sealed class JobExistsException(JobKey key) : Exception($"job already exists: '{key.Name}'");
