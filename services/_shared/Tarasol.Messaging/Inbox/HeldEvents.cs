using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Tarasol.Messaging.Data;
using Tarasol.Tenancy;
using Tarasol.Tenancy.Sweeps;

namespace Tarasol.Messaging;

/// <summary>
/// Events that were under way when their tenant was suspended. They are kept in the tenant's database, since the broker would give them up after a while, and handled in the order
/// of their coming when the tenant is active again.
/// </summary>
internal interface IHeldEvents
{
    /// <summary>Keeps an event; once, however often it comes.</summary>
    Task HoldAsync(string type, EventEnvelope envelope, CancellationToken cancel);

    /// <summary>The tenant is active again.</summary>
    void Release(string tenant);
}

internal sealed class HeldEvents<TContext>(TenantScopes tenants, SweepSignal<HandleHeldEvents<TContext>> signal, TimeProvider time) : IHeldEvents
    where TContext : DbContext
{
    public Task HoldAsync(string type, EventEnvelope envelope, CancellationToken cancel) => tenants.RunInAnyAsync(envelope.TenantId, async services =>
    {
        var db = services.GetRequiredService<TContext>();
        if (await db.Set<HeldEvent>().AnyAsync(held => held.EventId == envelope.Id, cancel))
            return;
        db.Add(new HeldEvent { EventId = envelope.Id, Type = type, Envelope = JsonSerializer.Serialize(envelope, EventJson.Options), ReceivedAt = time.GetUtcNow() });
        await db.SaveChangesAsync(cancel);
        // The tenant may have been resumed at this very moment.
        signal.Set(envelope.TenantId);
    }, cancel);

    public void Release(string tenant) => signal.Set(tenant);
}

internal sealed class HandleHeldEvents<TContext>(TContext db, EventRoutes routes, IServiceProvider services) : ITenantSweep
    where TContext : DbContext
{
    public async Task SweepAsync(CancellationToken cancel)
    {
        var waiting = await db.Set<HeldEvent>().AsNoTracking().OrderBy(held => held.ReceivedAt).ThenBy(held => held.EventId).ToListAsync(cancel);
        foreach (var held in waiting)
        {
            // Each handler in a scope and a transaction of its own, with its inbox row: a repeat after a crash does nothing.
            await routes.HandleAsync(services, held.Type, JsonSerializer.Deserialize<EventEnvelope>(held.Envelope, EventJson.Options)!, cancel);
            await db.Set<HeldEvent>().Where(row => row.EventId == held.EventId).ExecuteDeleteAsync(cancel);
        }
    }
}
