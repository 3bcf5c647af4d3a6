using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;
using Tarasol.Gateway.Limits;
using Tarasol.Tests.Servers;

namespace Tarasol.Tests.Integration.Gateway;

/// <summary>Several gateways behind a balancer, on a real Redis.</summary>
public sealed class SharedLimitsTests
{
    private static readonly LimitPolicy[] Policies = [new("user", new(5, 1), _ => null)];

    [Fact]
    public async Task Gateways_count_together_and_each_for_itself_while_the_redis_is_away()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var first = Gateway(redis);
        await using var second = Gateway(redis);

        var shared = new List<bool>();
        for (var request = 0; request < 20; request++)
            shared.Add((await (request % 2 == 0 ? first : second).TakeAsync(0, "someone", CancellationToken.None)).IsAllowed);
        await redis.KillAsync();
        var alone = new List<bool>();
        for (var request = 0; request < 20; request++)
            alone.Add((await first.TakeAsync(0, "someone", CancellationToken.None)).IsAllowed);

        // Each second adds one.
        Assert.InRange(shared.Count(allowed => allowed), 5, 10);
        Assert.True(shared.Take(5).All(allowed => allowed));
        Assert.InRange(alone.Count(allowed => allowed), 5, 15);
    }

    private static BucketLimiters Gateway(TestServer redis) => new(
        Policies, new(() => ConnectionMultiplexer.Connect($"{redis.Address},abortConnect=false,connectTimeout=1000,syncTimeout=1000,asyncTimeout=1000")), TimeProvider.System, NullLogger<BucketLimiters>.Instance);
}
