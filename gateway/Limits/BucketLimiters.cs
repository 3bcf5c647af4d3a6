using System.Threading.RateLimiting;
using RedisRateLimiting;
using StackExchange.Redis;

namespace Tarasol.Gateway.Limits;

/// <summary>
/// Takes from the buckets: in this process, or in a Redis that several gateways share. While that Redis is away each gateway counts for itself, which
/// lets through more than the limit but turns nobody away wrongly.
/// </summary>
internal sealed class BucketLimiters : IAsyncDisposable
{
    private static readonly TimeSpan RedisPause = TimeSpan.FromSeconds(5);
    private readonly Lazy<IConnectionMultiplexer>? redis;
    private readonly TimeProvider time;
    private readonly ILogger<BucketLimiters> log;
    private readonly PartitionedRateLimiter<string>[] here;
    private readonly PartitionedRateLimiter<string>[] shared;
    private long redisAwayUntil;

    public BucketLimiters(IReadOnlyList<LimitPolicy> policies, Lazy<IConnectionMultiplexer>? redis, TimeProvider time, ILogger<BucketLimiters> log)
    {
        (Policies, this.redis, this.time, this.log) = (policies, redis, time, log);
        here = [.. policies.Select(policy => PartitionedRateLimiter.Create<string, string>(caller => RateLimitPartition.GetTokenBucketLimiter(caller, _ => Here(policy.Of(caller)))))];
        shared = redis is null ? [] : [.. policies.Select(policy => PartitionedRateLimiter.Create<string, string>(caller => RedisRateLimitPartition.GetTokenBucketRateLimiter($"tarasol:{policy.Name}:{caller}", _ => Shared(policy.Of(caller), redis))))];
    }

    public IReadOnlyList<LimitPolicy> Policies { get; }

    /// <summary>Takes one from the caller's bucket of a policy.</summary>
    public async ValueTask<Taken> TakeAsync(int policy, string caller, CancellationToken cancel)
    {
        if (redis is not null && time.GetTimestamp() >= Volatile.Read(ref redisAwayUntil))
        {
            try
            {
                using var lease = await shared[policy].AcquireAsync(caller, 1, cancel);
                lease.TryGetMetadata(RateLimitMetadataName.Remaining, out var remaining);
                return new(lease.IsAcquired, remaining);
            }
            catch (Exception failure) when (failure is RedisException or TimeoutException)
            {
                Volatile.Write(ref redisAwayUntil, time.GetTimestamp() + (long)(RedisPause.TotalSeconds * time.TimestampFrequency));
                log.LogWarning("The shared count of requests is away; this gateway counts for itself: {Reason}", failure.Message);
            }
        }

        using var own = here[policy].AttemptAcquire(caller);
        return new(own.IsAcquired, here[policy].GetStatistics(caller)?.CurrentAvailablePermits ?? 0);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var limiter in here.Concat(shared))
            await limiter.DisposeAsync();
        if (redis is { IsValueCreated: true })
            await redis.Value.DisposeAsync();
    }

    private static TokenBucketRateLimiterOptions Here(Limit limit) =>
        new() { TokenLimit = limit.Burst, TokensPerPeriod = limit.PerSecond, ReplenishmentPeriod = limit.Period, QueueLimit = 0 };

    private static RedisTokenBucketRateLimiterOptions Shared(Limit limit, Lazy<IConnectionMultiplexer> redis) => new()
    {
        TokenLimit = limit.Burst, TokensPerPeriod = limit.PerSecond, ReplenishmentPeriod = limit.Period, ConnectionMultiplexerFactory = () => redis.Value,
    };
}

/// <param name="IsAllowed">False: the bucket was empty.</param>
/// <param name="Remaining">What is left in it.</param>
internal readonly record struct Taken(bool IsAllowed, long Remaining);
