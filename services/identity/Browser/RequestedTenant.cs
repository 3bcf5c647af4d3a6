using Tarasol.ServiceDefaults.Auth;
using Tarasol.ServiceDefaults.Requests;
using Tarasol.Tenancy;

namespace Tarasol.Identity.Browser;

/// <summary>The tenant of a request from a browser: the header X-Tenant, which the gateway sets for the host name of a tenant, or the parameter <c>tenant</c>.</summary>
internal static class RequestedTenant
{
    public const string Parameter = "tenant";

    /// <summary>Enters it. Throws a problem when the request names none, or two.</summary>
    public static async Task<string> EnterAsync(TenantScopes tenants, HttpContext http)
    {
        var header = http.Request.Headers[TokenRules.TenantHeader].ToString();
        var parameter = http.Request.Query[Parameter].ToString();
        if (http.Request.HasFormContentType)
        {
            var form = await http.Request.ReadFormAsync(http.RequestAborted);
            NulCharacter.RefuseIn(form);
            if (parameter.Length == 0)
                parameter = form[Parameter].ToString();
        }
        var slug = (header, parameter) switch
        {
            ({ Length: 0 }, { Length: 0 }) => throw TenancyProblems.Missing.Exception(),
            ({ Length: 0 }, _) => parameter,
            (_, { Length: 0 }) => header,
            _ => header == parameter ? header : throw TenancyProblems.Mismatch.Exception(),
        };
        await tenants.EnterAsync(http.RequestServices, slug, http.RequestAborted);
        return slug;
    }
}
