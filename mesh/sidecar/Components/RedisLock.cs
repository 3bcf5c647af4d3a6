using StackExchange.Redis;
using Tarasol.Sidecar.Locks;

namespace Tarasol.Sidecar.Components;

/// <summary>lock.redis as daprd holds its locks: the resource is a string key with the owner as value, and lives as long as the lock.</summary>
internal sealed class RedisLock : ILockStore, IServerComponent, IAsyncDisposable
{
    public static readonly ComponentType ComponentType = new("lock.redis", [.. LockNames.Keys, .. RedisSettings.Keys], (spec, services, _) =>
    {
        LockNames.Check(spec);
        var log = services.GetRequiredService<ILogger<RedisLock>>();
        var settings = RedisSettings.Read(spec);
        if (settings.Cluster)
            throw new ComponentException(spec, "lock.redis does not support connecting to Redis Cluster");
        return Task.FromResult<object>(new RedisLock(RedisConnection.Open(settings, log, settings.Failover ? null : RefuseReplicasAsync)));
    });

    private const string Unlock = """
        local owner = redis.call('GET', KEYS[1])
        if not owner then return -1 end
        if owner ~= ARGV[1] then return -2 end
        redis.call('DEL', KEYS[1])
        return 1
        """;

    private readonly RedisConnection redis;

    private RedisLock(RedisConnection redis) => this.redis = redis;

    public string? NotReady => redis.NotReady;

    // Neither is repeated when its answer is lost: the second one would find what the first one did.
    public Task<bool> TryLockAsync(string resource, string owner, TimeSpan expiry, CancellationToken cancel) =>
        redis.ExecuteAsync(database => database.StringSetAsync(resource, owner, expiry, When.NotExists), repeatable: false, cancel);

    public async Task<LockRelease> UnlockAsync(string resource, string owner, CancellationToken cancel) =>
        (int)await redis.ExecuteAsync(database => database.ExecuteAsync("EVAL", Unlock, 1, (RedisKey)resource, owner), repeatable: false, cancel) switch
        {
            >= 0 => LockRelease.Released,
            -1 => LockRelease.NotLocked,
            -2 => LockRelease.OfAnotherOwner,
            _ => LockRelease.Failed,
        };

    public ValueTask DisposeAsync() => redis.DisposeAsync();

    /// <summary>A lock that has not reached a replica is lost with its server.</summary>
    private static async Task<string?> RefuseReplicasAsync(IConnectionMultiplexer server) =>
        await Redis.ReplicasAsync(server.GetDatabase()) > 0 ? "replication is not supported without failover" : null;
}
