using System.Globalization;
using Tarasol.Gateway.Tenants;

namespace Tarasol.Gateway.Limits;

/// <summary>What the catalogue allows all people of a tenant together in a minute. A new limit takes effect within seconds, with a new bucket.</summary>
internal static class CatalogueLimit
{
    private const char Separator = ' ';

    public static LimitPolicy Policy(Func<HttpContext, string?> tenant) => new("tenant-minute", PerMinute(1), context => Bucket(context, tenant(context)))
    {
        Of = bucket => PerMinute(int.Parse(bucket[(bucket.LastIndexOf(Separator) + 1)..], CultureInfo.InvariantCulture)),
    };

    private static string? Bucket(HttpContext context, string? tenant) =>
        tenant is not null && context.RequestServices.GetRequiredService<KnownTenants>().RequestsPerMinute(tenant) is { } limit
            ? string.Create(CultureInfo.InvariantCulture, $"{tenant}{Separator}{limit}")
            : null;

    private static Limit PerMinute(int requests) => new(requests, requests) { Period = TimeSpan.FromMinutes(1) };
}
