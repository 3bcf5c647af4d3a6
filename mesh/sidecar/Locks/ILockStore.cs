using Tarasol.Sidecar.Components;

namespace Tarasol.Sidecar.Locks;

/// <summary>One configured lock component. Resources arrive complete, with their prefix.</summary>
internal interface ILockStore
{
    /// <summary>False when somebody holds it, be it the same owner.</summary>
    Task<bool> TryLockAsync(string resource, string owner, TimeSpan expiry, CancellationToken cancel);

    Task<LockRelease> UnlockAsync(string resource, string owner, CancellationToken cancel);
}

/// <summary>Dapr's numbers.</summary>
internal enum LockRelease { Released = 0, NotLocked = 1, OfAnotherOwner = 2, Failed = 3 }

/// <summary>How a resource becomes the name on the store (component metadata keyPrefix).</summary>
internal static class LockNames
{
    /// <summary>Metadata keys that the runtime itself reads from every lock component.</summary>
    public static readonly IReadOnlyList<string> Keys = ["keyPrefix"];

    private const string Separator = "||";

    /// <summary>Throws when the prefix of the component would be ambiguous.</summary>
    public static void Check(ComponentSpec component)
    {
        if (Strategy(component).Contains(Separator, StringComparison.Ordinal))
            throw new ComponentException(component, Illegal(Strategy(component)));
    }

    /// <summary>Throws <see cref="ArgumentException"/> when the resource contains the separator.</summary>
    public static string Apply(string resource, ComponentSpec component, string appId)
    {
        if (resource.Contains(Separator, StringComparison.Ordinal))
            throw new ArgumentException(Illegal(resource));
        return Strategy(component) switch
        {
            "none" => $"lock{Separator}{resource}",
            "name" => $"lock{Separator}{component.Name}{Separator}{resource}",
            "appid" => $"lock{Separator}{appId}{Separator}{resource}",
            var prefix => $"lock{Separator}{prefix}{Separator}{resource}",
        };
    }

    private static string Strategy(ComponentSpec component) => component.Metadata.GetValueOrDefault("keyPrefix") is { Length: > 0 } given ? given.ToLowerInvariant() : "appid";

    private static string Illegal(string text) => $"input key/keyPrefix '{text}' can't contain '{Separator}'";
}
