using Microsoft.EntityFrameworkCore;
using Tarasol.Contracts.Directories;
using Tarasol.Identity.Data;
using Tarasol.Messaging;

namespace Tarasol.Identity.Users;

/// <summary>The people of a unit that closes or is merged are its successor's. Roles for the closed unit are not widened to the successor: an administrator gives those.</summary>
internal sealed class FollowUnits(AccountsDbContext db, UserChanges changes) : IEventHandler<UnitClosed>
{
    public async Task HandleAsync(UnitClosed closed, EventEnvelope envelope, CancellationToken cancel)
    {
        foreach (var user in await db.Users.Where(row => row.UnitId == closed.UnitId).OrderBy(row => row.Id).ToListAsync(cancel))
        {
            user.UnitId = closed.SuccessorId;
            await changes.TellAsync(user, cancel);
        }
    }
}
