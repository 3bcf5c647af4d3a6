using Microsoft.EntityFrameworkCore;
using Tarasol.Contracts.Identity;
using Tarasol.Delegations.Data;
using Tarasol.Delegations.Granting;
using Tarasol.Messaging;

namespace Tarasol.Delegations.People;

/// <summary>Keeps what identity says of people, and ends the delegations of a person who leaves.</summary>
public sealed class PersonEvents(DelegationDbContext db, KnownPeople people, IOutbox outbox, TimeProvider time)
    : IEventHandler<UserCreated>, IEventHandler<UserUpdated>, IEventHandler<UserRemoved>
{
    public Task HandleAsync(UserCreated created, EventEnvelope envelope, CancellationToken cancel)
    {
        people.Add(created.UserName, created.CreatedAt, created.Clearance, active: true);
        return Task.CompletedTask;
    }

    public Task HandleAsync(UserUpdated updated, EventEnvelope envelope, CancellationToken cancel) =>
        LearnAsync(updated.UserName, updated.UpdatedAt, updated.Clearance, updated.Enabled, envelope, cancel);

    public Task HandleAsync(UserRemoved removed, EventEnvelope envelope, CancellationToken cancel) =>
        LearnAsync(removed.UserName, removed.RemovedAt, 0, active: false, envelope, cancel);

    private async Task LearnAsync(string userName, DateTimeOffset at, int clearance, bool active, EventEnvelope envelope, CancellationToken cancel)
    {
        var known = await people.HistoryAsync([userName], cancel);
        people.Add(userName, at, clearance, active);
        // Events can come late: what is told of yesterday does not undo today.
        if (active || known.Newest(userName) is { } newest && newest.At > at)
            return;
        var now = time.GetUtcNow();
        var standing = await db.Delegations.Include(row => row.Changes)
            .Where(row => (row.Principal == userName || row.Delegate == userName) && (row.State == DelegationState.Offered || row.State == DelegationState.Accepted) && row.EndsAt > now)
            .ToListAsync(cancel);
        if (standing.Count == 0)
            return;
        await people.TakeTurnsAsync([.. standing.SelectMany(row => new[] { row.Principal, row.Delegate }).Distinct()], cancel);
        foreach (var delegation in standing)
            EndDelegation.End(delegation, EndCause.PersonLeft, envelope.Actor, null, now, outbox);
    }
}
