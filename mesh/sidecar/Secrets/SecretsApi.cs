using Grpc.Core;
using Tarasol.Sidecar.Components;
using Tarasol.Sidecar.Diagnostics;
using Tarasol.Sidecar.Hosting;
using Tarasol.Sidecar.Resiliency;

namespace Tarasol.Sidecar.Secrets;

/// <summary>Reading secrets within the scopes of the configuration, the same for both APIs.</summary>
internal sealed class SecretsApi(IResiliency resiliency, SidecarMetrics metrics)
{
    public async Task<IReadOnlyDictionary<string, string>> GetAsync(AppRuntime app, string store, string key, IReadOnlyDictionary<string, string> metadata, CancellationToken cancel)
    {
        var instance = Store(app, store);
        if (!Allows(app, store, key))
            throw new DaprException("ERR_PERMISSION_DENIED", StatusCodes.Status403Forbidden, StatusCode.PermissionDenied, $"access denied by policy to get \"{key}\" from \"{store}\"");
        using var measured = metrics.Secret(app, store, "get");
        try
        {
            var secret = await Policy(app, store).ExecuteAsync(attempt => instance.GetAsync(key, metadata, attempt), cancel) ?? throw NotFound(store, key, $"secret {key} not found");
            measured.Succeeded();
            return secret;
        }
        catch (Exception failure) when (failure is not OperationCanceledException and not DaprException)
        {
            throw NotFound(store, key, failure.Message);
        }
    }

    /// <summary>What the scopes deny is left out silently.</summary>
    public async Task<IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>>> GetAllAsync(
        AppRuntime app, string store, IReadOnlyDictionary<string, string> metadata, CancellationToken cancel)
    {
        var instance = Store(app, store);
        using var measured = metrics.Secret(app, store, "bulk_get");
        try
        {
            var all = await Policy(app, store).ExecuteAsync(attempt => instance.GetAllAsync(metadata, attempt), cancel);
            measured.Succeeded();
            return new SortedDictionary<string, IReadOnlyDictionary<string, string>>(
                all.Where(secret => Allows(app, store, secret.Key)).ToDictionary(secret => secret.Key, secret => secret.Value), StringComparer.Ordinal);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            throw new DaprException("ERR_SECRET_GET", StatusCodes.Status500InternalServerError, StatusCode.Internal, $"failed getting secrets from secret store {store}: {failure.Message}");
        }
    }

    private ResiliencyPolicy Policy(AppRuntime app, string store) => resiliency.ComponentOutbound(app.AppId, store, ResiliencyComponentType.Secretstore);

    private static bool Allows(AppRuntime app, string store, string key) => !app.Configuration.SecretScopes.TryGetValue(store, out var scope) || scope.Allows(key);

    private static ISecretStore Store(AppRuntime app, string name)
    {
        if (app.Components.Find<ISecretStore>(name) is { } found)
            return found.Instance;
        throw app.Components.Any<ISecretStore>()
            ? new DaprException("ERR_SECRET_STORE_NOT_FOUND", StatusCodes.Status401Unauthorized, StatusCode.InvalidArgument, $"failed finding secret store with key {name}")
            : new DaprException("ERR_SECRET_STORES_NOT_CONFIGURED", StatusCodes.Status500InternalServerError, StatusCode.FailedPrecondition, "secret store is not configured");
    }

    private static DaprException NotFound(string store, string key, string problem) =>
        new("ERR_SECRET_GET", StatusCodes.Status500InternalServerError, StatusCode.Internal, $"failed getting secret with key {key} from secret store {store}: {problem}");
}
