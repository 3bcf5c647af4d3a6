using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Dapr.Actors;
using Dapr.Actors.Client;
using Dapr.Actors.Runtime;

namespace Tarasol.Tests.Sidecar.Actors;

public interface ICounter : IActor
{
    Task<int> Increment();

    Task<int> Count();

    Task Remember(string value, TimeSpan? ttl);

    Task<string?> Recall();

    Task<string> Juggle();

    Task Fail();

    Task StartTimer(string name, TimeSpan period);

    Task StopTimer(string name);

    Task Remind(string name, TimeSpan due, TimeSpan period, int? repetitions);

    Task<string> ShowReminder(string name);

    Task Forget(string name);

    Task<int> Descend(int depth);
}

/// <summary>What the actors of a test saw. One per app, over its restarts.</summary>
public sealed class ActorLog
{
    private readonly ConcurrentDictionary<string, int> _inside = new();

    public ConcurrentQueue<string> Events { get; } = new();

    public bool Overlapped { get; private set; }

    /// <summary>Reminders that throw so many times more.</summary>
    public ConcurrentDictionary<string, int> Failures { get; } = new();

    public int Count(string what) => Events.Count(seen => seen == what);

    public void Add(string what) => Events.Enqueue(what);

    public void Enter(ActorId actor) => Overlapped |= _inside.AddOrUpdate(actor.GetId(), 1, (_, inside) => inside + 1) > 1;

    public void Leave(ActorId actor) => _inside.AddOrUpdate(actor.GetId(), 0, (_, inside) => inside - 1);
}

[Actor(TypeName = "counter")]
public sealed class CounterActor(ActorHost host, ActorLog log, IActorProxyFactory proxies) : Actor(host), ICounter, IRemindable
{
    public async Task<int> Increment()
    {
        log.Enter(Id);
        var count = await StateManager.GetOrAddStateAsync("count", 0) + 1;
        await StateManager.SetStateAsync("count", count);
        await Task.Yield();
        log.Leave(Id);
        return count;
    }

    public async Task<int> Count() => await StateManager.GetOrAddStateAsync("count", 0);

    public Task Remember(string value, TimeSpan? ttl) =>
        ttl is null ? StateManager.SetStateAsync("value", value) : StateManager.SetStateAsync("value", value, ttl.Value);

    public async Task<string?> Recall()
    {
        var value = await StateManager.TryGetStateAsync<string>("value");
        return value.HasValue ? value.Value : null;
    }

    public async Task<string> Juggle()
    {
        await StateManager.AddStateAsync("a", 1);
        var added = await StateManager.TryAddStateAsync("a", 2);
        await StateManager.AddOrUpdateStateAsync("b", 1, (_, value) => value + 1);
        await SaveStateAsync();
        await StateManager.AddOrUpdateStateAsync("b", 1, (_, value) => value + 1);
        await StateManager.RemoveStateAsync("a");
        var removed = await StateManager.TryRemoveStateAsync("a");
        await SaveStateAsync();
        await StateManager.ClearCacheAsync();
        return $"{added} {removed} {await StateManager.ContainsStateAsync("a")} {await StateManager.GetStateAsync<int>("b")}";
    }

    public Task Fail() => throw new InvalidOperationException("asked to");

    public Task StartTimer(string name, TimeSpan period) => RegisterTimerAsync(name, nameof(OnTimer), Encoding.UTF8.GetBytes(name), TimeSpan.Zero, period);

    public Task StopTimer(string name) => UnregisterTimerAsync(name);

    public Task OnTimer(byte[] data)
    {
        log.Add($"timer {Encoding.UTF8.GetString(data)}");
        return Task.CompletedTask;
    }

    public Task Remind(string name, TimeSpan due, TimeSpan period, int? repetitions) => repetitions is { } times
        ? RegisterReminderAsync(name, Encoding.UTF8.GetBytes($"for {name}"), due, period, times)
        : RegisterReminderAsync(name, Encoding.UTF8.GetBytes($"for {name}"), due, period);

    public async Task<string> ShowReminder(string name)
    {
        var reminder = await GetReminderAsync(name);
        return reminder is null ? "none" : string.Create(CultureInfo.InvariantCulture, $"{reminder.DueTime} {reminder.Period} {Encoding.UTF8.GetString(reminder.State)}");
    }

    public Task Forget(string name) => UnregisterReminderAsync(name);

    public async Task<int> Descend(int depth) =>
        depth == 0 ? 0 : 1 + await proxies.CreateActorProxy<ICounter>(Id, "counter").Descend(depth - 1);

    public Task ReceiveReminderAsync(string reminderName, byte[] state, TimeSpan dueTime, TimeSpan period)
    {
        log.Add($"reminder {Id} {reminderName} {Encoding.UTF8.GetString(state)}");
        if (log.Failures.TryGetValue(reminderName, out var left) && left > 0)
        {
            log.Failures[reminderName] = left - 1;
            throw new InvalidOperationException("asked to");
        }
        return Task.CompletedTask;
    }

    protected override Task OnActivateAsync()
    {
        log.Add($"activated {Id}");
        return Task.CompletedTask;
    }

    protected override Task OnDeactivateAsync()
    {
        log.Add($"deactivated {Id}");
        return Task.CompletedTask;
    }
}
