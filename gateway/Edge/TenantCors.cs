using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.Net.Http.Headers;
using Tarasol.Gateway.Tenants;
using Tarasol.ServiceDefaults.Auth;

namespace Tarasol.Gateway.Edge;

/// <summary>
/// Which pages of other origins may ask in a browser: those at a host name of an active tenant, compared as a whole, by HTTPS (by HTTP too where the platform itself has no other). Without
/// credentials: who asks shows a token, and no cookie is sent along.
/// </summary>
internal static class TenantCors
{
    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(10);

    public static void AddTenantCors(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<ICorsPolicyProvider>(services => new OnePolicy(services.GetRequiredService<KnownTenants>(), new Uri(AuthSetup.Issuer(builder.Configuration)).Scheme));
        builder.Services.AddCors();
    }

    /// <summary>Before anything that asks for a token: a preflight has none.</summary>
    public static void UseTenantCors(this WebApplication app)
    {
        app.Use((context, next) =>
        {
            // Whatever is kept of an answer must not be given to a page of another origin.
            context.Response.OnStarting(() =>
            {
                context.Response.Headers.Append(HeaderNames.Vary, HeaderNames.Origin);
                return Task.CompletedTask;
            });
            return next(context);
        });
        app.UseCors();
    }

    private sealed class OnePolicy(KnownTenants tenants, string scheme) : ICorsPolicyProvider
    {
        private readonly CorsPolicy policy = new CorsPolicyBuilder()
            .SetIsOriginAllowed(origin => IsOfTenant(origin, tenants, scheme))
            .WithMethods("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
            .WithHeaders(HeaderNames.Authorization, HeaderNames.ContentType, HeaderNames.AcceptLanguage, HeaderNames.IfMatch, HeaderNames.IfNoneMatch, "Idempotency-Key", TokenRules.TenantHeader)
            .WithExposedHeaders(HeaderNames.ETag, HeaderNames.Location, HeaderNames.RetryAfter, "RateLimit", "RateLimit-Policy", "X-Correlation-Id")
            .DisallowCredentials()
            .SetPreflightMaxAge(Kept)
            .Build();

        public Task<CorsPolicy?> GetPolicyAsync(HttpContext context, string? policyName) => Task.FromResult<CorsPolicy?>(policy);
    }

    // An origin is scheme, host and port and nothing else; what does not read back as it was written is none.
    private static bool IsOfTenant(string origin, KnownTenants tenants, string scheme) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttps || uri.Scheme == scheme) && uri.IsDefaultPort
        && origin == $"{uri.Scheme}://{uri.Host}" && tenants.ByHost(uri.Host) is not null;
}
