using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.ServiceDefaults.Problems;

namespace Tarasol.Tenancy;

/// <summary>
/// Finds the tenant of a request: the token's tenant claim; for other services and before login the X-Tenant header. A header that names another
/// tenant than the token is 403.
/// </summary>
internal sealed class TenantMiddleware(RequestDelegate next)
{
    public async Task InvokeAsync(HttpContext context, TenantScopes tenants)
    {
        var endpoint = context.GetEndpoint();
        if (endpoint is null || endpoint.Metadata.GetMetadata<AnyTenant>() is not null)
        {
            await next(context);
            return;
        }
        if (Slug(context) is { } slug)
            await tenants.EnterAsync(context.RequestServices, slug, context.RequestAborted);
        else if (endpoint.Metadata.GetMetadata<IAllowAnonymous>() is null)
            throw TenancyProblems.Missing.Exception();
        else if (endpoint.Metadata.GetMetadata<NeedsTenant>() is not null)
            throw TenancyProblems.Missing.Exception();
        await next(context);
    }

    private static string? Slug(HttpContext context)
    {
        var header = context.Request.Headers[TokenRules.TenantHeader].ToString();
        var claim = (context.Features.Get<OnBehalfOf>()?.Person ?? context.User).FindFirst(TokenRules.TenantClaim)?.Value;
        if (claim is null)
            return header.Length == 0 ? null : header;
        return header.Length == 0 || header == claim ? claim : throw TenancyProblems.Mismatch.Exception();
    }
}

/// <summary>Endpoint metadata: the endpoint finds the tenant by itself, or serves all.</summary>
public sealed record AnyTenant;

/// <summary>Endpoint metadata: an anonymous endpoint that cannot work without the X-Tenant header.</summary>
public sealed record NeedsTenant;

/// <summary>The errors of tenancy.</summary>
public static class TenancyProblems
{
    /// <summary>400.</summary>
    public static readonly Problem Missing = new("tenant-missing", 400, new("Say which tenant you mean in the header X-Tenant.", "حدد الجهة في الترويسة X-Tenant."));

    /// <summary>403.</summary>
    public static readonly Problem Mismatch = new("tenant-mismatch", 403, new("The header X-Tenant names another tenant than your token.", "الترويسة X-Tenant تسمي جهة غير التي في رمز الدخول."));

    /// <summary>404.</summary>
    public static readonly Problem Unknown = new("tenant-unknown", 404, new("There is no such tenant.", "لا توجد جهة بهذا الاسم."));

    /// <summary>403.</summary>
    public static readonly Problem NotActive = new("tenant-not-active", 403, new("This tenant is not active.", "هذه الجهة غير مفعّلة."));
}
