using System.Net;
using Dapr.Client;
using StackExchange.Redis;
using Tarasol.Tests.Servers;
using Tarasol.Tests.Sidecar.Redis;

namespace Tarasol.Tests.Sidecar.Locks;

/// <summary>What every lock store does. Each test has a resource of its own.</summary>
public abstract class LockTests : IAsyncLifetime
{
    /// <summary>Starts the server, if there is one.</summary>
    public virtual ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    private protected string Resource { get; } = $"r{Guid.NewGuid():N}";

    /// <summary>The component "lockstore".</summary>
    private protected abstract string Resources(params (string Name, string Value)[] more);

    [Fact]
    public async Task One_owner_holds_a_lock_until_it_lets_go()
    {
        await using var sidecar = await SidecarUnderTest.StartAsync(Resources());
        Assert.Equal("""{"success":true}""", await LockAsync(sidecar, "me"));
        Assert.Equal("""{"success":false}""", await LockAsync(sidecar, "you"));
        Assert.Equal("""{"success":false}""", await LockAsync(sidecar, "me"));
        Assert.Equal("""{"status":2}""", await UnlockAsync(sidecar, "you"));
        Assert.Equal("""{"status":0}""", await UnlockAsync(sidecar, "me"));
        Assert.Equal("""{"status":1}""", await UnlockAsync(sidecar, "me"));
        Assert.Equal("""{"success":true}""", await LockAsync(sidecar, "you"));
    }

    [Fact]
    public async Task A_lock_ends_with_its_time()
    {
        await using var sidecar = await SidecarUnderTest.StartAsync(Resources());
        Assert.Equal("""{"success":true}""", await LockAsync(sidecar, "me", 1));
        await Poll.UntilAsync(async () => await LockAsync(sidecar, "you") == """{"success":true}""");
        Assert.Equal("""{"status":2}""", await UnlockAsync(sidecar, "me"));
    }

    [Fact]
    public async Task Of_many_at_once_one_gets_the_lock()
    {
        await using var sidecar = await SidecarUnderTest.StartAsync(Resources());
        var answers = await Task.WhenAll(Enumerable.Range(0, 30).Select(n => LockAsync(sidecar, $"owner{n}")));
        Assert.Single(answers, answer => answer == """{"success":true}""");
        Assert.Equal(29, answers.Count(answer => answer == """{"success":false}"""));
    }

    [Theory]
    [InlineData("lock", "lockstore", """{"lockOwner":"me","expiryInSeconds":5}""", 400, "ERR_MALFORMED_REQUEST", "ResourceId is empty in lock store lockstore")]
    [InlineData("lock", "lockstore", """{"resourceId":"r","expiryInSeconds":5}""", 400, "ERR_MALFORMED_REQUEST", "LockOwner is empty in lock store lockstore")]
    [InlineData("lock", "lockstore", """{"resourceId":"r","lockOwner":"me"}""", 400, "ERR_MALFORMED_REQUEST", "ExpiryInSeconds is not positive in lock store lockstore")]
    [InlineData("lock", "other", """{"resourceId":"r","lockOwner":"me","expiryInSeconds":5}""", 400, "ERR_LOCK_STORE_NOT_FOUND", "lock store other not found")]
    [InlineData("lock", "lockstore", """{"resourceId":"a||b","lockOwner":"me","expiryInSeconds":5}""", 500, "ERR_TRY_LOCK", "failed to try acquiring lock: input key/keyPrefix 'a||b' can't contain '||'")]
    [InlineData("unlock", "lockstore", """{"resourceId":"a||b","lockOwner":"me"}""", 500, "ERR_UNLOCK", "failed to release lock: input key/keyPrefix 'a||b' can't contain '||'")]
    [InlineData("unlock", "lockstore", """{"lockOwner":"me"}""", 400, "ERR_MALFORMED_REQUEST", "ResourceId is empty in lock store lockstore")]
    [InlineData("unlock", "other", """{"resourceId":"r","lockOwner":"me"}""", 400, "ERR_LOCK_STORE_NOT_FOUND", "lock store other not found")]
    public async Task A_request_that_cannot_be_served_is_answered_as_daprd_does(string verb, string store, string body, int status, string code, string message)
    {
        await using var sidecar = await SidecarUnderTest.StartAsync(Resources());
        var answer = await sidecar.SendAsync("POST", $"/v1.0-alpha1/{verb}/{store}", body);
        Assert.Equal(((HttpStatusCode)status, $$"""{"errorCode":"{{code}}","message":"{{message}}"}"""), (answer.Status, answer.Body));
    }

