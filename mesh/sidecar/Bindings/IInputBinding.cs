namespace Tarasol.Sidecar.Bindings;

/// <summary>One configured input binding component.</summary>
internal interface IInputBinding
{
    /// <summary>
    /// Hands events to <paramref name="handle"/> until <paramref name="stop"/>, then waits for those that are being handled. What the app did
    /// not take throws <see cref="BindingException"/> there; it is the binding's to decide what becomes of the event.
    /// </summary>
    Task ReadAsync(Func<BindingEvent, Task> handle, CancellationToken stop);
}

/// <summary>One event for the app: the body and the metadata, which an HTTP app gets as headers.</summary>
internal sealed record BindingEvent(ReadOnlyMemory<byte> Data, IReadOnlyDictionary<string, string> Metadata);
