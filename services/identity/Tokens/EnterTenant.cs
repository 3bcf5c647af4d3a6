using Microsoft.AspNetCore;
using OpenIddict.Server;
using OpenIddict.Server.AspNetCore;
using Tarasol.Identity.Browser;
using Tarasol.Tenancy;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace Tarasol.Identity.Tokens;

/// <summary>OpenIddict looks up clients and tokens before the endpoint runs, so a request about tokens enters its tenant first of all.</summary>
internal sealed class EnterTenant<TContext>(TenantScopes tenants) : IOpenIddictServerHandler<TContext> where TContext : BaseContext
{
    public static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        OpenIddictServerHandlerDescriptor.CreateBuilder<TContext>().UseScopedHandler<EnterTenant<TContext>>().SetOrder(int.MinValue).Build();

    public async ValueTask HandleAsync(TContext context) =>
        await RequestedTenant.EnterAsync(tenants, context.Transaction.GetHttpRequest()!.HttpContext);
}
