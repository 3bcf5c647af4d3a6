using Tarasol.Audit.Data;
using Tarasol.Messaging;
using Tarasol.ServiceDefaults.Auth;

namespace Tarasol.Audit.Trail;

public static class TrailSetup
{
    public static void AddTrail(this WebApplicationBuilder builder) => builder.Services.AddScoped<IAuditTrail, RelationalAuditTrail>();

    public static void MapTrail(this IEndpointRouteBuilder routes)
    {
        var audit = routes.MapGroup("/api/audit").WithTags("audit");
        audit.MapGet("events", ListEvents.HandleAsync).RequirePermission(Permissions.ReadEvents);
        audit.MapGet("verify", VerifyTrail.HandleAsync).RequirePermission(Permissions.ReadEvents);
        routes.MapEveryEvent<AppendEvent, AuditDbContext>();
    }
}
