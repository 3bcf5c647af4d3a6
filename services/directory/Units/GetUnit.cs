using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.Directories.Data;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.ServiceDefaults.Problems;

namespace Tarasol.Directories.Units;

/// <summary>GET /api/directory/units/{id}: as it is now, closed or not.</summary>
public static class GetUnit
{
    /// <param name="OpenedOn">Null: it has always been there.</param>
    /// <param name="ClosedOn">The first day on which it is not there any more; null: it is open.</param>
    public sealed record Response(
        Guid Id, string Code, string NameAr, string NameEn, Guid? ParentId, DateTimeOffset CreatedAt, DateOnly? OpenedOn, DateOnly? ClosedOn, Guid? SuccessorId, string? CloseReason);

    public static async Task<Results<Ok<Response>, ProblemHttpResult>> HandleAsync(Guid id, ClaimsPrincipal user, UnitTree tree, DirectoryDbContext db, CancellationToken cancel)
    {
        if (await db.Units.AsNoTracking().FirstOrDefaultAsync(unit => unit.Id == id, cancel) is not { } unit
            || user.BranchesOf(Permissions.ReadUnits) is { } roots && !(await tree.BelowAsync(roots, cancel)).Contains(id))
            return CommonProblems.NotFound.Result();
        return TypedResults.Ok(Show(unit));
    }

    internal static Response Show(Unit unit) =>
        new(unit.Id, unit.Code, unit.NameAr, unit.NameEn, unit.ParentId, unit.CreatedAt, unit.OpenedOn, unit.ClosedOn, unit.SuccessorId, unit.CloseReason);
}
