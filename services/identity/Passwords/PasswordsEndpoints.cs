using Tarasol.ServiceDefaults.Auth;

namespace Tarasol.Identity.Passwords;

public static class PasswordsEndpoints
{
    public static void AddPasswords(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddScoped<PasswordCheck>();
        services.AddScoped<NewPassword>();
    }

    public static void MapPasswords(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/api/identity/me/password", ChangeOwnPassword.HandleAsync).WithTags("passwords");
        routes.MapPut("/api/identity/users/{id:guid}/password", SetUserPassword.HandleAsync).RequirePermission(Permissions.ManageUsers).WithTags("passwords");
    }
}
