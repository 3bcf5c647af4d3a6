using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Tarasol.Contracts.Tenants;
using Tarasol.Tenancy.Catalogue;

namespace Tarasol.Messaging;

/// <summary>Drops what is kept of a tenant when the tenant service says that it changed.</summary>
internal static class ForgetTenant
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        foreach (var type in (string[])[TenantActivated.Type, TenantChanged.Type, TenantSuspended.Type, TenantResumed.Type, TenantArchived.Type])
        {
            EventRoutes.Add(routes, type, (services, envelope, _) =>
            {
                services.GetRequiredService<ITenantCatalogue>().Forget(envelope.Subject);
                if (type == TenantResumed.Type)
                    services.GetRequiredService<IHeldEvents>().Release(envelope.Subject);
                return Task.CompletedTask;
            });
        }
    }
}
