using System.Globalization;
using Npgsql;

namespace Tarasol.Sidecar.Components;

/// <summary>Makes and extends the tables of a layout. Sidecars that start together, daprd's too, wait for each other on one row of the metadata table.</summary>
internal static class PostgresMigrations
{
    public static async Task PerformAsync(NpgsqlDataSource source, PostgresLayout layout, CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        await EnsureMetadataAsync(connection, layout.MetadataTable, cancel);
        await RunAsync(connection, $"INSERT INTO {layout.MetadataTable} (key, value) VALUES ('lock', 'lock') ON CONFLICT (key) DO NOTHING", cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        await RunAsync(connection, $"SELECT value FROM {layout.MetadataTable} WHERE key = 'lock' FOR UPDATE", cancel);
        var done = await LevelAsync(connection, layout, cancel);
        for (var next = done; next < layout.Migrations.Count; next++)
            await RunAsync(connection, layout.Migrations[next], cancel);
        if (done < layout.Migrations.Count)
        {
            await using var update = Command(connection, $"INSERT INTO {layout.MetadataTable} (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value");
            update.Parameters.Add(new NpgsqlParameter { Value = layout.MigrationsKey });
            update.Parameters.Add(new NpgsqlParameter { Value = layout.Migrations.Count.ToString(CultureInfo.InvariantCulture) });
            await update.ExecuteNonQueryAsync(cancel);
        }
        await transaction.CommitAsync(cancel);
    }

    /// <summary>IF NOT EXISTS may still collide with another session that makes the same table.</summary>
    private static async Task EnsureMetadataAsync(NpgsqlConnection connection, string table, CancellationToken cancel)
    {
        try
        {
            await RunAsync(connection, $"CREATE TABLE IF NOT EXISTS {table} (key text NOT NULL PRIMARY KEY, value text NOT NULL)", cancel);
        }
        catch (PostgresException taken) when (taken.SqlState is PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.DuplicateTable)
        {
            // The other session made it.
        }
    }

    private static async Task<int> LevelAsync(NpgsqlConnection connection, PostgresLayout layout, CancellationToken cancel)
    {
        await using var read = Command(connection, $"SELECT value FROM {layout.MetadataTable} WHERE key = $1");
        read.Parameters.Add(new NpgsqlParameter { Value = layout.MigrationsKey });
        var text = (string?)await read.ExecuteScalarAsync(cancel) ?? "0";
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var level)
            ? level : throw new IOException($"invalid migration level found in metadata table: {text}");
    }

    private static async Task RunAsync(NpgsqlConnection connection, string sql, CancellationToken cancel)
    {
        await using var command = Command(connection, sql);
        await command.ExecuteNonQueryAsync(cancel);
    }

    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql)
    {
#pragma warning disable CA2100 // Only table names that were checked to be identifiers are built in.
        return new NpgsqlCommand(sql, connection) { CommandTimeout = 60 };
#pragma warning restore CA2100
    }
}
