using System.Text.Json.Serialization;

namespace Tarasol.Tenancy.Catalogue;

/// <summary>What a service must know of a tenant.</summary>
/// <param name="Slug">The tenant's short name: in tokens, headers and events.</param>
/// <param name="Status">Only an active tenant is served; one that is being provisioned takes migrations only.</param>
/// <param name="Database">Where this service's database of the tenant is.</param>
/// <param name="Limits">What it may use at most; null: no limit.</param>
public sealed record TenantEntry(string Slug, TenantStatus Status, DatabaseLocation Database, TenantLimits? Limits = null);

/// <summary>What a tenant may use at most; null: no limit.</summary>
/// <param name="Users">Accounts.</param>
/// <param name="StorageBytes">Files.</param>
/// <param name="RequestsPerMinute">Requests of all its people together.</param>
public sealed record TenantLimits(int? Users, long? StorageBytes, int? RequestsPerMinute);

/// <summary>A tenant's place in its life.</summary>
public enum TenantStatus
{
    /// <summary>Databases and the first administrator are being made.</summary>
    Provisioning,

    /// <summary>In use.</summary>
    Active,

    /// <summary>Refused everywhere; nothing is deleted.</summary>
    Suspended,

    /// <summary>Closed for good.</summary>
    Archived,
}

/// <summary>The database programs that a tenant can live on.</summary>
public enum DatabaseProvider
{
    /// <summary>A file in the data folder.</summary>
    Sqlite,

    /// <summary>PostgreSQL.</summary>
    Postgres,

    /// <summary>Microsoft SQL Server.</summary>
    [JsonStringEnumMemberName("sqlserver")]
    SqlServer,
}

/// <summary>Where a database is. Secrets are named, never held.</summary>
/// <param name="Provider">The database program.</param>
/// <param name="Database">SQLite: a file path relative to the data folder. Otherwise the database's name.</param>
/// <param name="ServerSecret">Name of the secret that holds the server's connection string without a database; null for SQLite.</param>
public sealed record DatabaseLocation(DatabaseProvider Provider, string Database, string? ServerSecret = null);
