using Microsoft.EntityFrameworkCore;
using Tarasol.Delegations.Calls;
using Tarasol.Delegations.Data;
using Tarasol.ServiceDefaults;

namespace Tarasol.Delegations.People;

/// <summary>What this service knows of the tenant's people.</summary>
public sealed class KnownPeople(DelegationDbContext db, TimeProvider time)
{
    public async Task<PersonHistory> HistoryAsync(IReadOnlyCollection<string> userNames, CancellationToken cancel) =>
        new(await db.PersonFacts.AsNoTracking().Where(fact => userNames.Contains(fact.UserName)).ToListAsync(cancel));

    /// <summary>Adds what identity just said, unless it is known. The caller saves.</summary>
    public void Learn(PeopleOfTenant.Person person, PersonHistory known)
    {
        if (known.Newest(person.UserName) is not { Active: true } newest || newest.Clearance != person.Clearance)
            Add(person.UserName, time.GetUtcNow(), person.Clearance, active: true);
    }

    /// <summary>Adds a fact. The caller saves.</summary>
    public void Add(string userName, DateTimeOffset at, int clearance, bool active) =>
        db.Add(new PersonFact { Id = SortableId.Next(time.GetUtcNow()), UserName = userName, At = at, Clearance = clearance, Active = active });

    /// <summary>From here to the save nobody else can change what stands of these people; whoever tries fails at the save.</summary>
    public async Task TakeTurnsAsync(IReadOnlyCollection<string> userNames, CancellationToken cancel)
    {
        var known = await db.PersonTurns.Where(turn => userNames.Contains(turn.UserName)).ToDictionaryAsync(turn => turn.UserName, cancel);
        foreach (var userName in userNames.Distinct())
        {
            if (known.TryGetValue(userName, out var turn))
                turn.Version++;
            else
                db.Add(new PersonTurn { UserName = userName });
        }
    }
}
