using Microsoft.Data.Sqlite;
using Tarasol.Sidecar.Hosting;
using Tarasol.Sidecar.Locks;

namespace Tarasol.Sidecar.Components;

/// <summary>lock.sqlite: locks in a file, so that they outlive a restart of the host as long as they were asked for. Several hosts may share the file.</summary>
internal sealed class SqliteLock : ILockStore
{
    public static readonly ComponentType ComponentType = new("lock.sqlite", [.. LockNames.Keys, "connectionString", "busyTimeout"], (spec, services, _) =>
    {
        LockNames.Check(spec);
        var busy = ComponentDuration.Parse(spec.Metadata.GetValueOrDefault("busyTimeout"), TimeSpan.FromSeconds(2));
        var connectionString = SqliteFile.ConnectionString(spec.Metadata.GetValueOrDefault("connectionString") ?? "", services.GetRequiredService<SidecarOptions>().WorkingDirectory, busy)
            ?? throw new ComponentException(spec, "connectionString is missing");
        try
        {
            return Task.FromResult<object>(new SqliteLock(connectionString, services.GetRequiredService<TimeProvider>()));
        }
        catch (SqliteException failure)
        {
            throw new ComponentException(spec, $"the database cannot be used: {failure.Message}");
        }
    });

    private readonly string connectionString;
    private readonly TimeProvider time;

    private SqliteLock(string connectionString, TimeProvider time)
    {
        (this.connectionString, this.time) = (connectionString, time);
        using var connection = Open();
        Run(connection, "PRAGMA journal_mode=WAL", "", "");
        Run(connection, "CREATE TABLE IF NOT EXISTS locks (resource TEXT NOT NULL PRIMARY KEY, owner TEXT NOT NULL, expires_at INTEGER NOT NULL) WITHOUT ROWID", "", "");
    }

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    public Task<bool> TryLockAsync(string resource, string owner, TimeSpan expiry, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        using var connection = Open();
        var taken = Run(connection, """
            INSERT INTO locks (resource, owner, expires_at) VALUES ($resource, $owner, $until)
            ON CONFLICT (resource) DO UPDATE SET owner = $owner, expires_at = $until WHERE expires_at <= $now
            """, resource, owner, Now + (long)expiry.TotalMilliseconds);
        return Task.FromResult(taken == 1);
    }

    public Task<LockRelease> UnlockAsync(string resource, string owner, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        using var connection = Open();
        if (Run(connection, "DELETE FROM locks WHERE resource = $resource AND owner = $owner AND expires_at > $now", resource, owner) == 1)
            return Task.FromResult(LockRelease.Released);
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT 1 FROM locks WHERE resource = $resource AND expires_at > $now";
        Bind(command, resource, owner, 0);
        return Task.FromResult(command.ExecuteScalar() is null ? LockRelease.NotLocked : LockRelease.OfAnotherOwner);
    }

    private SqliteConnection Open()
    {
        var connection = new SqliteConnection(connectionString);
        connection.Open();
        return connection;
    }

    private int Run(SqliteConnection connection, string sql, string resource, string owner, long until = 0)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Only texts of this file.
        command.CommandText = sql;
#pragma warning restore CA2100
        Bind(command, resource, owner, until);
        return command.ExecuteNonQuery();
    }

    private void Bind(SqliteCommand command, string resource, string owner, long until)
    {
        command.Parameters.AddWithValue("$resource", resource);
        command.Parameters.AddWithValue("$owner", owner);
        command.Parameters.AddWithValue("$until", until);
        command.Parameters.AddWithValue("$now", Now);
    }
}
