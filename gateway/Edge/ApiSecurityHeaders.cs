namespace Tarasol.Gateway.Edge;

/// <summary>The headers that browsers need to be told. An answer is data unless it says otherwise: only a page brings a content security policy of its own.</summary>
internal static class ApiSecurityHeaders
{
    private static readonly HeaderPolicyCollection Data = new HeaderPolicyCollection().AddDefaultApiSecurityHeaders();
    private static readonly HeaderPolicyCollection Page = WithoutContentSecurityPolicy();

    public static void AddApiSecurityHeaders(this WebApplicationBuilder builder) => builder.Services.AddSecurityHeaderPolicies()
        .SetDefaultPolicy(Data)
        .SetPolicySelector(answer => answer.HttpContext.Response.Headers.ContentSecurityPolicy.Count > 0 ? Page : answer.SelectedPolicy);

    public static void UseApiSecurityHeaders(this WebApplication app) => app.UseSecurityHeaders();

    private static HeaderPolicyCollection WithoutContentSecurityPolicy()
    {
        var headers = new HeaderPolicyCollection().AddDefaultApiSecurityHeaders();
        headers.Remove("Content-Security-Policy");
        return headers;
    }
}
