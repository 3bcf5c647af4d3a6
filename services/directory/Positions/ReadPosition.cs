using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.ServiceDefaults.Requests;

namespace Tarasol.Directories.Positions;

/// <summary>GET /api/directory/positions/{id} with everybody who ever held it, and GET /api/directory/positions?unitId=&amp;role=&amp;userName=&amp;on= with who holds each on a day (today).</summary>
public static class ReadPosition
{
    /// <param name="Until">The first day without; null: no end is known.</param>
    public sealed record Holder(string UserName, DateOnly From, DateOnly? Until, VacancyCause? EndCause);

    public sealed record Item(Guid Id, Guid UnitId, string Role, string TitleAr, string TitleEn, DateOnly? ClosedOn, Holder? Holder);

    public sealed record Response(Guid Id, Guid UnitId, string Role, string TitleAr, string TitleEn, DateOnly? ClosedOn, IReadOnlyList<Holder> Holders);

    public static async Task<Results<Ok<Response>, ProblemHttpResult>> HandleAsync(Guid id, ClaimsPrincipal user, VisiblePositions positions, CancellationToken cancel) =>
        await positions.FindAsync(id, user, Permissions.ReadUnits, cancel) is { } position
            ? TypedResults.Ok(new Response(
                position.Id, position.UnitId, position.Role, position.TitleAr, position.TitleEn, position.ClosedOn,
                [.. position.Appointments.OrderBy(held => held.FromDay).ThenBy(held => held.Id).Select(Show)]))
            : CommonProblems.NotFound.Result();

    public static async Task<Ok<Page<Item>>> ListAsync(
        Guid? unitId, string? role, string? userName, DateOnly? on, Paging paging, ClaimsPrincipal user, VisiblePositions positions, Units.UnitTree tree, CancellationToken cancel)
    {
        var day = on ?? tree.Today;
        var rows = await (await positions.ForAsync(user, Permissions.ReadUnits, cancel)).AsNoTracking().Include(position => position.Appointments)
            .Where(position => position.ClosedOn == null || position.ClosedOn > day)
            .Where(position => (unitId == null || position.UnitId == unitId) && (string.IsNullOrEmpty(role) || position.Role == role))
            .Where(position => string.IsNullOrEmpty(userName)
                || position.Appointments.Any(held => held.UserName == userName && held.FromDay <= day && (held.UntilDay == null || held.UntilDay > day)))
            .Where(position => paging.After == null || position.Id > paging.After)
            .OrderBy(position => position.Id).Take(paging.Limit + 1).ToListAsync(cancel);
        return TypedResults.Ok(paging.Page(rows, position => position.Id, position => new Item(
            position.Id, position.UnitId, position.Role, position.TitleAr, position.TitleEn, position.ClosedOn, position.HolderOn(day) is { } held ? Show(held) : null)));
    }

    private static Holder Show(Appointment held) => new(held.UserName, held.FromDay, held.UntilDay, held.EndCause);
}
