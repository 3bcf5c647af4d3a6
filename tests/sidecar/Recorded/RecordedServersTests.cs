using StackExchange.Redis;
using Tarasol.Tests.Servers;

namespace Tarasol.Tests.Sidecar.Recorded;

/// <summary>What a real daprd 1.18.3 answered and delivered with its state in Redis and its events in RabbitMQ.</summary>
public sealed class RecordedServersTests(RecordedServers mesh) : IClassFixture<RecordedServers>, IAsyncLifetime
{
    public static TheoryData<string, string> Names => [.. RecordingTests.Cases("servers")];

    public ValueTask InitializeAsync() => mesh.StartAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Theory]
    [MemberData(nameof(Names))]
    public Task The_host_answers_and_delivers_as_daprd_did(string file, string name) => RecordingTests.PlayAsync(mesh, file, name);
}

/// <summary>Two hosts before a real Redis and a real RabbitMQ. Each test starts them first, so that each is skipped where there are none.</summary>
public sealed class RecordedServers() : RecordedMesh(twoHosts: true)
{
    private readonly SemaphoreSlim gate = new(1);
    private TestServer? redis;
    private TestServer? rabbit;
    private bool started;

    protected override string Resources =>
        SidecarUnderTest.Component("statestore", "state.redis", ("redisHost", redis!.Address), ("redisPassword", ""), ("actorStateStore", "true"))
        + SidecarUnderTest.Component("pubsub", "pubsub.rabbitmq", ("connectionString", RabbitMqServer.Url(rabbit!)), ("durable", "true"), ("deletedWhenUnused", "false"), ("requeueInFailure", "true"), ("prefetchCount", "10"))
        + SidecarUnderTest.Component("redispubsub", "pubsub.redis", ("redisHost", redis.Address), ("redisPassword", ""))
        + SidecarUnderTest.Component("configstore", "configuration.redis", ("redisHost", redis.Address))
        + SidecarUnderTest.Component("lockstore", "lock.redis", ("redisHost", redis.Address));

    public override ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask StartAsync()
    {
        await gate.WaitAsync();
        try
        {
            if (started)
                return;
            redis ??= await RedisServer.StartAsync();
            rabbit ??= await RabbitMqServer.StartAsync();
            await using (var bare = await ConnectionMultiplexer.ConnectAsync(redis.Address))
                await bare.GetDatabase().StringSetAsync("conformance-key", "on||1");
            await base.InitializeAsync();
            started = true;
        }
        finally
        {
            gate.Release();
        }
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        if (redis is not null)
            await redis.DisposeAsync();
        if (rabbit is not null)
            await rabbit.DisposeAsync();
        gate.Dispose();
        GC.SuppressFinalize(this);
    }
}
