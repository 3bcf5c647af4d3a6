using System.Text.Json;
using Tarasol.Sidecar.Hosting;
using Tarasol.Sidecar.Scheduling;

namespace Tarasol.Sidecar.Actors;

/// <summary>A reminder as its actor registered it; empty texts are absent ones.</summary>
/// <param name="Data">JSON, or null.</param>
internal sealed record ReminderRequest(string DueTime, string Period, string Ttl, byte[]? Data, bool Overwrite, FailurePolicy? FailurePolicy);

/// <summary>Durable reminders: jobs of kind "reminder" in the agenda of the app that hosts the actor type.</summary>
internal sealed class ActorReminders(JobSchedulers schedulers)
{
    private const string Kind = "reminder";

    /// <summary>The app is up: its reminders are delivered, those that waited at once.</summary>
    public Task StartAsync(ActorHost host) => schedulers.DeliverAsync(host.App, Kind, (job, cancel) => DeliverAsync(host, job, cancel));

    /// <summary>The app is gone: its reminders wait, or another host of the same app delivers them.</summary>
    public void Stop(ActorHost host) => schedulers.Withdraw(host.App, Kind);

    /// <exception cref="DaprException">Not hosted, a time cannot be read, or it exists and is not to be overwritten.</exception>
    public async Task RegisterAsync(ActorHost host, ActorRef actor, string name, ReminderRequest request, DateTimeOffset now)
    {
        var agenda = Hosted(host, actor.Type);
        var key = Key(actor, name);
        try
        {
            var (schedule, repeats) = Schedule(request.Period);
            var job = ScheduledJob.Create(key, schedule, repeats, NullIfEmpty(request.DueTime), NullIfEmpty(request.Ttl), request.Data, request.FailurePolicy, now);
            await agenda.ScheduleAsync(key, job, request.Overwrite);
        }
        catch (JobExistsException)
        {
            throw ActorErrors.ReminderExists(name);
        }
        catch (JobFormatException e)
        {
            throw ActorErrors.ReminderCreate($"rpc error: code = Unknown desc = job failed validation: {e.Message}");
        }
        catch (Exception e) when (e is not DaprException)
        {
            throw ActorErrors.ReminderCreate(e.Message);
        }
    }

    /// <summary>Null when there is none.</summary>
    public async Task<ScheduledJob?> FindAsync(ActorHost host, ActorRef actor, string name) =>
        await Hosted(host, actor.Type).ListAsync(JobFilter.Of(Key(actor, name))) is [var job, ..] ? job : null;

    /// <param name="id">Null: of all actors of the type.</param>
    public async Task<IReadOnlyList<(ActorRef Actor, ScheduledJob Job)>> ListAsync(ActorHost host, string type, string? id) =>
        [.. (await Hosted(host, type).ListAsync(Of(type, id))).Select(job => (Actor(job.Key), job))];

    public Task UnregisterAsync(ActorHost host, ActorRef actor, string name) => TryDeleteAsync(Hosted(host, actor.Type), JobFilter.Of(Key(actor, name)));

    /// <param name="id">Null: of all actors of the type.</param>
    public Task UnregisterAllAsync(ActorHost host, string type, string? id) => TryDeleteAsync(Hosted(host, type), Of(type, id));

    private static async Task TryDeleteAsync(IAgenda agenda, JobFilter filter)
    {
        try
        {
            await agenda.DeleteAsync(filter);
        }
        catch (Exception e)
        {
            throw ActorErrors.ReminderDelete(e.Message);
        }
    }

    private IAgenda Hosted(ActorHost host, string type)
    {
        if (!host.Types.ContainsKey(type))
            throw ActorErrors.ReminderNotHosted();
        return schedulers.Of(host.App) ?? throw ActorErrors.NoStateStore();
    }

    private static async Task<Delivery> DeliverAsync(ActorHost host, ScheduledJob job, CancellationToken cancel)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            if (job.Data is not null)
            {
                json.WritePropertyName("data");
                json.WriteRawValue(job.Data);
            }
            // Empty, as daprd has sent them since reminders are jobs of its scheduler.
            json.WriteString("dueTime", "");
            json.WriteString("period", "");
            json.WriteEndObject();
        }
        return await host.CallBackAsync(Actor(job.Key), "remind", job.Key.Name, stream.ToArray(), cancel);
    }

    private static (string? Schedule, uint? Repeats) Schedule(string period)
    {
        if (period.Length == 0)
            return (null, null);
        if (!DaprPeriod.TryParse(period, out var parsed) || parsed.HasCalendarParts || parsed.Time < TimeSpan.Zero)
            throw ActorErrors.ReminderCreate($"unsupported period format: {period}");
        if (parsed.Repeats == 0)
            throw ActorErrors.ReminderCreate($"unsupported period format: {period}: it has zero repetitions");
        return ($"@every {GoDuration.Format(parsed.Time)}", (uint?)parsed.Repeats);
    }

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;

    private static JobKey Key(ActorRef actor, string name) => new(Kind, actor.ToString(), name);

    private static JobFilter Of(string type, string? id) =>
        id is null ? new JobFilter(Kind, OwnerPrefix: type + "||") : new JobFilter(Kind, new ActorRef(type, id).ToString());

    private static ActorRef Actor(JobKey key)
    {
        var parts = key.Owner.Split("||", 2);
        return new ActorRef(parts[0], parts[1]);
    }
}
