using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using System.Threading.Channels;
using Microsoft.Data.Sqlite;
using Tarasol.Sidecar.Hosting;
using Tarasol.Sidecar.State;

namespace Tarasol.Sidecar.Components;

/// <summary>
/// state.sqlite with daprd's table, so that a file can move between the two. Every commit is on disk before it is answered; commits that
/// wait at the same time share one transaction (each in its own savepoint) and so one sync.
/// </summary>
internal sealed partial class SqliteStateStore : IStateStore, IAsyncDisposable
{
    public static readonly ComponentType ComponentType = new("state.sqlite",
        [.. StateStoreKeys.Common, "connectionString", "timeout", "busyTimeout", "disableWAL", "tableName", "metadataTableName", "cleanupInterval", "cleanupIntervalInSeconds"],
        CreateAsync);

    private const int MostCommitsAtOnce = 128;
    private const int MostPrepared = 64;

    private readonly string connectionString;
    private readonly string table;
    private readonly SqliteConnection writer;

    // Parsing a statement takes longer than running it.
    private readonly Dictionary<string, SqliteCommand> prepared = [];
    private readonly Channel<Commit> commits = Channel.CreateUnbounded<Commit>(new UnboundedChannelOptions { SingleReader = true });
    private readonly CancellationTokenSource stop = new();
    private readonly Task writing;
    private readonly Task cleaning;

    private SqliteStateStore(string connectionString, string table, SqliteConnection writer, TimeSpan cleanup, TimeProvider time)
    {
        this.connectionString = connectionString;
        this.table = table;
        this.writer = writer;
        writing = Task.Run(WriteAsync);
        cleaning = cleanup > TimeSpan.Zero ? Task.Run(() => CleanAsync(cleanup, time)) : Task.CompletedTask;
    }

    public IReadOnlyList<string> Features { get; } = ["ETAG", "TRANSACTIONAL", "TTL", "KEYS_LIKE"];

    public async Task<StateItem?> GetAsync(string key, CancellationToken cancel) => (await GetManyAsync([key], cancel))[0];

    public Task<IReadOnlyList<StateItem?>> GetManyAsync(IReadOnlyList<string> keys, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        using var connection = new SqliteConnection(connectionString);
        connection.Open();
        // A transaction gives all reads one snapshot.
        using var snapshot = keys.Count > 1 ? connection.BeginTransaction(deferred: true) : null;
        using var command = Command(connection, $"SELECT value, is_binary, etag, expiration_time FROM {table} WHERE key = $key AND {Live}");
        command.Transaction = snapshot;
        var parameter = command.Parameters.Add("$key", SqliteType.Text);
        var items = new StateItem?[keys.Count];
        for (var at = 0; at < keys.Count; at++)
        {
            parameter.Value = keys[at];
            using var row = command.ExecuteReader();
            if (row.Read())
                items[at] = Read(row);
        }
        return Task.FromResult<IReadOnlyList<StateItem?>>(items);
    }

    public async Task CommitAsync(IReadOnlyList<StateOperation> operations, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        if (operations.Count == 0)
            return;
        var commit = new Commit(operations);
        ObjectDisposedException.ThrowIf(!commits.Writer.TryWrite(commit), this);
        await commit.Done.Task;
    }

    public async ValueTask DisposeAsync()
    {
        commits.Writer.TryComplete();
        await stop.CancelAsync();
        await writing;
        await cleaning;
        foreach (var command in prepared.Values)
            await command.DisposeAsync();
        await writer.DisposeAsync();
        SqliteConnection.ClearPool(writer);
        stop.Dispose();
    }

    private const string Live = "(expiration_time IS NULL OR expiration_time > CURRENT_TIMESTAMP)";

