using Microsoft.EntityFrameworkCore;
using Tarasol.Directories.Data;

namespace Tarasol.Directories.Units;

/// <summary>The tree of the current tenant's units.</summary>
public sealed class UnitTree(DirectoryDbContext db, TimeProvider time)
{
    /// <summary>Today, in UTC.</summary>
    public DateOnly Today => DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);

    /// <summary>The units with these ids and all below them; a closed unit is also below its successor. Unknown ids give none.</summary>
    public async Task<IReadOnlySet<Guid>> BelowAsync(IReadOnlyCollection<Guid> roots, CancellationToken cancel)
    {
        var rows = await db.Units.AsNoTracking().Select(unit => new { unit.Id, unit.ParentId, unit.SuccessorId }).ToListAsync(cancel);
        return Tree.Below(roots, [.. rows.Select(row => (row.Id, row.ParentId, row.SuccessorId))]);
    }

    /// <summary>The units that were there on a day, as they were then.</summary>
    public async Task<IReadOnlyList<UnitOnDay>> OnDayAsync(DateOnly day, CancellationToken cancel) => Tree.OnDay(
        await db.Units.AsNoTracking().ToListAsync(cancel), await db.FormerUnits.AsNoTracking().Where(row => row.UntilDay > day).ToListAsync(cancel), day);

    /// <summary>All units, to be changed, with everybody else kept from changing the tree until the save. Whoever tries fails there.</summary>
    public async Task<Dictionary<Guid, Unit>> TakeTurnAsync(CancellationToken cancel)
    {
        (await db.TreeTurns.FirstAsync(turn => turn.Id == TreeTurn.TheId, cancel)).Version++;
        return await db.Units.ToDictionaryAsync(unit => unit.Id, cancel);
    }

    /// <summary>Keeps how the unit was, before the caller changes it.</summary>
    public async Task KeepAsync(Unit unit, DateOnly day, string changedBy, CancellationToken cancel)
    {
        var number = await db.FormerUnits.Where(row => row.UnitId == unit.Id).CountAsync(cancel) + db.FormerUnits.Local.Count(row => row.UnitId == unit.Id && db.Entry(row).State == EntityState.Added);
        db.Add(new FormerUnit
        {
            UnitId = unit.Id, Number = number + 1, UntilDay = day, NameAr = unit.NameAr, NameEn = unit.NameEn, ParentId = unit.ParentId, ChangedBy = changedBy, ChangedAt = time.GetUtcNow(),
        });
        unit.Version++;
    }
}
