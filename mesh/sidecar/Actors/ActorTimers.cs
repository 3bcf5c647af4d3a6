using System.Text.Json;
using Tarasol.Sidecar.Scheduling;

namespace Tarasol.Sidecar.Actors;

/// <summary>The timers of an app's actors: in memory, gone with the actor.</summary>
internal sealed class ActorTimers(ActorHost host, TimeProvider time, ILogger log)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ActorRef, Dictionary<string, Timer>> _timers = [];

    /// <summary>Starts the timer; one of the same name is replaced.</summary>
    /// <exception cref="Hosting.DaprException">Its type is not hosted, or a time cannot be read.</exception>
    public void Register(ActorRef actor, string name, TimerRequest request)
    {
        if (!host.Types.ContainsKey(actor.Type))
            throw ActorErrors.TimerCreate($"can't create timer for actor {actor}: actor type not registered");
        if (!host.IsHere)
            throw ActorErrors.TimerCreate($"can't create timer for actor {actor}: it lives in another host of this app");
        var timer = Create(actor, name, request);
        lock (_gate)
        {
            if (!_timers.TryGetValue(actor, out var ofActor))
                _timers[actor] = ofActor = [];
            if (ofActor.Remove(name, out var before))
                before.Clock?.Dispose();
            ofActor[name] = timer;
            Arm(timer);
        }
    }

    public void Unregister(ActorRef actor, string name)
    {
        lock (_gate)
        {
            if (!_timers.TryGetValue(actor, out var ofActor) || !ofActor.Remove(name, out var timer))
                return;
            timer.Clock?.Dispose();
            if (ofActor.Count == 0)
                _timers.Remove(actor);
        }
    }

    /// <summary>The actor is deactivated.</summary>
    public void Drop(ActorRef actor)
    {
        lock (_gate)
        {
            if (_timers.Remove(actor, out var ofActor))
                DisposeAll(ofActor.Values);
        }
    }

    /// <summary>The app is gone.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            DisposeAll(_timers.Values.SelectMany(ofActor => ofActor.Values));
            _timers.Clear();
        }
    }

    private static void DisposeAll(IEnumerable<Timer> timers)
    {
        foreach (var timer in timers)
            timer.Clock?.Dispose();
    }

    private Timer Create(ActorRef actor, string name, TimerRequest request)
    {
        var now = time.GetUtcNow();
        var due = now;
        if (request.DueTime.Length > 0 && !DaprPeriod.TryParseTime(request.DueTime, now, out due))
            throw ActorErrors.TimerCreate($"error parsing timer due time: unsupported time/duration format: {request.DueTime}");
        DaprPeriod? period = null;
        if (request.Period.Length > 0 && !DaprPeriod.TryParse(request.Period, out period))
            throw ActorErrors.TimerCreate($"invalid timer period: parse error: unsupported duration format: {request.Period}");
        if (period?.Repeats == 0)
            throw ActorErrors.TimerCreate("invalid timer period: has zero repetitions");
        DateTimeOffset? expires = null;
        if (request.Ttl.Length > 0)
        {
            if (!DaprPeriod.TryParseTime(request.Ttl, due, out var end))
                throw ActorErrors.TimerCreate($"error parsing timer TTL: unsupported time/duration format: {request.Ttl}");
            if (end < now || end < due)
                throw ActorErrors.TimerCreate($"timer {actor}||{name} has already expired: dueTime: {due:O} TTL: {request.Ttl}");
            expires = end;
        }
        return new Timer(actor, name, request, period) { Due = due, Expires = expires, Left = period?.Repeats };
    }

    /// <summary>Under the gate.</summary>
    private void Arm(Timer timer)
    {
        var wait = timer.Due - time.GetUtcNow();
        wait = wait < TimeSpan.Zero ? TimeSpan.Zero : wait < TimeSpan.FromDays(1) ? wait : TimeSpan.FromDays(1);
        if (timer.Clock is null)
            timer.Clock = time.CreateTimer(_ => Ring(timer), null, wait, Timeout.InfiniteTimeSpan);
        else
            timer.Clock.Change(wait, Timeout.InfiniteTimeSpan);
    }

    private bool IsRegistered(Timer timer) => _timers.TryGetValue(timer.Actor, out var ofActor) && ofActor.GetValueOrDefault(timer.Name) == timer;

    private void Ring(Timer timer)
    {
        lock (_gate)
        {
            if (!IsRegistered(timer))
                return;
            if (timer.Due > time.GetUtcNow())
            {
                Arm(timer);
                return;
            }
        }
        _ = Task.Run(() => FireAsync(timer));
    }

    /// <summary>The next time is set after the callback returned, so a timer never overlaps itself; a failed callback counts like another.</summary>
    private async Task FireAsync(Timer timer)
    {
        var delivery = Delivery.Failed;
        try
        {
            delivery = await host.CallBackAsync(timer.Actor, "timer", timer.Name, timer.Request.Body(), CancellationToken.None);
        }
        catch (Exception e)
        {
            log.LogError(e, "Timer {Name} of actor {Actor} failed", timer.Name, timer.Actor);
        }
        lock (_gate)
        {
            if (!IsRegistered(timer))
                return;
            timer.Left--;
            if (delivery != Delivery.Cancel && timer.Period is { Recurs: true } period && timer.Left != 0)
            {
                timer.Due = period.After(timer.Due);
                if (timer.Expires is null || timer.Due < timer.Expires)
                {
                    Arm(timer);
                    return;
                }
            }
            Unregister(timer.Actor, timer.Name);
        }
    }

    private sealed class Timer(ActorRef actor, string name, TimerRequest request, DaprPeriod? period)
    {
        public ActorRef Actor => actor;

        public string Name => name;

        public TimerRequest Request => request;

        public DaprPeriod? Period => period;

        public DateTimeOffset Due { get; set; }

        public DateTimeOffset? Expires { get; init; }

        /// <summary>Null: without end.</summary>
        public int? Left { get; set; }

        public ITimer? Clock { get; set; }
    }
}

/// <summary>A timer as its actor registered it; empty texts are absent ones.</summary>
/// <param name="Data">JSON, or null.</param>
internal sealed record TimerRequest(string DueTime, string Period, string Ttl, string Callback, byte[]? Data)
{
    /// <summary>What the app receives: the values as they were given.</summary>
    public byte[] Body()
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            if (Data is not null)
            {
                json.WritePropertyName("data");
                json.WriteRawValue(Data);
            }
            json.WriteString("callback", Callback);
            json.WriteString("dueTime", DueTime);
            json.WriteString("period", Period);
            json.WriteEndObject();
        }
        return stream.ToArray();
    }
}
