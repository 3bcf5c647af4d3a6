using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Microsoft.Data.Sqlite;
using Tarasol.Sidecar.Components;
using Tarasol.Sidecar.Hosting;

namespace Tarasol.Sidecar.Invocation;

/// <summary>
/// Dapr's sqlite name resolution: hosts on one machine find each other through a shared file. Without a nameResolution section in the
/// configuration only the apps of this process can be found.
/// </summary>
internal sealed partial class NameResolution(SidecarOptions options, Configuration configuration, AppDirectory apps, HostAddress self, ILogger<NameResolution> log) : IDisposable
{
    private const string TokenKey = "tarasol-host-token";

    private readonly CancellationTokenSource stop = new();
    private readonly Dictionary<string, string> registrations = [];
    private string? connectionString;
    private string hosts = "hosts";
    private string metadata = "metadata";
    private TimeSpan updateInterval = TimeSpan.FromSeconds(5);
    private TimeSpan cleanupInterval = TimeSpan.FromHours(1);
    private TimeSpan timeout = TimeSpan.FromSeconds(1);
    private Task renewal = Task.CompletedTask;

    /// <summary>The word that opens the internal ports of the hosts that share this database.</summary>
    public string Token => self.Token;

    /// <summary>Opens the database and takes over the hosts' shared token. Throws <see cref="ConfigurationException"/> on settings that cannot be used.</summary>
    public void Open()
    {
        if (configuration.NameResolution is not { } section)
            return;
        if (section.Component is not "sqlite")
            throw new ConfigurationException($"{section.Source}: nameResolution component {section.Component} is not served; sqlite is");
        var settings = section.Settings;
        hosts = Identifier(settings.GetValueOrDefault("tableName") ?? hosts, section.Source);
        metadata = Identifier(settings.GetValueOrDefault("metadataTableName") ?? metadata, section.Source);
        updateInterval = ComponentDuration.Parse(settings.GetValueOrDefault("updateInterval"), updateInterval);
        cleanupInterval = ComponentDuration.Parse(settings.GetValueOrDefault("cleanupInterval"), cleanupInterval);
        timeout = ComponentDuration.Parse(settings.GetValueOrDefault("timeout"), timeout);
        if (updateInterval - timeout < TimeSpan.FromSeconds(1))
            throw new ConfigurationException($"{section.Source}: nameResolution updateInterval must be at least 1 s longer than its timeout");
        var file = settings.GetValueOrDefault("connectionString") ?? "";
        try
        {
            connectionString = SqliteFile.ConnectionString(file, options.WorkingDirectory, TimeSpan.FromSeconds(2))
                ?? throw new ConfigurationException($"{section.Source}: nameResolution needs a connectionString");
            Prepare();
        }
        catch (Exception failure) when (failure is SqliteException or IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"{section.Source}: the nameResolution database {file} cannot be used: {failure.Message}");
        }
    }

    /// <summary>Makes the apps of this process known at its internal address, and keeps doing so.</summary>
    public void Register()
    {
        if (connectionString is null)
            return;
        using var connection = Connect();
        foreach (var app in apps.Apps)
        {
            // One row per address in Dapr's table; further apps of one process take the same address with the app-id as its tail.
            var address = registrations.Count == 0 ? self.Address : $"{self.Address}/{app.AppId}";
            var id = Guid.NewGuid().ToString();
            Run(connection, $"REPLACE INTO {hosts} (registration_id, address, app_id, namespace, last_update) VALUES ($id, $address, $app, '', unixepoch(CURRENT_TIMESTAMP))",
                ("$id", id), ("$address", address), ("$app", app.AppId));
            registrations[id] = address;
        }
        renewal = Task.Run(RenewAsync);
    }

    /// <summary>host:port of the internal port of a host of this app. Throws <see cref="AppNotFoundException"/>.</summary>
    public async Task<string> ResolveAsync(string appId, CancellationToken cancel)
    {
        if (connectionString is null)
            throw new AppNotFoundException(appId);
        await using var connection = Connect();
        var found = Scalar(connection,
            $"SELECT address FROM {hosts} WHERE app_id = $app AND unixepoch(CURRENT_TIMESTAMP) - last_update < $age ORDER BY RANDOM() LIMIT 1",
            ("$app", appId), ("$age", (int)updateInterval.TotalSeconds));
        cancel.ThrowIfCancellationRequested();
        return found is string address ? address.Split('/')[0] : throw new AppNotFoundException(appId);
    }

    /// <summary>The app-ids of live hosts outside this process.</summary>
    public async Task<IReadOnlyList<string>> ListAsync(CancellationToken cancel)
    {
        if (connectionString is null)
            return [];
        await using var connection = Connect();
        await using var command = Command(connection,
            $"SELECT DISTINCT app_id FROM {hosts} WHERE unixepoch(CURRENT_TIMESTAMP) - last_update < $age", [("$age", (int)updateInterval.TotalSeconds)]);
        await using var rows = await command.ExecuteReaderAsync(cancel);
        var found = new List<string>();
        while (await rows.ReadAsync(cancel))
        {
            if (apps.Find(rows.GetString(0)) is null)
                found.Add(rows.GetString(0));
        }
        return found;
    }

    public async Task UnregisterAsync()
    {
        await stop.CancelAsync();
        await renewal;
        if (connectionString is null || registrations.Count == 0)
            return;
        try
        {
            await using var connection = Connect();
            foreach (var id in registrations.Keys)
                Run(connection, $"DELETE FROM {hosts} WHERE registration_id = $id", ("$id", id));
            registrations.Clear();
            SqliteConnection.ClearPool(connection);
        }
        catch (SqliteException failure)
        {
            log.LogWarning("the registration for name resolution could not be removed, it will lapse by itself: {Problem}", failure.Message);
        }
    }

    public void Dispose() => stop.Dispose();

    private async Task RenewAsync()
    {
        using var timer = new PeriodicTimer(updateInterval - timeout);
        var cleaned = DateTimeOffset.UtcNow;
        try
        {
            while (await timer.WaitForNextTickAsync(stop.Token))
            {
                try
                {
                    await using var connection = Connect();
                    foreach (var (id, address) in registrations)
                        Renew(connection, id, address);
                    if (DateTimeOffset.UtcNow - cleaned < cleanupInterval)
                        continue;
                    Run(connection, $"DELETE FROM {hosts} WHERE unixepoch(CURRENT_TIMESTAMP) - last_update > $age", ("$age", (int)updateInterval.TotalSeconds));
                    cleaned = DateTimeOffset.UtcNow;
                }
                catch (SqliteException failure)
                {
                    log.LogError("name resolution could not renew the registration: {Problem}", failure.Message);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The host stops.
        }
    }

    private void Prepare()
    {
        using var connection = Connect();
        Run(connection, "PRAGMA journal_mode=WAL");
        Run(connection, $"CREATE TABLE IF NOT EXISTS {metadata} (key TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL)");
        Run(connection, $"""
            CREATE TABLE IF NOT EXISTS {hosts} (registration_id TEXT NOT NULL PRIMARY KEY, address TEXT NOT NULL UNIQUE, app_id TEXT NOT NULL,
              namespace TEXT NOT NULL, last_update INTEGER NOT NULL);
            CREATE INDEX IF NOT EXISTS {hosts}_last_update_idx ON {hosts} (last_update)
            """);
        Run(connection, $"INSERT INTO {metadata} (key, value) VALUES ('{TokenKey}', $token) ON CONFLICT (key) DO NOTHING", ("$token", self.Token));
        self.Token = (string)Scalar(connection, $"SELECT value FROM {metadata} WHERE key = '{TokenKey}'")!;
    }

    private void Renew(SqliteConnection connection, string id, string address)
    {
        if (Run(connection, $"UPDATE {hosts} SET last_update = unixepoch(CURRENT_TIMESTAMP) WHERE registration_id = $id AND address = $address", ("$id", id), ("$address", address)) == 0)
            log.LogError("another host has taken over the registration of {Address} in the name-resolution database", address);
    }

    private SqliteConnection Connect()
    {
        var connection = new SqliteConnection(connectionString);
        connection.Open();
        return connection;
    }

    private static int Run(SqliteConnection connection, string sql, params (string Name, object Value)[] parameters)
    {
        using var command = Command(connection, sql, parameters);
        return command.ExecuteNonQuery();
    }

    private static object? Scalar(SqliteConnection connection, string sql, params (string Name, object Value)[] parameters)
    {
        using var command = Command(connection, sql, parameters);
        return command.ExecuteScalar();
    }

    private static SqliteCommand Command(SqliteConnection connection, string sql, (string Name, object Value)[] parameters)
    {
        var command = connection.CreateCommand();
#pragma warning disable CA2100 // Only the table names are built in, and they are checked to be identifiers.
        command.CommandText = sql;
#pragma warning restore CA2100
        foreach (var (name, value) in parameters)
            command.Parameters.AddWithValue(name, value);
        return command;
    }

    private static string Identifier(string name, string source) =>
        IdentifierPattern().IsMatch(name) ? name : throw new ConfigurationException($"{source}: {name} is no table name (letters, digits and _ only)");

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_]*$")]
    private static partial Regex IdentifierPattern();
}