    [Fact]
    public async Task A_body_that_is_no_json_is_malformed()
    {
        await using var sidecar = await SidecarUnderTest.StartAsync(Resources());
        var (status, _, body) = await sidecar.SendAsync("POST", "/v1.0-alpha1/lock/lockstore", "{");
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("ERR_MALFORMED_REQUEST", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_prefix_that_would_be_ambiguous_is_refused()
    {
        var failure = await Assert.ThrowsAnyAsync<Exception>(() => SidecarUnderTest.StartAsync(Resources(("keyPrefix", "a||b"))));
        Assert.Contains("can't contain '||'", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_official_client_locks_and_unlocks()
    {
        await using var sidecar = await SidecarUnderTest.StartAsync(Resources());
        using var client = new DaprClientBuilder().UseGrpcEndpoint($"http://127.0.0.1:{sidecar.GrpcPort}").UseHttpEndpoint($"http://127.0.0.1:{sidecar.HttpPort}").Build();
#pragma warning disable DAPR_DISTRIBUTEDLOCK // The client calls the lock API a preview.
        Assert.True((await client.Lock("lockstore", Resource, "me", 60)).Success);
        Assert.False((await client.Lock("lockstore", Resource, "you", 60)).Success);
        Assert.Equal(LockStatus.LockBelongsToOthers, (await client.Unlock("lockstore", Resource, "you")).status);
        Assert.Equal(LockStatus.Success, (await client.Unlock("lockstore", Resource, "me")).status);
        Assert.Equal(LockStatus.LockDoesNotExist, (await client.Unlock("lockstore", Resource, "me")).status);
#pragma warning restore DAPR_DISTRIBUTEDLOCK
    }

    private protected async Task<string> LockAsync(SidecarUnderTest sidecar, string owner, int seconds = 60) =>
        (await sidecar.SendAsync("POST", "/v1.0-alpha1/lock/lockstore", $$"""{"resourceId":"{{Resource}}","lockOwner":"{{owner}}","expiryInSeconds":{{seconds}}}""")).Body;

    private protected async Task<string> UnlockAsync(SidecarUnderTest sidecar, string owner) =>
        (await sidecar.SendAsync("POST", "/v1.0-alpha1/unlock/lockstore", $$"""{"resourceId":"{{Resource}}","lockOwner":"{{owner}}"}""")).Body;
}

public sealed class RedisLockTests(RedisFixture redis) : LockTests, IClassFixture<RedisFixture>
{
    public override ValueTask InitializeAsync() => redis.StartAsync();

    private protected override string Resources(params (string Name, string Value)[] more) =>
        SidecarUnderTest.Component("lockstore", "lock.redis", [("redisHost", redis.Server.Address), .. more]);

    [Theory]
    [InlineData("appid", "lock||app||")]
    [InlineData("name", "lock||lockstore||")]
    [InlineData("none", "lock||")]
    [InlineData("Ours", "lock||ours||")]
    public async Task A_lock_is_daprds_string_with_the_owner_and_a_time(string strategy, string prefix)
    {
        await using var sidecar = await SidecarUnderTest.StartAsync(Resources(("keyPrefix", strategy)));
        Assert.Equal("""{"success":true}""", await LockAsync(sidecar, "me"));
        Assert.Equal("me", await redis.Bare.StringGetAsync(prefix + Resource));
        Assert.InRange((await redis.Bare.KeyTimeToLiveAsync(prefix + Resource))!.Value.TotalSeconds, 50, 60);
    }

    [Fact]
    public async Task A_lock_that_daprd_holds_counts()
    {
        await using var sidecar = await SidecarUnderTest.StartAsync(Resources());
        await redis.Bare.StringSetAsync($"lock||app||{Resource}", "daprd", TimeSpan.FromSeconds(60), When.NotExists);
        Assert.Equal("""{"success":false}""", await LockAsync(sidecar, "me"));
        Assert.Equal("""{"status":2}""", await UnlockAsync(sidecar, "me"));
        Assert.Equal("""{"status":0}""", await UnlockAsync(sidecar, "daprd"));
    }

    [Fact]
    public async Task A_server_with_replicas_is_not_used()
    {
        await using var primary = await RedisServer.StartAsync();
        await using var replica = await RedisServer.StartAsync("--replicaof", "127.0.0.1", $"{primary.Port}");
        await using var bare = await ConnectionMultiplexer.ConnectAsync($"{primary.Address},allowAdmin=true");
        await Poll.UntilAsync(async () => ((string?)await bare.GetDatabase().ExecuteAsync("INFO", "replication"))!.Contains("connected_slaves:1", StringComparison.Ordinal));
        await using var sidecar = await SidecarUnderTest.StartAsync(SidecarUnderTest.Component("lockstore", "lock.redis", ("redisHost", primary.Address)), healthy: false);
        await Poll.UntilAsync(async () => (await sidecar.SendAsync("GET", "/v1.0/healthz")).Body.Contains("replication is not supported", StringComparison.Ordinal));
    }
}

public sealed class SqliteLockTests : LockTests
{
    private protected override string Resources(params (string Name, string Value)[] more) =>
        SidecarUnderTest.Component("lockstore", "lock.sqlite", [("connectionString", "locks.db"), .. more]);

    [Fact]
    public async Task A_lock_outlives_the_host()
    {
        await using var sidecar = await SidecarUnderTest.StartAsync(Resources());
        Assert.Equal("""{"success":true}""", await LockAsync(sidecar, "me"));
        await sidecar.RestartAsync();
        Assert.Equal("""{"success":false}""", await LockAsync(sidecar, "you"));
        Assert.Equal("""{"status":0}""", await UnlockAsync(sidecar, "me"));
    }
}
