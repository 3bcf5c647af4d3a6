using Tarasol.Tests.Integration.Mesh;

namespace Tarasol.Tests.Integration.Providers;

/// <summary>
/// Every service, with tenants on several database programs side by side. SQL Server is used where TARASOL_TEST_SQLSERVER holds the connection string of a server on
/// which databases may be made.
/// </summary>
public sealed class ProvidersMesh(SharedPostgres postgres) : TestMesh("directory", "admin", "numbering", "task", "correspondence", "delegation", "profile", "audit")
{
    public const string PostgresSecret = "postgres-main";
    public const string SqlServerSecret = "sqlserver-main";
    private string? postgresServer;

    public static string? SqlServer => Environment.GetEnvironmentVariable("TARASOL_TEST_SQLSERVER");

    protected override (string Type, (string Name, string Value)[] Metadata) PubSub => ("pubsub.sqlite", [("connectionString", "pubsub.db")]);

    protected override IEnumerable<KeyValuePair<string, string>> Secrets =>
        [new(PostgresSecret, postgresServer!), .. SqlServer is { Length: > 0 } server ? [KeyValuePair.Create(SqlServerSecret, server)] : Array.Empty<KeyValuePair<string, string>>()];

    public override async ValueTask InitializeAsync()
    {
        postgresServer = await postgres.ConnectionStringAsync();
        await base.InitializeAsync();
    }
}
