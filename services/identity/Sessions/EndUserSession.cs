using Microsoft.AspNetCore.Http.HttpResults;
using Tarasol.ServiceDefaults.Problems;

namespace Tarasol.Identity.Sessions;

/// <summary>DELETE /api/identity/users/{id}/sessions/{sessionId}: an admin ends somebody's session.</summary>
public static class EndUserSession
{
    internal static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(Guid id, Guid sessionId, UserSessions sessions, CancellationToken cancel) =>
        await sessions.EndAsync(id, sessionId, UserSessions.Ended, cancel) ? TypedResults.NoContent() : CommonProblems.NotFound.Result();
}
