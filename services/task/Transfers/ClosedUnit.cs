using Microsoft.EntityFrameworkCore;
using Tarasol.Tasks.Data;

namespace Tarasol.Tasks.Transfers;

/// <summary>A unit that is there no more: the directory owns it, this is a copy that its event makes.</summary>
public sealed class ClosedUnit
{
    public Guid UnitId { get; init; }

    /// <summary>Goes on with the work; may be closed too.</summary>
    public Guid SuccessorId { get; init; }
}

public static class ClosedUnits
{
    /// <summary>The unit itself, or the one that goes on with its work.</summary>
    public static async Task<Guid> InChargeOfAsync(this TasksDbContext db, Guid unit, CancellationToken cancel)
    {
        var seen = new HashSet<Guid>();
        while (seen.Add(unit) && await db.ClosedUnits.FindAsync([unit], cancel) is { } closed)
            unit = closed.SuccessorId;
        return unit;
    }
}
