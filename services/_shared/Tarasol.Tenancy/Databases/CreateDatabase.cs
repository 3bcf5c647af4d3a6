using Microsoft.Data.SqlClient;
using Npgsql;
using Tarasol.Tenancy.Catalogue;

namespace Tarasol.Tenancy.Databases;

/// <summary>
/// Makes a database on a server when it is missing. Only provisioning does so: a database that disappeared later must be noticed, not replaced by an empty one.
/// Texts compare byte by byte, as in SQLite, so that the same codes and keys are the same everywhere.
/// </summary>
internal static class CreateDatabase
{
    public static async Task EnsureAsync(TenantConnections connections, DatabaseLocation location, CancellationToken cancel)
    {
        if (await connections.ForServerAsync(location, cancel) is not { } server)
            return;
        using var lease = await connections.BudgetOf(location)!.EnterAsync(server, cancel);
        await (location.Provider == DatabaseProvider.Postgres ? PostgresAsync(server, location.Database, cancel) : SqlServerAsync(server, location.Database, cancel));
    }

    /// <summary>What SQL Server is told; the name is quoted here.</summary>
    internal static IReadOnlyList<string> SqlServerStatements(string name)
    {
        var (text, quoted) = (name.Replace("'", "''", StringComparison.Ordinal), name.Replace("]", "]]", StringComparison.Ordinal));
        return
        [
            $"IF DB_ID(N'{text}') IS NULL CREATE DATABASE [{quoted}] COLLATE Latin1_General_100_BIN2",
            // Readers do not wait for writers, as in the other two.
            $"IF (SELECT is_read_committed_snapshot_on FROM sys.databases WHERE name = N'{text}') = 0 ALTER DATABASE [{quoted}] SET READ_COMMITTED_SNAPSHOT ON WITH ROLLBACK IMMEDIATE",
        ];
    }

    private static async Task PostgresAsync(string server, string name, CancellationToken cancel)
    {
        await using var connection = new NpgsqlConnection(server);
        await connection.OpenAsync(cancel);
        await using var find = new NpgsqlCommand("SELECT 1 FROM pg_database WHERE datname = $1", connection) { Parameters = { new() { Value = name } } };
        if (await find.ExecuteScalarAsync(cancel) is not null)
            return;
        try
        {
            // A database's name cannot be a parameter.
            var quoted = name.Replace("\"", "\"\"", StringComparison.Ordinal);
            await using var create = new NpgsqlCommand($"CREATE DATABASE \"{quoted}\" TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'", connection);
            await create.ExecuteNonQueryAsync(cancel);
        }
        catch (PostgresException there) when (there.SqlState is PostgresErrorCodes.DuplicateDatabase or PostgresErrorCodes.UniqueViolation)
        {
            // Another process was first.
        }
    }

    private static async Task SqlServerAsync(string server, string name, CancellationToken cancel)
    {
        await using var connection = new SqlConnection(server);
        await connection.OpenAsync(cancel);
        foreach (var statement in SqlServerStatements(name))
        {
            await using var command = new SqlCommand(statement, connection);
            await command.ExecuteNonQueryAsync(cancel);
        }
    }
}
