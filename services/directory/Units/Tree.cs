namespace Tarasol.Directories.Units;

/// <summary>A unit as it was on a day.</summary>
public sealed record UnitOnDay(Guid Id, string Code, string NameAr, string NameEn, Guid? ParentId, DateOnly? OpenedOn, DateOnly? ClosedOn, Guid? SuccessorId);

/// <summary>What holds for trees of units; none of it asks a database.</summary>
public static class Tree
{
    /// <summary>The units that were there on a day, with the names and the place that they had then.</summary>
    public static IReadOnlyList<UnitOnDay> OnDay(IEnumerable<Unit> units, IEnumerable<FormerUnit> former, DateOnly day)
    {
        var before = former.Where(row => row.UntilDay > day).OrderBy(row => row.UntilDay).ThenBy(row => row.Number).ToLookup(row => row.UnitId);
        return
        [
            .. units.Where(unit => unit.IsThereOn(day)).Select(unit => before[unit.Id].FirstOrDefault() is { } then
                ? new UnitOnDay(unit.Id, unit.Code, then.NameAr, then.NameEn, then.ParentId, unit.OpenedOn, unit.ClosedOn, unit.SuccessorId)
                : Now(unit)),
        ];
    }

    /// <summary>As it is now.</summary>
    public static UnitOnDay Now(Unit unit) => new(unit.Id, unit.Code, unit.NameAr, unit.NameEn, unit.ParentId, unit.OpenedOn, unit.ClosedOn, unit.SuccessorId);

    /// <summary>These units and all below them. A closed unit is also below the one that goes on with its work. Unknown ids give none.</summary>
    public static IReadOnlySet<Guid> Below(IReadOnlyCollection<Guid> roots, IReadOnlyCollection<(Guid Id, Guid? ParentId, Guid? SuccessorId)> units)
    {
        var children = units.SelectMany(unit => new[] { unit.ParentId, unit.SuccessorId }.OfType<Guid>().Select(above => (Above: above, unit.Id))).ToLookup(edge => edge.Above, edge => edge.Id);
        var found = new HashSet<Guid>();
        var open = new Stack<Guid>(roots.Intersect(units.Select(unit => unit.Id)));
        while (open.TryPop(out var unit))
        {
            if (!found.Add(unit))
                continue;
            foreach (var child in children[unit])
                open.Push(child);
        }
        return found;
    }

    /// <summary>The unit itself, or where it is closed on that day the one that goes on with its work. Null: it is unknown or has none.</summary>
    public static Unit? InCharge(Guid id, IReadOnlyDictionary<Guid, Unit> units, DateOnly day)
    {
        var seen = new HashSet<Guid>();
        for (Guid? at = id; at is { } unit && seen.Add(unit) && units.TryGetValue(unit, out var found); at = found.SuccessorId)
        {
            if (!(found.ClosedOn <= day))
                return found;
        }
        return null;
    }
}
