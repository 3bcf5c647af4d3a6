using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.Identity.Data;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.ServiceDefaults.Requests;

namespace Tarasol.Identity.Roles;

/// <summary>PUT /api/identity/roles/{name}/mfa: whether those who have the role need a second factor to sign in. The platform's roles too.</summary>
public static class RequireMfa
{
    public sealed record Request(bool Required);

    public static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(string name, Body<Request> body, AccountsDbContext db, CancellationToken cancel)
    {
        if (await db.Roles.FirstOrDefaultAsync(row => row.Name == name, cancel) is not { } role)
            return CommonProblems.NotFound.Result();
        role.MfaRequired = body.Value.Required;
        await db.SaveChangesAsync(cancel);
        return TypedResults.NoContent();
    }
}
