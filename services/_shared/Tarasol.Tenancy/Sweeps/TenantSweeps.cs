using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tarasol.Tenancy.Catalogue;

namespace Tarasol.Tenancy.Sweeps;

/// <summary>
/// Finishes what was committed but not yet carried through, such as a call to another service that comes after a commit. It is made from the tenant's scope and has to
/// find all such work in the tenant's database, so that a crash loses nothing.
/// </summary>
public interface ITenantSweep
{
    /// <summary>Finishes what can be finished now. When it throws, the tenant is swept again shortly after.</summary>
    Task SweepAsync(CancellationToken cancel);
}

/// <summary>Tells a sweep which tenants have work, so that it need not wait for the next round. A tenant waits at most once.</summary>
/// <typeparam name="TSweep">The sweep.</typeparam>
public sealed class SweepSignal<TSweep> where TSweep : class, ITenantSweep
{
    private readonly Channel<string> queue = Channel.CreateUnbounded<string>();
    private readonly ConcurrentDictionary<string, bool> waiting = new();

    /// <summary>The tenant has work.</summary>
    public void Set(string tenant)
    {
        if (waiting.TryAdd(tenant, true))
            queue.Writer.TryWrite(tenant);
    }

    internal async Task<string> NextAsync(CancellationToken cancel)
    {
        var tenant = await queue.Reader.ReadAsync(cancel);
        waiting.TryRemove(tenant, out _);
        return tenant;
    }
}

/// <summary>Adds sweeps to a service.</summary>
public static class TenantSweeps
{
    /// <summary>Runs <typeparamref name="TSweep"/> for every active tenant at start and every 30 seconds (less often with more than 50 tenants), and for a tenant as soon as <see cref="SweepSignal{TSweep}"/> is set.</summary>
    public static IServiceCollection AddTenantSweep<TSweep>(this IServiceCollection services, SweepRounds rounds = SweepRounds.Always) where TSweep : class, ITenantSweep
    {
        services.AddSingleton(new SweepPlan<TSweep>(rounds));
        services.AddScoped<TSweep>();
        services.AddSingleton<SweepSignal<TSweep>>();
        services.AddHostedService<TenantSweeper<TSweep>>();
        return services;
    }
}

/// <summary>When all active tenants are swept without a signal.</summary>
public enum SweepRounds
{
    /// <summary>At start and every 30 seconds.</summary>
    Always,

    /// <summary>At start only: every later cause sets the signal.</summary>
    AtStart,
}

internal sealed record SweepPlan<TSweep>(SweepRounds Rounds);

internal sealed class TenantSweeper<TSweep>(
    SweepPlan<TSweep> plan, SweepSignal<TSweep> signal, TenantScopes tenants, ITenantCatalogue catalogue, TimeProvider time, ILogger<TSweep> log) : BackgroundService
    where TSweep : class, ITenantSweep
{
    private static readonly TimeSpan Round = TimeSpan.FromSeconds(30);

    // Each tenant costs a connection to its database: with many of them the rounds get longer, so that idle tenants do not keep the server busy.
    private static readonly TimeSpan ForEach = TimeSpan.FromMilliseconds(600);
    private static readonly TimeSpan First = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan NotActiveAgain = TimeSpan.FromSeconds(3);
    private readonly ConcurrentDictionary<string, int> failures = new();
    private readonly ConcurrentDictionary<string, bool> again = new();

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(SweepAsync(stoppingToken), RoundsAsync(stoppingToken));

    private async Task SweepAsync(CancellationToken cancel)
    {
        while (!cancel.IsCancellationRequested)
        {
            var tenant = await signal.NextAsync(cancel);
            try
            {
                await tenants.RunAsync(tenant, services => services.GetRequiredService<TSweep>().SweepAsync(cancel), cancel);
                failures.TryRemove(tenant, out _);
            }
            catch (UnknownTenantException paused) when (paused.Status is TenantStatus.Suspended or TenantStatus.Archived)
            {
                // Its work waits in its database; the rounds come back to it when it is active again.
                failures.TryRemove(tenant, out _);
            }
            catch (Exception failed) when (!cancel.IsCancellationRequested)
            {
                log.LogWarning("{Sweep} of tenant {Tenant} is tried again: {Reason}", typeof(TSweep).Name, tenant, failed.Message);
                // One retry at a time for a tenant, however many signals came while the other side is away.
                if (again.TryAdd(tenant, true))
                    _ = AgainAsync(tenant, failed is UnknownTenantException ? NotActiveAgain : Wait(tenant), cancel);
            }
        }
    }

    private async Task AgainAsync(string tenant, TimeSpan wait, CancellationToken cancel)
    {
        await Task.Delay(wait, time, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        again.TryRemove(tenant, out _);
        signal.Set(tenant);
    }

    private TimeSpan Wait(string tenant)
    {
        var count = failures.AddOrUpdate(tenant, 1, (_, before) => before + 1);
        var wait = First * Math.Pow(2, Math.Min(count - 1, 10));
        return wait < Longest ? wait : Longest;
    }

    private async Task RoundsAsync(CancellationToken cancel)
    {
        while (!cancel.IsCancellationRequested)
        {
            var wait = Round;
            try
            {
                var active = await catalogue.ListActiveAsync(cancel);
                foreach (var tenant in active)
                    signal.Set(tenant);
                wait = active.Count * ForEach > Round ? active.Count * ForEach : Round;
                if (plan.Rounds == SweepRounds.AtStart)
                    return;
            }
            catch (Exception failed) when (!cancel.IsCancellationRequested)
            {
                log.LogWarning("The tenants to sweep are not known yet: {Reason}", failed.Message);
                wait = First;
            }
            await Task.Delay(wait, time, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
