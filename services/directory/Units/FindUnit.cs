using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.Directories.Data;
using Tarasol.ServiceDefaults.Problems;

namespace Tarasol.Directories.Units;

/// <summary>GET /internal/units/{id}: other services check a unit and learn its code. One that is closed is told with the one that goes on with its work.</summary>
public static class FindUnit
{
    public sealed record Response(Guid Id, string Code, string NameAr, string NameEn, Guid? ParentId, bool IsOpen, DateOnly? ClosedOn, Guid? SuccessorId);

    public static async Task<Results<Ok<Response>, ProblemHttpResult>> HandleAsync(Guid id, UnitTree tree, DirectoryDbContext db, CancellationToken cancel) =>
        await db.Units.AsNoTracking().FirstOrDefaultAsync(unit => unit.Id == id, cancel) is { } unit
            ? TypedResults.Ok(new Response(unit.Id, unit.Code, unit.NameAr, unit.NameEn, unit.ParentId, unit.IsThereOn(tree.Today), unit.ClosedOn, unit.SuccessorId))
            : CommonProblems.NotFound.Result();
}
