using Tarasol.Sidecar.Components;
using Tarasol.Sidecar.Diagnostics;
using Tarasol.Sidecar.Hosting;
using Tarasol.Sidecar.Resiliency;

namespace Tarasol.Sidecar.Bindings;

/// <summary>Calls output bindings: for both APIs, and for what an app answers to the event of an input binding.</summary>
internal sealed class BindingsApi(IResiliency resiliency, SidecarMetrics metrics)
{
    /// <summary>Null when the operation has no answer. Throws <see cref="BindingException"/>, also where there is no such binding or operation.</summary>
    public async Task<BindingResult?> InvokeAsync(
        AppRuntime app, string name, string operation, ReadOnlyMemory<byte> data, IReadOnlyDictionary<string, string> metadata, CancellationToken cancel)
    {
        if (operation.Length == 0)
            throw new BindingException("operation field is missing from request");
        if (app.Components.Find<IOutputBinding>(name) is not { } found || !BindingDirection.Allows(found.Spec, "output"))
            throw new BindingException($"couldn't find output binding {name}");
        if (!found.Instance.Operations.Contains(operation))
            throw new BindingException($"binding {name} does not support operation {operation}. supported operations:{string.Join(' ', found.Instance.Operations)}");
        var policy = resiliency.ComponentOutbound(app.AppId, name, ResiliencyComponentType.Binding);
        using var measured = metrics.OutputBinding(app, name, operation);
        try
        {
            var result = await policy.ExecuteAsync(attempt => found.Instance.InvokeAsync(operation, data, metadata, attempt), cancel);
            measured.Succeeded();
            return result;
        }
        catch (Exception failure) when (failure is TimeoutException or CircuitOpenException)
        {
            throw new BindingException(failure.Message);
        }
    }
}

/// <summary>The metadata direction of a binding component: input, output or both; none given means both.</summary>
internal static class BindingDirection
{
    /// <summary>Keys that the runtime itself reads from every binding component.</summary>
    public static readonly IReadOnlyList<string> Keys = ["direction", "route"];

    public static bool Allows(ComponentSpec spec, string direction) => !spec.Metadata.ContainsKey("direction") || Names(spec, direction);

    /// <summary>The direction is given and names this one.</summary>
    public static bool Names(ComponentSpec spec, string direction) => spec.Metadata.TryGetValue("direction", out var given)
        && given.Split(',', StringSplitOptions.TrimEntries).Contains(direction, StringComparer.OrdinalIgnoreCase);
}
