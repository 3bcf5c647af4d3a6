using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.Directories.Data;
using Tarasol.Directories.Names;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.ServiceDefaults.Requests;

namespace Tarasol.Directories.Units;

/// <summary>
/// GET /api/directory/units?on=&amp;text=&amp;closed=: the units that are there today or were on a day, as they were then; with <c>closed=true</c> also those that are gone. Whoever has a role for
/// some units only sees those and the ones below.
/// </summary>
public static class ListUnits
{
    public static async Task<Ok<Page<UnitOnDay>>> HandleAsync(
        DateOnly? on, string? text, bool? closed, Paging paging, ClaimsPrincipal user, UnitTree tree, DirectoryDbContext db, CancellationToken cancel)
    {
        // Some hundred units at most: to know where each was on a day, all must be read anyway.
        IEnumerable<UnitOnDay> units = closed == true
            ? (await db.Units.AsNoTracking().ToListAsync(cancel)).Select(Tree.Now)
            : await tree.OnDayAsync(on ?? tree.Today, cancel);
        if (user.BranchesOf(Permissions.ReadUnits) is { } roots)
        {
            var seen = await tree.BelowAsync(roots, cancel);
            units = units.Where(unit => seen.Contains(unit.Id));
        }
        if (!string.IsNullOrWhiteSpace(text))
        {
            var wanted = NameKey.Words(text);
            units = units.Where(unit => NameKey.Words($"{unit.Code} {unit.NameAr} {unit.NameEn}") is var words && wanted.All(word => words.Any(each => each.StartsWith(word, StringComparison.Ordinal))));
        }
        var rows = units.Where(unit => paging.After == null || unit.Id > paging.After).OrderBy(unit => unit.Id).Take(paging.Limit + 1).ToList();
        return TypedResults.Ok(paging.Page(rows, unit => unit.Id, unit => unit));
    }
}
