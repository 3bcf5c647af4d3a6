namespace Tarasol.Tests.Load.Publish;

/// <summary>Publishes to one topic and handles what arrives, by whatever way.</summary>
internal interface IEventClient : IAsyncDisposable
{
    /// <summary>Returns once the subscription is there; each event is acknowledged after it was handled.</summary>
    Task SubscribeAsync(Action<ReadOnlyMemory<byte>> handle, CancellationToken cancel);

    /// <summary>Returns once the broker has the event.</summary>
    Task PublishAsync(ReadOnlyMemory<byte> json, CancellationToken cancel);
}
