using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.Directories.Data;
using Tarasol.ServiceDefaults.Problems;

namespace Tarasol.Directories.Units;

/// <summary>GET /internal/units/{id}: other services check a unit and learn its code. One that is closed is told with the one that goes on with its work, at the end of the chain where that one is closed too.</summary>
public static class FindUnit
{
    public sealed record Response(Guid Id, string Code, string NameAr, string NameEn, Guid? ParentId, bool IsOpen, DateOnly? ClosedOn, Guid? SuccessorId, Guid? InChargeId);

    public static async Task<Results<Ok<Response>, ProblemHttpResult>> HandleAsync(Guid id, UnitTree tree, DirectoryDbContext db, CancellationToken cancel)
    {
        if (await db.Units.AsNoTracking().FirstOrDefaultAsync(unit => unit.Id == id, cancel) is not { } unit)
            return CommonProblems.NotFound.Result();
        var inCharge = unit.ClosedOn is null ? unit.Id : Tree.InCharge(id, await db.Units.AsNoTracking().ToDictionaryAsync(row => row.Id, cancel), tree.Today)?.Id;
        return TypedResults.Ok(new Response(unit.Id, unit.Code, unit.NameAr, unit.NameEn, unit.ParentId, unit.IsThereOn(tree.Today), unit.ClosedOn, unit.SuccessorId, inCharge));
    }
}
