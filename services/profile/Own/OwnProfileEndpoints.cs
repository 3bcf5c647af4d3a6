using Tarasol.Contracts.Identity;
using Tarasol.Messaging;
using Tarasol.Profiles.Data;
using Tarasol.ServiceDefaults.Auth;

namespace Tarasol.Profiles.Own;

public static class OwnProfileEndpoints
{
    public static void AddOwnProfile(this IServiceCollection services) => services.AddScoped<ForgetPerson>();

    public static void MapOwnProfile(this IEndpointRouteBuilder routes)
    {
        var me = routes.MapGroup("/api/profile/me").WithTags("profile");
        me.MapGet("", ReadProfile.HandleAsync);
        me.MapPut("", ChangeProfile.HandleAsync);
        routes.MapGet("/internal/profiles/{userName}", ReadProfile.FindAsync).RequireService();
        routes.MapEvent<UserRemoved, ForgetPerson, ProfileDbContext>();
    }
}
