using StackExchange.Redis;
using Tarasol.Tests.Servers;

namespace Tarasol.Tests.Sidecar.Redis;

/// <summary>A real Redis for the tests of one class, and a bare client to look at what lies in it. Each test starts it first, so that each is skipped where there is none.</summary>
public sealed class RedisFixture : IAsyncDisposable
{
    private readonly SemaphoreSlim gate = new(1);
    private TestServer? server;
    private ConnectionMultiplexer? client;

    public TestServer Server => server!;

    public IDatabase Bare => client!.GetDatabase();

    public async ValueTask StartAsync()
    {
        await gate.WaitAsync();
        try
        {
            server ??= await RedisServer.StartAsync();
            client ??= await ConnectionMultiplexer.ConnectAsync($"{server.Address},allowAdmin=true");
        }
        finally
        {
            gate.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (client is not null)
            await client.DisposeAsync();
        if (server is not null)
            await server.DisposeAsync();
        gate.Dispose();
    }
}
