using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.Directories.Data;
using Tarasol.ServiceDefaults.Problems;

namespace Tarasol.Directories.Units;

/// <summary>GET /internal/units/by-code/{code}/above: codes of a unit, the one above it, and so on to the root, for services that look for what holds nearest to it.</summary>
public static class ListUnitsAbove
{
    public static async Task<Results<Ok<List<string>>, ProblemHttpResult>> HandleAsync(string code, DirectoryDbContext db, CancellationToken cancel)
    {
        var codes = new List<string>();
        var unit = await db.Units.AsNoTracking().FirstOrDefaultAsync(row => row.Code == code, cancel);
        while (unit is not null && !codes.Contains(unit.Code))
        {
            codes.Add(unit.Code);
            var parent = unit.ParentId;
            unit = parent is null ? null : await db.Units.AsNoTracking().FirstOrDefaultAsync(row => row.Id == parent, cancel);
        }
        return codes.Count > 0 ? TypedResults.Ok(codes) : CommonProblems.NotFound.Result();
    }
}
