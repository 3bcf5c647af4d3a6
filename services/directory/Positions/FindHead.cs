using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.Directories.Calls;
using Tarasol.Directories.Data;
using Tarasol.Directories.Units;
using Tarasol.ServiceDefaults.Problems;

namespace Tarasol.Directories.Positions;

/// <summary>
/// GET /internal/units/{id}/head?on=&amp;up=&amp;clearance=&amp;except=: who leads a unit on a day (today). Every service asks here: whoever holds the position of its head, and where nobody does who is
/// there and cleared, somebody of the unit whose account has the role of a head. A closed unit is led by the head of its successor. With <c>up=true</c> the next one above where nobody
/// does; 404: nobody.
/// </summary>
public static class FindHead
{
    public static readonly Problem Vacant = new("no-head", 404, new("Nobody leads this unit on that day.", "لا يرأس أحد هذه الوحدة في ذلك اليوم."));

    // In identity; units that keep no positions go by it.
    private const string HeadRole = "unit-head";

    /// <param name="UserName">Who it is.</param>
    /// <param name="UnitId">The unit that they lead: the one that was asked for, its successor, or one above.</param>
    /// <param name="ParentId">The unit above that one.</param>
    /// <param name="Clearance">0 to 3; null of a past day.</param>
    /// <param name="PositionId">Null: by the role of their account.</param>
    /// <param name="From">Their first day in the position.</param>
    /// <param name="Until">The first day without; null: no end is known.</param>
    public sealed record Response(string UserName, Guid UnitId, Guid? ParentId, int? Clearance, Guid? PositionId = null, DateOnly? From = null, DateOnly? Until = null);

    public static async Task<Results<Ok<Response>, ProblemHttpResult>> HandleAsync(
        Guid id, DateOnly? on, bool? up, int? clearance, string? except, UnitTree tree, PeopleOfTenant people, DirectoryDbContext db, CancellationToken cancel)
    {
        var day = on ?? tree.Today;
        var units = await db.Units.AsNoTracking().ToDictionaryAsync(unit => unit.Id, cancel);
        if (!units.ContainsKey(id))
            return CommonProblems.NotFound.Result();
        var places = Tree.OnDay(units.Values, await db.FormerUnits.AsNoTracking().Where(row => row.UntilDay > day).ToListAsync(cancel), day).ToDictionary(unit => unit.Id);
        var seen = new HashSet<Guid>();
        for (var at = Tree.InCharge(id, units, day); at is not null && seen.Add(at.Id);)
        {
            var above = places.GetValueOrDefault(at.Id)?.ParentId ?? at.ParentId;
            if (await OfAsync(at.Id) is { } head)
                return TypedResults.Ok(head with { ParentId = above });
            at = up == true && above is { } parent ? Tree.InCharge(parent, units, day) : null;
        }
        return Vacant.Result();

        async Task<Response?> OfAsync(Guid unit)
        {
            if ((await FindHolders.HoldersAsync(db, unit, Position.Head, day, cancel)).FirstOrDefault() is { } held && held.UserName != except)
            {
                // What accounts were on a past day is not known here.
                if (day < tree.Today)
                    return new(held.UserName, unit, null, null, held.PositionId, held.From, held.Until);
                if (await people.FindAsync(held.UserName, cancel) is { } person && person.Clearance >= (clearance ?? 0))
                    return new(held.UserName, unit, null, person.Clearance, held.PositionId, held.From, held.Until);
            }
            if (day != tree.Today)
                return null;
            var able = (await people.OfUnitAsync(unit, cancel)).Where(member => member.Roles.Contains(HeadRole) && member.UserName != except && member.Clearance >= (clearance ?? 0));
            return able.MinBy(member => member.UserName, StringComparer.Ordinal) is { } member ? new(member.UserName, unit, null, member.Clearance) : null;
        }
    }
}
