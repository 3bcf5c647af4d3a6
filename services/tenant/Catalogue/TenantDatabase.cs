using Tarasol.Tenancy.Catalogue;

namespace Tarasol.Tenants.Catalogue;

/// <summary>Where one service keeps one tenant's data.</summary>
public sealed class TenantDatabase
{
    public required string Slug { get; init; }

    /// <summary>App-id.</summary>
    public required string Service { get; init; }

    public DatabaseProvider Provider { get; init; }

    /// <inheritdoc cref="DatabaseLocation.Database"/>
    public required string Database { get; init; }

    /// <inheritdoc cref="DatabaseLocation.ServerSecret"/>
    public string? ServerSecret { get; init; }

    internal static TenantDatabase At(DatabasePlaces places, string slug, string service)
    {
        var location = places.Of(slug, service);
        return new() { Slug = slug, Service = service, Provider = location.Provider, Database = location.Database, ServerSecret = location.ServerSecret };
    }
}
