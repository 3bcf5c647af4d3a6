using Tarasol.Sidecar.Hosting;
using Tarasol.Sidecar.Placement;
using Tarasol.Sidecar.Resiliency;

namespace Tarasol.Sidecar.Actors;

/// <summary>Brings a method call to the host of its actor: an app of this process, or a peer's.</summary>
internal sealed class ActorRouter(ActorHosting hosting, ActorPeers peers, AppPlacement placement, IResiliency resiliency, TimeProvider time)
{
    /// <summary>How long a call looks for a host: an app that restarts is no error. Dapr's is 5 tries, a second apart.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <exception cref="DaprException">Nobody hosts the type, or the call failed there.</exception>
    public async Task<ActorAnswer> InvokeAsync(AppRuntime caller, ActorRef actor, ActorCall call, CancellationToken cancel)
    {
        var policy = resiliency.ActorBeforeLock(caller.AppId, actor.Type, actor.Id);
        if (policy.IsNone)
            return await RouteAsync(caller, actor, call, cancel);
        try
        {
            return await policy.ExecuteAsync(async attempt => new Attempt<ActorAnswer>(await RouteAsync(caller, actor, call, attempt)), null, cancel);
        }
        catch (CircuitOpenException e)
        {
            throw ActorErrors.Invoke(e.Message);
        }
    }

    private async Task<ActorAnswer> RouteAsync(AppRuntime caller, ActorRef actor, ActorCall call, CancellationToken cancel)
    {
        var since = time.GetTimestamp();
        while (true)
        {
            var changed = hosting.Changed;
            try
            {
                var host = hosting.Find(actor.Type);
                var peer = await peers.FindAsync(actor.Type, host is not null, cancel);
                // Of several the first by name, here or elsewhere: every process has to find the same one, or an actor would live twice.
                if (host is not null && (peer is null || string.CompareOrdinal(host.App.AppId, peer) < 0))
                {
                    // Another host may have a sidecar of the same app.
                    return await placement.OwnerAsync(host.App, cancel) is { } owner
                        ? await peers.InvokeAtAsync(owner, host.App, caller.AppId, actor, call, cancel)
                        : await host.InvokeAsync(actor, call, caller.AppId, cancel);
                }
                if (peer is not null)
                    return await peers.InvokeAsync(peer, caller.AppId, actor, call, cancel);
            }
            catch (ActorMovedException)
            {
                // Its host went between the look-up and the turn.
            }
            if (time.GetElapsedTime(since) >= Patience)
                throw ActorErrors.NoAddress(actor);
            using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            await Task.WhenAny(changed, Task.Delay(Pause, time, waiting.Token));
            await waiting.CancelAsync();
            cancel.ThrowIfCancellationRequested();
        }
    }
}
