using Microsoft.EntityFrameworkCore;
using Tarasol.Contracts.Identity;
using Tarasol.Messaging;
using Tarasol.Tasks.Data;
using Tarasol.Tasks.Transfers;

namespace Tarasol.Tasks.People;

/// <summary>Keeps the copies of people as identity tells. Who can work no more has no work any more.</summary>
public sealed class PersonChanges(TasksDbContext db, MoveWorkOf move) : IEventHandler<UserCreated>, IEventHandler<UserUpdated>, IEventHandler<UserRemoved>
{
    public Task HandleAsync(UserCreated created, EventEnvelope envelope, CancellationToken cancel) =>
        SetAsync(created.UserName, created.CreatedAt, person => (person.UnitId, person.Clearance, person.Roles, person.Active) = (created.UnitId, created.Clearance, string.Join(' ', created.Roles), true), cancel);

    public Task HandleAsync(UserUpdated updated, EventEnvelope envelope, CancellationToken cancel) =>
        SetAsync(updated.UserName, updated.UpdatedAt, person => (person.UnitId, person.Clearance, person.Roles, person.Active) = (updated.UnitId, updated.Clearance, string.Join(' ', updated.Roles), updated.Enabled), cancel);

    public Task HandleAsync(UserRemoved removed, EventEnvelope envelope, CancellationToken cancel) =>
        SetAsync(removed.UserName, removed.RemovedAt, person => person.Active = false, cancel);

    // Events can come out of order.
    private async Task SetAsync(string userName, DateTimeOffset at, Action<Person> set, CancellationToken cancel)
    {
        var person = await db.Persons.FirstOrDefaultAsync(row => row.UserName == userName, cancel);
        if (person is not null && person.AsOf > at)
            return;
        if (person is null)
            db.Add(person = new() { UserName = userName });
        person.AsOf = at;
        set(person);
        // Seen by all questions that follow.
        await db.SaveChangesAsync(cancel);
        if (person.Active)
            await move.RetryAsync(cancel);
        else
            await move.RunAsync(person, cancel);
    }
}
