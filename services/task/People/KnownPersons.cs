using Microsoft.EntityFrameworkCore;
using Tarasol.Tasks.Calls;
using Tarasol.Tasks.Data;

namespace Tarasol.Tasks.People;

/// <summary>The people of the tenant. Who is not known here yet is asked for at identity, and kept.</summary>
public sealed class KnownPersons(TasksDbContext db, Accounts accounts, TimeProvider time)
{
    /// <summary>Null: there is no such person, or they cannot be given work.</summary>
    public async Task<Person?> FindAsync(string userName, CancellationToken cancel)
    {
        if (await db.Persons.AsNoTracking().FirstOrDefaultAsync(row => row.UserName == userName, cancel) is { } known)
            return known.Active ? known : null;
        if (await accounts.FindAsync(userName, cancel) is not { } account)
            return null;
        var person = new Person
        {
            UserName = account.UserName, UnitId = account.UnitId, Clearance = account.Clearance, Roles = string.Join(' ', account.Roles), Active = true, AsOf = time.GetUtcNow(),
        };
        if (await db.Persons.AsNoTracking().AnyAsync(row => row.UserName == person.UserName, cancel))
            return person;
        db.Add(person);
        try
        {
            await db.SaveChangesAsync(cancel);
        }
        catch (DbUpdateException)
        {
            // Another request, or identity's event, was first.
        }
        db.Entry(person).State = EntityState.Detached;
        return person;
    }
}
