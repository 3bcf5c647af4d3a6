using StackExchange.Redis;
using Tarasol.Tests.Servers;

namespace Tarasol.Tests.Load.Publish;

/// <summary>XADD, XREADGROUP and XACK.</summary>
internal sealed class BareRedis(TestServer server) : IEventClient
{
    private const string Topic = "bare";
    private readonly CancellationTokenSource stop = new();
    private ConnectionMultiplexer? connection;
    private Task reading = Task.CompletedTask;

    public async Task SubscribeAsync(Action<ReadOnlyMemory<byte>> handle, CancellationToken cancel)
    {
        connection = await ConnectionMultiplexer.ConnectAsync(server.Address);
        var database = connection.GetDatabase();
        await database.StreamCreateConsumerGroupAsync(Topic, "load", StreamPosition.Beginning);
        reading = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                var entries = await database.StreamReadGroupAsync(Topic, "load", "one", StreamPosition.NewMessages, 100);
                foreach (var entry in entries)
                {
                    handle((ReadOnlyMemory<byte>)entry["data"]);
                    await database.StreamAcknowledgeAsync(Topic, "load", entry.Id);
                }

                // The client has no blocking read: one connection serves all.
                if (entries.Length == 0)
                    await Task.Delay(1);
            }
        }, cancel);
    }

    public Task PublishAsync(ReadOnlyMemory<byte> json, CancellationToken cancel) => connection!.GetDatabase().StreamAddAsync(Topic, "data", json);

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await reading;
        if (connection is not null)
            await connection.DisposeAsync();
        stop.Dispose();
    }
}
