using Tarasol.Sidecar.Resiliency;

namespace Tarasol.Sidecar.Bindings;

/// <summary>The way of input events into an app.</summary>
internal interface IBindingSink
{
    /// <summary>Whether the app listens to a binding that does not say so itself. Throws when the app cannot be asked.</summary>
    Task<bool> IsWantedAsync(string binding, string route, CancellationToken cancel);

    /// <summary>Delivers one event under <paramref name="policy"/>; null: the app wants nothing more done. Throws <see cref="BindingException"/> when it did not take it.</summary>
    Task<BindingAnswer?> DeliverAsync(string binding, string route, BindingEvent happened, ResiliencyPolicy policy, CancellationToken cancel);
}
