using System.Net.Sockets;
using System.Text.RegularExpressions;
using Npgsql;
using NpgsqlTypes;
using Tarasol.Sidecar.Hosting;
using Tarasol.Sidecar.State;

namespace Tarasol.Sidecar.Components;

/// <summary>state.postgresql in daprd's layouts, v1 and v2, so that both can work on one database.</summary>
internal partial class PostgresStateStore : IStateStore, IServerComponent, IAsyncDisposable
{
    public static readonly IReadOnlyList<ComponentType> ComponentTypes = [.. ((string[])["state.postgresql", "state.postgres"]).Select(type => new ComponentType(type,
        [
            .. StateStoreKeys.Common, .. PostgresSettings.Keys, "tableName", "tablePrefix", "metadataTableName", "timeout", "timeoutInSeconds", "cleanupInterval", "cleanupIntervalInSeconds",
        ], CreateAsync) { Versions = ["v1", "v2"] })];

    // An operation waits no longer than this for a server that has not been there yet.
    private static readonly TimeSpan LongestWaitForFirst = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);
    private const int Attempts = 4;

    private readonly PostgresLayout layout;
    private readonly NpgsqlDataSource source;
    private readonly string server;
    private readonly TimeSpan timeout;
    private readonly TimeProvider time;
    private readonly ILogger log;
    private readonly CancellationTokenSource stop = new();
    private readonly TaskCompletionSource ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task running;
    private volatile string? problem = "not connected yet";

    private PostgresStateStore(PostgresLayout layout, NpgsqlConnectionStringBuilder settings, TimeSpan timeout, TimeSpan cleanup, TimeProvider time, ILogger log)
    {
        (this.layout, this.timeout, this.time, this.log) = (layout, timeout, time, log);
        server = $"{settings.Host}:{settings.Port}";
        source = NpgsqlDataSource.Create(settings);
        running = Task.Run(() => RunAsync(cleanup));
    }

    public virtual IReadOnlyList<string> Features { get; } = ["ETAG", "TRANSACTIONAL", "TTL", "KEYS_LIKE"];

    public string? NotReady => problem is { } why ? $"postgresql at {server}: {why}" : null;

    public async Task<StateItem?> GetAsync(string key, CancellationToken cancel) => (await GetManyAsync([key], cancel))[0];

    public Task<IReadOnlyList<StateItem?>> GetManyAsync(IReadOnlyList<string> keys, CancellationToken cancel) => ExecuteAsync<IReadOnlyList<StateItem?>>(async connection =>
    {
        await using var command = Command(connection, layout.Select);
        command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text, Value = keys.ToArray() });
        await using var rows = await command.ExecuteReaderAsync(cancel);
        var found = new Dictionary<string, StateItem>();
        while (await rows.ReadAsync(cancel))
            found[rows.GetString(0)] = layout.Read(rows);
        return [.. keys.Select(key => found.GetValueOrDefault(key))];
    }, repeatable: true, cancel);

    public Task CommitAsync(IReadOnlyList<StateOperation> operations, CancellationToken cancel)
    {
        if (operations.Count == 0)
            return Task.CompletedTask;
        // A conditional save that ran, but whose answer was lost, would find its own etag the second time.
        var repeatable = operations.All(operation => operation is { ETag: not { Length: > 0 }, Concurrency: not Concurrency.FirstWrite });
        return ExecuteAsync(async connection =>
        {
            await using var transaction = operations.Count > 1 ? await connection.BeginTransactionAsync(cancel) : null;
            await using var batch = new NpgsqlBatch(connection, transaction) { Timeout = (int)timeout.TotalSeconds };
            foreach (var operation in operations)
                batch.BatchCommands.Add(layout.Command(operation));
            await batch.ExecuteNonQueryAsync(cancel);
            for (var at = 0; at < operations.Count; at++)
                Check(operations[at], batch.BatchCommands[at].RecordsAffected);
            if (transaction is not null)
                await transaction.CommitAsync(cancel);
            return true;
        }, repeatable, cancel);
    }

    public async ValueTask DisposeAsync()
    {
        if (stop.IsCancellationRequested)
            return;
        await stop.CancelAsync();
        await running;
        ready.TrySetException(new ObjectDisposedException(server));
        await source.DisposeAsync();
        stop.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>
    /// Runs on a connection of the pool. What the server rolled back (a deadlock) runs again; what may or may not have run, because the connection broke, only
    /// if running twice is like running once.
    /// </summary>
    protected async Task<T> ExecuteAsync<T>(Func<NpgsqlConnection, Task<T>> work, bool repeatable, CancellationToken cancel)
    {
        await FirstAsync(cancel);
        for (var attempt = 1; ; attempt++)
        {
            var opened = false;
            try
            {
                await using var connection = await source.OpenConnectionAsync(cancel);
                opened = true;
                return await work(connection);
            }
            catch (Exception failure) when (attempt < Attempts && !cancel.IsCancellationRequested && MayRepeat(failure, repeatable || !opened))
            {
                // After a restart of the server all idle connections are dead: none of them is worth a try.
                if (failure is not PostgresException { SqlState: PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure })
                    source.Clear();
                log.LogDebug("postgresql at {Server}: an operation is tried again: {Problem}", server, failure.Message);
                await Task.Delay(TimeSpan.FromMilliseconds(20 << attempt), time, cancel);
            }
        }
    }

    protected NpgsqlCommand Command(NpgsqlConnection connection, string sql)
    {
#pragma warning disable CA2100 // Only table names that were checked to be identifiers are built in.
        return new NpgsqlCommand(sql, connection) { CommandTimeout = (int)timeout.TotalSeconds };
#pragma warning restore CA2100
    }

    private static Task<object> CreateAsync(ComponentSpec spec, IServiceProvider services, CancellationToken cancel)
    {
        string Name(string key, string otherwise) => spec.Metadata.GetValueOrDefault(key) is not { Length: > 0 } given ? otherwise
            : Identifier().IsMatch(given) ? given : throw new ComponentException(spec, $"{key} {given} is no table name; schema.table or table, of letters, digits and _");
        TimeSpan Duration(string key, string alias, TimeSpan otherwise)
        {
            try
            {
                return ComponentDuration.Parse(spec.Metadata.GetValueOrDefault(key) ?? spec.Metadata.GetValueOrDefault(alias), otherwise);
            }
            catch (FormatException wrong)
            {
                throw new ComponentException(spec, $"{key}: {wrong.Message}");
            }
        }

        var metadata = Name("metadataTableName", "dapr_metadata");
        var timeout = Duration("timeout", "timeoutInSeconds", TimeSpan.FromSeconds(20));
        if (timeout < TimeSpan.FromSeconds(1))
            throw new ComponentException(spec, "invalid value for 'timeout': must be greater than 1s");
        var cleanup = Duration("cleanupInterval", "cleanupIntervalInSeconds", TimeSpan.FromHours(1));
        var settings = PostgresSettings.Read(spec, services.GetRequiredService<SidecarOptions>().Apps.Count);
        var time = services.GetRequiredService<TimeProvider>();
        var log = services.GetRequiredService<ILogger<PostgresStateStore>>();
        return Task.FromResult<object>(spec.Version == "v2"
            ? new PostgresStateStore(new PostgresLayoutV2(Name("tablePrefix", ""), metadata), settings, timeout, cleanup, time, log)
            : new Queryable(new PostgresLayoutV1(Name("tableName", "state"), metadata), settings, timeout, cleanup, time, log));
    }

    private static void Check(StateOperation operation, int changed)
    {
        if (changed == 1)
            return;
        if (operation.ETag is { Length: > 0 })
            throw new ETagMismatchException(operation.Key);
        if (operation is SetState)
            throw new InvalidOperationException("no item was updated");
    }

    private static bool MayRepeat(Exception failure, bool repeatable) => failure switch
    {
        PostgresException { SqlState: PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.CannotConnectNow } => true,
        NpgsqlException { IsTransient: true } or SocketException or IOException => repeatable,
        _ => false,
    };

    private async Task FirstAsync(CancellationToken cancel)
    {
        if (ready.Task.IsCompletedSuccessfully)
            return;
        try
        {
            await ready.Task.WaitAsync(timeout < LongestWaitForFirst ? timeout : LongestWaitForFirst, time, cancel);
        }
        catch (TimeoutException)
        {
            throw new IOException(NotReady);
        }
    }

    private async Task RunAsync(TimeSpan cleanup)
    {
        try
        {
            await PrepareAsync();
            if (cleanup <= TimeSpan.Zero)
                return;
            using var timer = new PeriodicTimer(cleanup, time);
            while (await timer.WaitForNextTickAsync(stop.Token))
                await CleanAsync(cleanup);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    private async Task PrepareAsync()
    {
        for (var pause = ShortestPause; ; pause = pause * 2 > LongestPause ? LongestPause : pause * 2)
        {
            try
            {
                await PostgresMigrations.PerformAsync(source, layout, stop.Token);
                problem = null;
                ready.TrySetResult();
                return;
            }
            catch (Exception failure) when (!stop.IsCancellationRequested && failure is NpgsqlException or SocketException or IOException or TimeoutException)
            {
                if (problem != failure.Message)
                    log.LogWarning("postgresql at {Server} cannot be used, trying on: {Problem}", server, failure.Message);
                problem = failure.Message;
            }
            await Task.Delay(pause, time, stop.Token);
        }
    }

    /// <summary>Only one of the sidecars that share the table does it each time.</summary>
    private async Task CleanAsync(TimeSpan interval)
    {
        try
        {
            await using var connection = await source.OpenConnectionAsync(stop.Token);
            await using var claim = Command(connection, $"""
                INSERT INTO {layout.MetadataTable} AS m (key, value) VALUES ($1, now()::text) ON CONFLICT (key) DO UPDATE SET value = now()::text
                WHERE (EXTRACT('epoch' FROM now() - m.value::timestamp with time zone) * 1000)::bigint > $2
                """);
            claim.Parameters.Add(new NpgsqlParameter { Value = layout.CleanupKey });
            claim.Parameters.Add(new NpgsqlParameter { Value = (long)interval.TotalMilliseconds - 100 });
            if (await claim.ExecuteNonQueryAsync(stop.Token) == 0)
                return;
            await using var clean = Command(connection, layout.Cleanup);
            clean.CommandTimeout = 600;
            log.LogDebug("postgresql at {Server}: {Count} expired rows are removed", server, await clean.ExecuteNonQueryAsync(stop.Token));
        }
        catch (Exception failure) when (!stop.IsCancellationRequested && failure is NpgsqlException or SocketException or IOException)
        {
            log.LogWarning("postgresql at {Server}: expired rows could not be removed: {Problem}", server, failure.Message);
        }
    }

    [GeneratedRegex(@"^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)?$")]
    private static partial Regex Identifier();

    /// <summary>Version v1, whose values the server itself can look into.</summary>
    private sealed class Queryable(PostgresLayout layout, NpgsqlConnectionStringBuilder settings, TimeSpan timeout, TimeSpan cleanup, TimeProvider time, ILogger log)
        : PostgresStateStore(layout, settings, timeout, cleanup, time, log), IQueryableStateStore
    {
        public override IReadOnlyList<string> Features { get; } = ["ETAG", "TRANSACTIONAL", "TTL", "KEYS_LIKE", "QUERY_API"];

        public Task<StateQueryResult> QueryAsync(StateQuery query, string prefix, CancellationToken cancel)
        {
            var built = PostgresQuery.Build(layout.Table, query, prefix);
            return ExecuteAsync(async connection =>
            {
                await using var command = Command(connection, built.Sql);
                foreach (var value in built.Parameters)
                    command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Text, Value = value });
                await using var rows = await command.ExecuteReaderAsync(cancel);
                var items = new List<(string, ReadOnlyMemory<byte>, string)>();
                while (await rows.ReadAsync(cancel))
                    items.Add((rows.GetString(0), System.Text.Encoding.UTF8.GetBytes(rows.GetString(1)), rows.GetString(2)));
                return new StateQueryResult(items, query.Limit > 0 ? (built.Skip + items.Count).ToString(System.Globalization.CultureInfo.InvariantCulture) : null);
            }, repeatable: true, cancel);
        }
    }
}
