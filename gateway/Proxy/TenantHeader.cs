using Tarasol.Gateway.Tenants;
using Tarasol.ServiceDefaults.Auth;

namespace Tarasol.Gateway.Proxy;

/// <summary>
/// With a token the tenant is what the token says: another X-Tenant is refused, the same one is not passed on. Without either it is the one that is reached under the host name.
/// </summary>
internal sealed class TenantHeader(RequestDelegate next, KnownTenants tenants)
{
    public Task InvokeAsync(HttpContext context)
    {
        if (context.User.FindFirst(TokenRules.TenantClaim)?.Value is { } tenant
            && context.Request.Headers.Remove(TokenRules.TenantHeader, out var named) && named.Any(each => each != tenant))
            throw GatewayProblems.TenantMismatch.Exception();
        if (context.User.Identity is not { IsAuthenticated: true } && !context.Request.Headers.ContainsKey(TokenRules.TenantHeader) && tenants.ByHost(context.Request.Host.Host) is { } slug)
            context.Request.Headers[TokenRules.TenantHeader] = slug;
        return next(context);
    }
}
