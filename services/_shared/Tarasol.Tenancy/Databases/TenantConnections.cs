using System.Collections.Concurrent;
using Dapr.Client;
using Microsoft.Data.SqlClient;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Npgsql;
using Tarasol.Tenancy.Catalogue;

namespace Tarasol.Tenancy.Databases;

/// <summary>
/// Turns locations into connection strings. Server secrets come from the Dapr secret store and are kept for the life of the process. Setting
/// TARASOL_DATABASE_CONNECTIONS: connections to each database server at most (10 unless given).
/// </summary>
public sealed class TenantConnections(IConfiguration configuration, DaprClient dapr)
{
    private const int StandardBudget = 10;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly string data = configuration["TARASOL_DATA"] ?? Environment.CurrentDirectory;
    private readonly int connections = configuration.GetValue("TARASOL_DATABASE_CONNECTIONS", StandardBudget);
    private readonly ConcurrentDictionary<string, string> servers = new();
    private readonly ConcurrentDictionary<string, ConnectionBudget> budgets = new();

    /// <summary>The connection string of a location.</summary>
    public async Task<string> ForAsync(DatabaseLocation location, CancellationToken cancel)
    {
        if (location.Provider == DatabaseProvider.Sqlite)
            return ForSqlite(location.Database);
        var server = await ServerAsync(location, cancel);
        return location.Provider == DatabaseProvider.Postgres ? ForPostgres(server, location.Database) : ForSqlServer(server, location.Database);
    }

    /// <summary>The connection string that creates databases on the server of a location; null for SQLite.</summary>
    internal async Task<string?> ForServerAsync(DatabaseLocation location, CancellationToken cancel) => location.Provider switch
    {
        DatabaseProvider.Sqlite => null,
        DatabaseProvider.Postgres => ForPostgresServer(await ServerAsync(location, cancel)),
        _ => new SqlConnectionStringBuilder(await ServerAsync(location, cancel)) { InitialCatalog = "master", Pooling = false }.ConnectionString,
    };

    /// <summary>The budget of the server of a location; null for SQLite.</summary>
    internal ConnectionBudget? BudgetOf(DatabaseLocation location) => location.ServerSecret is { } secret && location.Provider != DatabaseProvider.Sqlite
        ? budgets.GetOrAdd(secret, _ => new(connections, Patience, location.Provider == DatabaseProvider.Postgres ? ClosePostgres : CloseSqlServer))
        : null;

    internal static void Use(DbContextOptionsBuilder options, DatabaseProvider provider, string connectionString) => _ = provider switch
    {
        DatabaseProvider.Sqlite => options.UseSqlite(connectionString),
        DatabaseProvider.Postgres => options.UseNpgsql(connectionString),
        _ => options.UseSqlServer(connectionString),
    };

    private string ForSqlite(string relative)
    {
        var path = Path.Combine(data, relative);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return new SqliteConnectionStringBuilder { DataSource = path, ForeignKeys = true, DefaultTimeout = 30 }.ConnectionString;
    }

    // Nothing is kept open for a tenant that is not in use; the budget does the counting.
    private string ForPostgres(string server, string database) => new NpgsqlConnectionStringBuilder(server)
    {
        Database = database,
        MinPoolSize = 0,
        MaxPoolSize = connections,
        ConnectionIdleLifetime = 60,
        ConnectionPruningInterval = 10,
    }.ConnectionString;

    // The secret may name a database to come in by; every server has this one.
    private static string ForPostgresServer(string server)
    {
        var builder = new NpgsqlConnectionStringBuilder(server) { Pooling = false };
        builder.Database ??= "postgres";
        return builder.ConnectionString;
    }

    private string ForSqlServer(string server, string database) =>
        new SqlConnectionStringBuilder(server) { InitialCatalog = database, MinPoolSize = 0, MaxPoolSize = connections }.ConnectionString;

    private static void ClosePostgres(string connectionString)
    {
        using var connection = new NpgsqlConnection(connectionString);
        NpgsqlConnection.ClearPool(connection);
    }

    private static void CloseSqlServer(string connectionString)
    {
        using var connection = new SqlConnection(connectionString);
        SqlConnection.ClearPool(connection);
    }

    private async Task<string> ServerAsync(DatabaseLocation location, CancellationToken cancel)
    {
        var name = location.ServerSecret ?? throw new InvalidOperationException($"The database {location.Database} has no server secret.");
        if (servers.TryGetValue(name, out var known))
            return known;
        var secret = await ReadAsync(name, cancel);
        try
        {
            return servers[name] = location.Provider == DatabaseProvider.Postgres
                ? new NpgsqlConnectionStringBuilder(secret).ConnectionString
                : new SqlConnectionStringBuilder(secret).ConnectionString;
        }
        catch (Exception malformed) when (malformed is ArgumentException or FormatException or KeyNotFoundException)
        {
            // Not what the builder says: that could hold parts of a secret which is no connection string at all.
            throw new InvalidOperationException($"The secret {name} is not a connection string for {location.Provider}.");
        }
    }

    private async Task<string> ReadAsync(string name, CancellationToken cancel)
    {
        try
        {
            return (await dapr.GetSecretAsync("secretstore", name, cancellationToken: cancel))[name];
        }
        catch (Exception missing) when (missing is Dapr.DaprException or KeyNotFoundException)
        {
            throw new InvalidOperationException($"The secret {name}, which should hold the connection string of a database server, cannot be read.", missing);
        }
    }
}
