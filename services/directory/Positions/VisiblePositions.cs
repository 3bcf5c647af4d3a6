using System.Security.Claims;
using Microsoft.EntityFrameworkCore;
using Tarasol.Directories.Data;
using Tarasol.Directories.Units;
using Tarasol.ServiceDefaults.Auth;

namespace Tarasol.Directories.Positions;

/// <summary>The positions of the units that a person's role is for. All others do not exist for them.</summary>
public sealed class VisiblePositions(DirectoryDbContext db, UnitTree tree)
{
    public async Task<IQueryable<Position>> ForAsync(ClaimsPrincipal user, string permission, CancellationToken cancel)
    {
        if (user.BranchesOf(permission) is not { } roots)
            return db.Positions;
        var units = await tree.BelowAsync(roots, cancel);
        return db.Positions.Where(position => units.Contains(position.UnitId));
    }

    /// <summary>One of them, with everybody who ever held it.</summary>
    public async Task<Position?> FindAsync(Guid id, ClaimsPrincipal user, string permission, CancellationToken cancel) =>
        await (await ForAsync(user, permission, cancel)).Include(position => position.Appointments).FirstOrDefaultAsync(position => position.Id == id, cancel);
}
