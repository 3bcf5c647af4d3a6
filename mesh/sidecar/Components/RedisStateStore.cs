using System.Globalization;
using StackExchange.Redis;
using Tarasol.Sidecar.State;

namespace Tarasol.Sidecar.Components;

/// <summary>
/// state.redis with daprd's layout: a hash for each key with the fields data and version (the etag), and first-write once a save asked for that. Several
/// operations are one MULTI/EXEC: all of them run or none, but one whose etag does not match fails alone and does not undo the others, as with daprd.
/// </summary>
internal sealed class RedisStateStore : IStateStore, IServerComponent, IAsyncDisposable
{
    public static readonly ComponentType ComponentType = new("state.redis", [.. StateStoreKeys.Common, .. RedisSettings.Keys, "ttlInSeconds", "queryIndexes"], (spec, services, _) =>
    {
        var metadata = new RedisMetadata(spec);
        if (metadata.Text("queryIndexes") is not null)
            throw new ComponentException(spec, "queryIndexes needs a Redis with RediSearch and RedisJSON, and this host does not serve state queries; remove it");
        var log = services.GetRequiredService<ILogger<RedisStateStore>>();
        return Task.FromResult<object>(new RedisStateStore(RedisConnection.Open(RedisSettings.Read(spec), log), metadata.Number("ttlInSeconds")));
    });

    // Where a key holds something else than a hash, pcall gives a table. The ttl belongs into the script: a crash in between must not leave a value that never ends.
    private const string Set = """
        local key, expected, data, firstWrite, ttl = KEYS[1], ARGV[1], ARGV[2], ARGV[3], ARGV[4]
        local version = redis.pcall('HGET', key, 'version')
        if type(version) == 'table' then
          redis.call('DEL', key)
          version = false
        end
        if version and version ~= '' and version ~= expected then
          if expected ~= '0' or redis.call('HEXISTS', key, 'first-write') == 1 then
            error('failed to set key ' .. key)
          end
        end
        redis.call('HSET', key, 'data', data)
        if firstWrite == '1' then
          redis.call('HSET', key, 'first-write', 0)
        end
        version = redis.call('HINCRBY', key, 'version', 1)
        if ttl ~= '' then
          if tonumber(ttl) > 0 then redis.call('EXPIRE', key, ttl) else redis.call('PERSIST', key) end
        end
        return version
        """;

    private const string Delete = """
        local version = redis.pcall('HGET', KEYS[1], 'version')
        if version and type(version) ~= 'table' and version ~= '' and version ~= ARGV[1] and ARGV[1] ~= '0' then
          error('failed to delete ' .. KEYS[1])
        end
        return redis.call('DEL', KEYS[1])
        """;

    private readonly RedisConnection redis;
    private readonly int? defaultTtl;
    private int replicas = -1;

    private RedisStateStore(RedisConnection redis, int? defaultTtl) => (this.redis, this.defaultTtl) = (redis, defaultTtl);

    public IReadOnlyList<string> Features { get; } = ["ETAG", "TRANSACTIONAL", "TTL", "KEYS_LIKE"];

    public string? NotReady => redis.NotReady;

    public int ParseTtl(string text) => StateTtl.AnyNumber(text);

    public Task<StateItem?> GetAsync(string key, CancellationToken cancel) => redis.ExecuteAsync(database => ReadAsync(database, key), repeatable: true, cancel);

    public async Task<IReadOnlyList<StateItem?>> GetManyAsync(IReadOnlyList<string> keys, CancellationToken cancel) =>
        await redis.ExecuteAsync(database => Task.WhenAll(keys.Select(key => ReadAsync(database, key))), repeatable: true, cancel);

