using Tarasol.Contracts.Identity;
using Tarasol.Identity.Data;
using Tarasol.Messaging;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.Tenancy;

namespace Tarasol.Identity.Sessions;

public static class SessionsEndpoints
{
    public static void AddSessions(this WebApplicationBuilder builder) => builder.Services.AddScoped<UserSessions>();

    public static void MapSessions(this IEndpointRouteBuilder routes)
    {
        var own = routes.MapGroup("/api/identity/sessions").WithTags("sessions");
        own.MapGet("", ListSessions.HandleAsync);
        own.MapDelete("{id:guid}", EndOwnSession.HandleAsync);
        routes.MapPost("/api/identity/logout", SignOut.HandleAsync).WithTags("sessions");

        var others = routes.MapGroup("/api/identity/users/{id:guid}/sessions").WithTags("sessions");
        others.MapGet("", ListUserSessions.HandleAsync).RequirePermission(Permissions.ManageUsers);
        others.MapDelete("", EndUserSessions.HandleAsync).RequirePermission(Permissions.ManageUsers);
        others.MapDelete("{sessionId:guid}", EndUserSession.HandleAsync).RequirePermission(Permissions.ManageUsers);

        routes.MapGet("/internal/revocations", ListRevocations.HandleAsync).RequireService().WithMetadata(new AnyTenant());
        routes.MapEvent<AccessRevoked, RecordRevocation, AccountsDbContext>();
    }
}
