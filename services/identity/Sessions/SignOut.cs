using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Tarasol.ServiceDefaults.Auth;

namespace Tarasol.Identity.Sessions;

/// <summary>POST /api/identity/logout: ends the session of the token that asks.</summary>
public static class SignOut
{
    internal static async Task<NoContent> HandleAsync(ClaimsPrincipal caller, UserSessions sessions, CancellationToken cancel)
    {
        if (caller.SessionId() is { } session)
            await sessions.EndAsync(caller.UserId(), session, UserSessions.Ended, cancel);
        return TypedResults.NoContent();
    }
}
