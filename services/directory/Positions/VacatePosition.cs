using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Tarasol.Directories.Data;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.ServiceDefaults.Requests;

namespace Tarasol.Directories.Positions;

/// <summary>POST /api/directory/positions/{id}/vacate and /close: nobody holds it from a day on (today, unless one is named); a closed one cannot be filled again.</summary>
public static class VacatePosition
{
    /// <param name="On">The first day without.</param>
    public sealed record Request(DateOnly? On = null);

    public static async Task<Results<NoContent, ProblemHttpResult>> VacateAsync(
        Guid id, Body<Request> body, ClaimsPrincipal user, VisiblePositions positions, Vacancies vacancies, Units.UnitTree tree, DirectoryDbContext db, CancellationToken cancel)
    {
        if (await positions.FindAsync(id, user, Permissions.ManagePositions, cancel) is not { } position)
            return CommonProblems.NotFound.Result();
        var ended = position.Appointments.Count(held => vacancies.End(position, held, body.Value.On ?? tree.Today, user.UserName(), VacancyCause.Ended));
        if (ended > 0)
            position.Version++;
        await db.SaveChangesAsync(cancel);
        return TypedResults.NoContent();
    }

    public static async Task<Results<NoContent, ProblemHttpResult>> CloseAsync(
        Guid id, Body<Request> body, ClaimsPrincipal user, VisiblePositions positions, Vacancies vacancies, Units.UnitTree tree, DirectoryDbContext db, CancellationToken cancel)
    {
        if (await positions.FindAsync(id, user, Permissions.ManagePositions, cancel) is not { } position)
            return CommonProblems.NotFound.Result();
        if (position.ClosedOn is null)
            vacancies.Close(position, body.Value.On ?? tree.Today, user.UserName(), VacancyCause.PositionClosed);
        await db.SaveChangesAsync(cancel);
        return TypedResults.NoContent();
    }
}