    public async Task CommitAsync(IReadOnlyList<StateOperation> operations, CancellationToken cancel)
    {
        var commands = operations.Select(Command).ToList();
        // A conditional save that ran, but whose answer was lost, would find its own version the second time.
        var repeatable = operations.All(operation => operation.ETag is not { Length: > 0 });
        if (commands is [var single])
            await RunAsync(operations[0], single, repeatable, cancel);
        else if (commands.Count > 0)
            await redis.ExecuteAsync(database => TransactAsync(database, commands), repeatable, cancel);
        if (operations.Any(operation => operation is SetState { Consistency: Consistency.Strong }))
            await redis.ExecuteAsync(WaitForReplicasAsync, repeatable: true, cancel);
    }

    public ValueTask DisposeAsync() => redis.DisposeAsync();

    private static async Task<StateItem?> ReadAsync(IDatabase database, string key)
    {
        HashEntry[] fields;
        try
        {
            fields = await database.HashGetAllAsync(key);
        }
        catch (RedisServerException wrongType) when (wrongType.Message.StartsWith("WRONGTYPE", StringComparison.Ordinal))
        {
            // What other programs wrote as a plain string can be read too.
            var text = await database.StringGetAsync(key);
            return text.IsNull ? null : new StateItem((byte[])text!, "");
        }
        if (fields.Length == 0)
            return null;
        var data = fields.FirstOrDefault(field => field.Name == "data").Value;
        var version = fields.FirstOrDefault(field => field.Name == "version").Value;
        if (data.IsNull || version.IsNull)
            throw new InvalidDataException("required hash field 'data' or 'version' was not found");
        return new StateItem((byte[])data!, version.ToString());
    }

    private static async Task<bool> TransactAsync(IDatabase database, List<object[]> commands)
    {
        var transaction = database.CreateTransaction();
        var answers = commands.Select(command => transaction.ExecuteAsync("EVAL", command)).ToList();
        try
        {
            await transaction.ExecuteAsync();
        }
        finally
        {
            // Each answer has its own failure; only the first is told.
            foreach (var answer in answers)
                await ((Task)answer).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        foreach (var answer in answers)
            await answer;
        return true;
    }

    private async Task RunAsync(StateOperation operation, object[] command, bool repeatable, CancellationToken cancel)
    {
        try
        {
            await redis.ExecuteAsync(database => database.ExecuteAsync("EVAL", command), repeatable, cancel);
        }
        catch (RedisServerException refused) when (operation is DeleteState or { ETag.Length: > 0 })
        {
            throw new ETagMismatchException(operation.Key, refused.Message);
        }
        catch (RedisServerException refused)
        {
            throw new InvalidOperationException($"failed to set key {operation.Key}: {refused.Message}", refused);
        }
    }

    private async Task<bool> WaitForReplicasAsync(IDatabase database)
    {
        if (replicas < 0)
            replicas = await Redis.ReplicasAsync(database);
        if (replicas > 0)
            await database.ExecuteAsync("WAIT", replicas, 1000);
        return true;
    }

    private object[] Command(StateOperation operation) => operation switch
    {
        SetState set => [Set, 1, (RedisKey)set.Key, Expected(set), (RedisValue)set.Value, set.Concurrency == Concurrency.FirstWrite ? "1" : "0", Ttl(set)],
        DeleteState delete => [Delete, 1, (RedisKey)delete.Key, delete.ETag is { Length: > 0 } etag ? etag : "0"],
        _ => throw new ArgumentOutOfRangeException(nameof(operation), operation, null),
    };

    private static string Expected(SetState set)
    {
        if (set.Concurrency == Concurrency.LastWrite || set.ETag is not { Length: > 0 } etag)
            return "0";
        return long.TryParse(etag, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var version)
            ? version.ToString(CultureInfo.InvariantCulture) : throw new InvalidETagException($"strconv.Atoi: parsing \"{etag}\": invalid syntax");
    }

    private string Ttl(SetState set) => (set.TtlInSeconds ?? defaultTtl)?.ToString(CultureInfo.InvariantCulture) ?? "";
}
