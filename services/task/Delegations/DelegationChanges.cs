using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Tarasol.Contracts.Delegations;
using Tarasol.Messaging;
using Tarasol.Tasks.Data;
using Tarasol.Tenancy;
using Tarasol.Tenancy.Sweeps;

namespace Tarasol.Tasks.Delegations;

/// <summary>Keeps the copies of delegations, as the delegation service tells.</summary>
public sealed class DelegationChanges(TasksDbContext db, SweepSignal<ReturnDelegated> back, CurrentTenant tenant) : IEventHandler<DelegationAccepted>, IEventHandler<DelegationEnded>
{
    private static readonly string[] Levels = ["normal", "restricted", "secret", "top-secret"];

    public async Task HandleAsync(DelegationAccepted accepted, EventEnvelope envelope, CancellationToken cancel)
    {
        // Its end may have come first.
        if (await db.Delegations.AnyAsync(row => row.Id == accepted.DelegationId, cancel))
            return;
        db.Add(new KnownDelegation
        {
            Id = accepted.DelegationId,
            Principal = accepted.Principal,
            Delegate = accepted.Delegate,
            Scope = JsonSerializer.Serialize(accepted.Scope, EventJson.Options),
            Confidentiality = Array.IndexOf(Levels, accepted.Confidentiality),
            From = accepted.From,
            Until = accepted.Until,
        });
    }

    public async Task HandleAsync(DelegationEnded ended, EventEnvelope envelope, CancellationToken cancel)
    {
        var known = await db.Delegations.FirstOrDefaultAsync(row => row.Id == ended.DelegationId, cancel);
        if (known is null)
            db.Add(new KnownDelegation
            {
                Id = ended.DelegationId, Principal = ended.Principal, Delegate = ended.Delegate, Scope = "{\"units\":[],\"letterTypes\":[],\"actions\":[]}", From = ended.EndedAt, Until = ended.EndedAt,
            });
        else if (known.Until > ended.EndedAt)
            known.Until = ended.EndedAt;
        back.Set(tenant.Slug);
    }
}
