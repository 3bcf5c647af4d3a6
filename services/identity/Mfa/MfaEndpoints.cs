using Tarasol.ServiceDefaults.Auth;

namespace Tarasol.Identity.Mfa;

public static class MfaEndpoints
{
    public static void AddMfa(this WebApplicationBuilder builder) => builder.Services.AddScoped<SecondFactor>();

    public static void MapMfa(this IEndpointRouteBuilder routes)
    {
        var own = routes.MapGroup("/api/identity/me/mfa").WithTags("second factor");
        own.MapGet("", ReadMfa.HandleAsync);
        own.MapPost("totp", BeginMfa.HandleAsync);
        own.MapPost("totp/confirm", ConfirmMfa.HandleAsync);
        own.MapPost("totp/remove", RemoveOwnMfa.HandleAsync);
        own.MapPost("recovery-codes", RenewRecoveryCodes.HandleAsync);
        routes.MapDelete("/api/identity/users/{id:guid}/mfa", RemoveUserMfa.HandleAsync).RequirePermission(Permissions.ManageUsers).WithTags("second factor");
    }
}
