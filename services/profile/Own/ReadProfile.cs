using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.Profiles.Calls;
using Tarasol.Profiles.Data;
using Tarasol.ServiceDefaults.Auth;

namespace Tarasol.Profiles.Own;

/// <summary>GET /api/profile/me: the caller's own. GET /internal/profiles/{userName}: for services that write to a person; whoever has chosen nothing follows the tenant.</summary>
public static class ReadProfile
{
    public static async Task<Ok<ProfileView>> HandleAsync(ClaimsPrincipal user, HttpContext context, TenantDefaults defaults, ProfileDbContext db, CancellationToken cancel)
    {
        var me = user.UserName();
        var profile = await db.Profiles.AsNoTracking().FirstOrDefaultAsync(row => row.UserName == me, cancel);
        context.Response.GetTypedHeaders().ETag = ProfileView.Tag(profile);
        return TypedResults.Ok(ProfileView.Of(me, profile, await defaults.GetAsync(cancel)));
    }

    public static async Task<Ok<ProfileView>> FindAsync(string userName, TenantDefaults defaults, ProfileDbContext db, CancellationToken cancel) => TypedResults.Ok(ProfileView.Of(
        userName, await db.Profiles.AsNoTracking().FirstOrDefaultAsync(row => row.UserName == userName, cancel), await defaults.GetAsync(cancel)));
}
