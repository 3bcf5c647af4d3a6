using Microsoft.EntityFrameworkCore;
using Tarasol.Contracts.Identity;
using Tarasol.Identity.Data;
using Tarasol.Messaging;
using Tarasol.Tenancy;
using Tarasol.Tenancy.Catalogue;

namespace Tarasol.Identity.Sessions;

/// <summary>Keeps every tenant's revocations in one place, the platform's database, so that a service which starts can ask for all of them at once.</summary>
internal sealed class RecordRevocation(AccountsDbContext own, CurrentTenant tenant, TenantScopes tenants, TimeProvider time) : IEventHandler<AccessRevoked>
{
    // The platform's own go in the transaction of the inbox: a second one would wait for it for ever.
    public Task HandleAsync(AccessRevoked @event, EventEnvelope envelope, CancellationToken cancel) => tenant.Slug == PlatformTenant.Slug
        ? RecordAsync(own, @event, envelope, cancel)
        : tenants.RunAsync(PlatformTenant.Slug, services => RecordAsync(services.GetRequiredService<AccountsDbContext>(), @event, envelope, cancel), cancel);

    private async Task RecordAsync(AccountsDbContext db, AccessRevoked revoked, EventEnvelope envelope, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        await db.RecordedRevocations.Where(old => old.Until < now).ExecuteDeleteAsync(cancel);
        if (await db.RecordedRevocations.AnyAsync(known => known.EventId == envelope.Id, cancel))
            return;
        db.Add(new RecordedRevocation
        {
            EventId = envelope.Id,
            Tenant = envelope.TenantId,
            UserId = revoked.UserId,
            SessionId = revoked.SessionId,
            FromVersion = revoked.FromVersion,
            Until = revoked.Until,
        });
        await db.SaveChangesAsync(cancel);
    }
}
