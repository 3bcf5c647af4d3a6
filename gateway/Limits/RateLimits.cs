using System.Net;
using System.Net.Sockets;
using StackExchange.Redis;
using Tarasol.Gateway.Proxy;
using Tarasol.ServiceDefaults.Auth;

namespace Tarasol.Gateway.Limits;

/// <summary>
/// How much one caller may ask: token buckets for a tenant and for each of its users, for an address without a token, and tighter for sign-ins; and what the catalogue
/// allows a tenant in a minute. Settings:
/// RateLimit:Tenant, :User, :Anonymous, :SignIn, each with Burst and PerSecond; RateLimit:Redis (a StackExchange.Redis connection string) where several
/// gateways behind a balancer count together.
/// </summary>
internal static class RateLimits
{
    public static void AddRateLimits(this WebApplicationBuilder builder)
    {
        var settings = builder.Configuration.GetSection("RateLimit");
        LimitPolicy[] policies =
        [
            Policy("sign-in", new(60, 2), context => IsSignIn(context) ? Address(context) : null),
            Policy("anonymous", new(300, 30), context => Tenant(context) is null && !IsOfTheMesh(context) ? Address(context) : null),
            Policy("user", new(600, 200), context => Tenant(context) is { } tenant ? $"{tenant} {context.User.FindFirst("sub")?.Value}" : null),
            Policy("tenant", new(6000, 2000), Tenant),
            CatalogueLimit.Policy(Tenant),
        ];
        var redis = settings["Redis"] is { Length: > 0 } connection
            ? new Lazy<IConnectionMultiplexer>(() => ConnectionMultiplexer.Connect($"{connection},abortConnect=false,connectTimeout=1000,syncTimeout=1000,asyncTimeout=1000"))
            : null;
        builder.Services.AddSingleton(services => new BucketLimiters(policies, redis, services.GetRequiredService<TimeProvider>(), services.GetRequiredService<ILogger<BucketLimiters>>()));

        LimitPolicy Policy(string name, Limit standard, Func<HttpContext, string?> caller) => new(name, settings.GetSection(name.Replace("-", "", StringComparison.Ordinal)).Get<Limit>() ?? standard, caller);
    }

    public static void UseRateLimits(this WebApplication app) => app.UseMiddleware<RateLimiting>();

    private static bool IsOfTheMesh(HttpContext context) => context.Request.Path == "/healthz" || PublicSurface.IsForSidecar(context.Request.Path);

    private static bool IsSignIn(HttpContext context) => HttpMethods.IsPost(context.Request.Method) && context.Request.Path.StartsWithSegments("/connect");

    private static string Address(HttpContext context) => Bucket(context.Connection.RemoteIpAddress);

    /// <summary>An IPv4 address; of IPv6 the network of 64 bits, since whoever has one has them all.</summary>
    internal static string Bucket(IPAddress? address)
    {
        if (address is null or { AddressFamily: not AddressFamily.InterNetworkV6 })
            return $"{address}";
        if (address.IsIPv4MappedToIPv6)
            return $"{address.MapToIPv4()}";
        var bytes = address.GetAddressBytes();
        Array.Clear(bytes, 8, 8);
        return $"{new IPAddress(bytes)}/64";
    }

    private static string? Tenant(HttpContext context) => context.User.FindFirst(TokenRules.TenantClaim)?.Value;
}

/// <summary>A bucket for each caller of one kind.</summary>
/// <param name="Name">In the RateLimit headers.</param>
/// <param name="Limit">The size of each bucket.</param>
/// <param name="Caller">Whose bucket a request takes from; null: none of this policy.</param>
internal sealed record LimitPolicy(string Name, Limit Limit, Func<HttpContext, string?> Caller)
{
    /// <summary>The size of a caller's bucket, where it is not the same for all.</summary>
    public Func<string, Limit> Of { get; init; } = _ => Limit;
}

/// <param name="Burst">Requests that may come at once.</param>
/// <param name="PerSecond">Requests that are added each second.</param>
internal sealed record Limit(int Burst, int PerSecond)
{
    /// <summary>The time in which that many requests are added: a second unless said otherwise.</summary>
    public TimeSpan Period { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Seconds in which an empty bucket is full again.</summary>
    public int Window => Math.Max(1, (Burst + PerSecond - 1) / PerSecond * (int)Period.TotalSeconds);
}