    private static Task<object> CreateAsync(ComponentSpec spec, IServiceProvider services, CancellationToken cancel)
    {
        var options = services.GetRequiredService<SidecarOptions>();
        var busy = ComponentDuration.Parse(spec.Metadata.GetValueOrDefault("busyTimeout"), TimeSpan.FromSeconds(2));
        var written = spec.Metadata.GetValueOrDefault("connectionString") ?? "";
        var connectionString = SqliteFile.ConnectionString(written, options.WorkingDirectory, busy) ?? throw new ComponentException(spec, "connectionString is missing");
        var table = Identifier(spec, "tableName", "state");
        var metadata = Identifier(spec, "metadataTableName", "metadata");
        var timeout = ComponentDuration.Parse(spec.Metadata.GetValueOrDefault("timeout"), TimeSpan.FromSeconds(20));
        if (timeout < TimeSpan.FromSeconds(1))
            throw new ComponentException(spec, "timeout must be at least 1s");
        var cleanup = ComponentDuration.Parse(spec.Metadata.GetValueOrDefault("cleanupInterval") ?? spec.Metadata.GetValueOrDefault("cleanupIntervalInSeconds"), TimeSpan.Zero);
        var writer = new SqliteConnection(connectionString);
        try
        {
            writer.Open();
            if (!Truth.Parse(spec.Metadata.GetValueOrDefault("disableWAL")))
                Execute(writer, "PRAGMA journal_mode=WAL");
            Execute(writer, "PRAGMA synchronous=FULL");
            Migrate(writer, table, metadata);
        }
        catch (SqliteException failure)
        {
            writer.Dispose();
            throw new ComponentException(spec, $"the database {writer.DataSource} cannot be used: {failure.Message}");
        }
        return Task.FromResult<object>(new SqliteStateStore(connectionString, table, writer, cleanup, services.GetRequiredService<TimeProvider>()));
    }

    private static void Migrate(SqliteConnection connection, string table, string metadata)
    {
        Execute(connection, $"""
            BEGIN IMMEDIATE;
            CREATE TABLE IF NOT EXISTS {metadata} (key TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL);
            CREATE TABLE IF NOT EXISTS {table} (
              key TEXT NOT NULL PRIMARY KEY,
              value TEXT NOT NULL,
              is_binary BOOLEAN NOT NULL,
              etag TEXT NOT NULL,
              expiration_time TIMESTAMP DEFAULT NULL,
              update_time TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP);
            INSERT INTO {metadata} (key, value) VALUES ('migrations', '1') ON CONFLICT (key) DO NOTHING;
            COMMIT;
            """);
    }

    private async Task WriteAsync()
    {
        var batch = new List<Commit>();
        while (await commits.Reader.WaitToReadAsync())
        {
            batch.Clear();
            while (batch.Count < MostCommitsAtOnce && commits.Reader.TryRead(out var next))
                batch.Add(next);
            Write(batch);
        }
    }

    private void Write(List<Commit> batch)
    {
        try
        {
            Prepared("BEGIN IMMEDIATE").ExecuteNonQuery();
            foreach (var commit in batch)
                Apply(commit);
            Prepared("COMMIT").ExecuteNonQuery();
        }
        catch (Exception failure)
        {
            TryRollBack();
            foreach (var commit in batch)
                commit.Done.TrySetException(failure);
            return;
        }
        foreach (var commit in batch)
        {
            if (commit.Failure is null)
                commit.Done.TrySetResult();
            else
                commit.Done.TrySetException(commit.Failure);
        }
    }

    private void Apply(Commit commit)
    {
        Prepared("SAVEPOINT one").ExecuteNonQuery();
        try
        {
            foreach (var operation in commit.Operations)
                Apply(operation);
            Prepared("RELEASE one").ExecuteNonQuery();
        }
        catch (Exception failure) when (failure is ETagMismatchException or SqliteException { SqliteErrorCode: SqliteConstraint })
        {
            Execute(writer, "ROLLBACK TO one; RELEASE one");
            commit.Failure = failure;
        }
    }

    private const int SqliteConstraint = 19;

    private void Apply(StateOperation operation)
    {
        var hasETag = operation.ETag is { Length: > 0 };
        var changed = operation switch
        {
            SetState set when hasETag => Set(set, $"""
                UPDATE {table} SET value = $value, etag = $new, is_binary = $binary, update_time = CURRENT_TIMESTAMP, expiration_time = {Expiry(set)}
                WHERE key = $key AND etag = $etag AND {Live}
                """),
            SetState { Concurrency: Concurrency.FirstWrite } set => Set(set, $"""
                INSERT OR REPLACE INTO {table} (key, value, is_binary, etag, update_time, expiration_time)
                SELECT $key, $value, $binary, $new, CURRENT_TIMESTAMP, {Expiry(set)} WHERE NOT EXISTS (SELECT 1 FROM {table} WHERE key = $key AND {Live})
                """),
            SetState set => Set(set, $"""
                INSERT OR REPLACE INTO {table} (key, value, is_binary, etag, update_time, expiration_time)
                VALUES ($key, $value, $binary, $new, CURRENT_TIMESTAMP, {Expiry(set)})
                """),
            DeleteState delete => Delete(delete, hasETag),
            _ => throw new InvalidOperationException($"unknown state operation {operation.GetType().Name}"),
        };
        if (changed == 0 && (hasETag || operation is SetState))
            throw new ETagMismatchException(operation.Key);
    }

