using System.Threading.Channels;

namespace Tarasol.Tests.Load.Publish;

/// <summary>A channel of this process.</summary>
internal sealed class BareChannel : IEventClient
{
    private readonly Channel<ReadOnlyMemory<byte>> channel = Channel.CreateUnbounded<ReadOnlyMemory<byte>>();
    private Task reading = Task.CompletedTask;

    public Task SubscribeAsync(Action<ReadOnlyMemory<byte>> handle, CancellationToken cancel)
    {
        reading = Task.Run(async () =>
        {
            await foreach (var json in channel.Reader.ReadAllAsync(CancellationToken.None))
                handle(json);
        }, cancel);
        return Task.CompletedTask;
    }

    public async Task PublishAsync(ReadOnlyMemory<byte> json, CancellationToken cancel) => await channel.Writer.WriteAsync(json, cancel);

    public async ValueTask DisposeAsync()
    {
        channel.Writer.Complete();
        await reading;
    }
}
