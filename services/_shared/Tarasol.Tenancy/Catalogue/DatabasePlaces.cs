using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Configuration;

namespace Tarasol.Tenancy.Catalogue;

/// <summary>
/// Where databases are when nobody says otherwise: settings TARASOL_DATABASE (sqlite, postgres or sqlserver; sqlite unless given) and TARASOL_DATABASE_SECRET (the secret
/// with the server's connection string). The platform's own databases are always there, so that nothing must be asked to find them.
/// </summary>
/// <param name="Provider">The database program.</param>
/// <param name="ServerSecret">Null for SQLite.</param>
public sealed record DatabasePlaces(DatabaseProvider Provider, string? ServerSecret)
{
    // PostgreSQL cuts longer names off.
    private const int LongestName = 63;

    /// <summary>SQLite files in the data folder.</summary>
    public static readonly DatabasePlaces Files = new(DatabaseProvider.Sqlite, null);

    /// <summary>Reads the settings. Throws <see cref="InvalidOperationException"/> when they do not go together.</summary>
    public static DatabasePlaces From(IConfiguration configuration)
    {
        var name = configuration["TARASOL_DATABASE"];
        var secret = configuration["TARASOL_DATABASE_SECRET"];
        if (string.IsNullOrEmpty(name) || string.Equals(name, "sqlite", StringComparison.OrdinalIgnoreCase))
            return Files;
        if (!Enum.TryParse<DatabaseProvider>(name, ignoreCase: true, out var provider) || name[0] is '+' or '-' or (>= '0' and <= '9'))
            throw new InvalidOperationException($"TARASOL_DATABASE is '{name}'; it must be sqlite, postgres or sqlserver.");
        return string.IsNullOrEmpty(secret)
            ? throw new InvalidOperationException($"With TARASOL_DATABASE={name}, TARASOL_DATABASE_SECRET must name the secret that holds the server's connection string.")
            : new(provider, secret);
    }

    /// <summary>The place of a service's database of a tenant.</summary>
    public DatabaseLocation Of(string slug, string appId) => Provider == DatabaseProvider.Sqlite
        ? new(Provider, $"tenants/{slug}/{appId}.db")
        : new(Provider, Name(slug, appId), ServerSecret);

    /// <summary>The platform's entry for one service.</summary>
    public TenantEntry Platform(string appId) => new(PlatformTenant.Slug, TenantStatus.Active, Of(PlatformTenant.Slug, appId));

    // Neither a slug nor an app-id can hold an underscore, so that two databases never get the same name.
    private static string Name(string slug, string appId)
    {
        var name = $"tarasol_{slug}_{appId}";
        return name.Length <= LongestName ? name : $"{name[..(LongestName - 17)]}_{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)))[..16]}";
    }
}
