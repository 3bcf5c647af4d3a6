using Grpc.Core;
using Tarasol.Sidecar.Components;
using Tarasol.Sidecar.Hosting;
using Tarasol.Sidecar.Resiliency;

namespace Tarasol.Sidecar.Locks;

/// <summary>What both lock APIs share: checks in daprd's order, the name of the resource in the store, resiliency, and the errors.</summary>
internal sealed class LockApi(IResiliency resiliency)
{
    public async Task<bool> TryLockAsync(AppRuntime app, string store, string resource, string owner, int expiryInSeconds, CancellationToken cancel)
    {
        if (expiryInSeconds <= 0)
            throw Malformed($"ExpiryInSeconds is not positive in lock store {store}");
        var (spec, instance) = Find(app, store, resource, owner);
        return await RunAsync(app, store, attempt => instance.TryLockAsync(LockNames.Apply(resource, spec, app.AppId), owner, TimeSpan.FromSeconds(expiryInSeconds), attempt),
            "ERR_TRY_LOCK", "failed to try acquiring lock", cancel);
    }

    public async Task<LockRelease> UnlockAsync(AppRuntime app, string store, string resource, string owner, CancellationToken cancel)
    {
        var (spec, instance) = Find(app, store, resource, owner);
        return await RunAsync(app, store, attempt => instance.UnlockAsync(LockNames.Apply(resource, spec, app.AppId), owner, attempt), "ERR_UNLOCK", "failed to release lock", cancel);
    }

    private async Task<T> RunAsync<T>(AppRuntime app, string store, Func<CancellationToken, Task<T>> call, string code, string what, CancellationToken cancel)
    {
        try
        {
            return await resiliency.ComponentOutbound(app.AppId, store, ResiliencyComponentType.Lock).ExecuteAsync(call, cancel);
        }
        catch (Exception failure) when (!cancel.IsCancellationRequested)
        {
            throw new DaprException(code, StatusCodes.Status500InternalServerError, StatusCode.Internal, $"{what}: {failure.Message}");
        }
    }

    private static (ComponentSpec Spec, ILockStore Store) Find(AppRuntime app, string store, string resource, string owner)
    {
        if (!app.Components.Any<ILockStore>())
            throw new DaprException("ERR_LOCK_STORE_NOT_CONFIGURED", StatusCodes.Status500InternalServerError, StatusCode.FailedPrecondition, "lock store is not configured");
        if (resource.Length == 0)
            throw Malformed($"ResourceId is empty in lock store {store}");
        if (owner.Length == 0)
            throw Malformed($"LockOwner is empty in lock store {store}");
        return app.Components.Find<ILockStore>(store)
            ?? throw new DaprException("ERR_LOCK_STORE_NOT_FOUND", StatusCodes.Status400BadRequest, StatusCode.InvalidArgument, $"lock store {store} not found");
    }

    private static DaprException Malformed(string problem) => new("ERR_MALFORMED_REQUEST", StatusCodes.Status400BadRequest, StatusCode.InvalidArgument, problem);
}
