using System.Text.Json;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Tarasol.Contracts.Identity;
using Tarasol.ServiceDefaults.Auth;

namespace Tarasol.Messaging;

/// <summary>Refuses tokens as soon as identity says that they were revoked.</summary>
internal static class RefuseRevoked
{
    public static void Map(IEndpointRouteBuilder routes) => EventRoutes.Add(routes, AccessRevoked.Type, (services, envelope, _) =>
    {
        var revoked = envelope.Data.Deserialize<AccessRevoked>(EventJson.Options) ?? throw new JsonException("data is null");
        services.GetRequiredService<RevokedTokens>().Add(new(envelope.TenantId, revoked.UserId, revoked.SessionId, revoked.FromVersion, revoked.Until));
        return Task.CompletedTask;
    });
}
