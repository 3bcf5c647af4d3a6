using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.ServiceDefaults.Problems;

namespace Tarasol.Identity.Sessions;

/// <summary>DELETE /api/identity/sessions/{id}: one's own. Its refresh tokens end at once, its access tokens as soon as every service has heard of it.</summary>
public static class EndOwnSession
{
    internal static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(Guid id, ClaimsPrincipal caller, UserSessions sessions, CancellationToken cancel) =>
        await sessions.EndAsync(caller.UserId(), id, UserSessions.Ended, cancel) ? TypedResults.NoContent() : CommonProblems.NotFound.Result();
}