    private int Set(SetState set, string sql)
    {
        var command = Prepared(sql, "$key", "$value", "$binary", "$new", "$etag");
        command.Parameters[0].Value = set.Key;
        command.Parameters[1].Value = set.IsText ? Encoding.UTF8.GetString(set.Value.Span) : Convert.ToBase64String(set.Value.Span);
        command.Parameters[2].Value = !set.IsText;
        command.Parameters[3].Value = Guid.NewGuid().ToString();
        command.Parameters[4].Value = set.ETag ?? "";
        return command.ExecuteNonQuery();
    }

    private int Delete(DeleteState delete, bool hasETag)
    {
        var command = Prepared($"DELETE FROM {table} WHERE key = $key{(hasETag ? " AND etag = $etag" : "")}", "$key", "$etag");
        command.Parameters[0].Value = delete.Key;
        command.Parameters[1].Value = delete.ETag ?? "";
        return command.ExecuteNonQuery();
    }

    /// <summary>A statement of the writer, parsed once. Those with a time to live in them are of no end, so that the rest may have to make room.</summary>
    private SqliteCommand Prepared(string sql, params string[] parameters)
    {
        if (prepared.TryGetValue(sql, out var known))
            return known;
        if (prepared.Count >= MostPrepared)
        {
            foreach (var old in prepared.Values)
                old.Dispose();
            prepared.Clear();
        }
        var command = Command(writer, sql);
        foreach (var parameter in parameters)
            command.Parameters.AddWithValue(parameter, "");
        return prepared[sql] = command;
    }

    private static string Expiry(SetState set) =>
        set.TtlInSeconds is > 0 ? string.Create(CultureInfo.InvariantCulture, $"DATETIME(CURRENT_TIMESTAMP, '+{set.TtlInSeconds.Value} seconds')") : "NULL";

    private async Task CleanAsync(TimeSpan interval, TimeProvider time)
    {
        using var timer = new PeriodicTimer(interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stop.Token))
            {
                await using var connection = new SqliteConnection(connectionString);
                await connection.OpenAsync(stop.Token);
                Execute(connection, $"DELETE FROM {table} WHERE expiration_time IS NOT NULL AND expiration_time < CURRENT_TIMESTAMP");
            }
        }
        catch (OperationCanceledException)
        {
            // The host stops.
        }
    }

    private static StateItem Read(SqliteDataReader row)
    {
        var text = row.GetString(0);
        var value = row.GetBoolean(1) ? Convert.FromBase64String(text) : Encoding.UTF8.GetBytes(text);
        var expires = row.IsDBNull(3) ? (DateTimeOffset?)null : DateTimeOffset.Parse(row.GetString(3), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);
        return new StateItem(value, row.GetString(2), expires);
    }

    private void TryRollBack()
    {
        try
        {
            Execute(writer, "ROLLBACK");
        }
        catch (SqliteException)
        {
            // There was no transaction to roll back: BEGIN itself failed, which the callers hear of.
        }
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = Command(connection, sql);
        command.ExecuteNonQuery();
    }

    private static SqliteCommand Command(SqliteConnection connection, string sql)
    {
        var command = connection.CreateCommand();
#pragma warning disable CA2100 // Only table names that were checked to be identifiers, and whole numbers, are built in.
        command.CommandText = sql;
#pragma warning restore CA2100
        return command;
    }

    private static string Identifier(ComponentSpec spec, string key, string otherwise)
    {
        var name = spec.Metadata.GetValueOrDefault(key) is { Length: > 0 } given ? given : otherwise;
        return IdentifierPattern().IsMatch(name) ? name : throw new ComponentException(spec, $"{key} {name} is no table name (letters, digits and _ only)");
    }

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_]*$")]
    private static partial Regex IdentifierPattern();

    private sealed class Commit(IReadOnlyList<StateOperation> operations)
    {
        public IReadOnlyList<StateOperation> Operations { get; } = operations;

        public Exception? Failure { get; set; }

        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
