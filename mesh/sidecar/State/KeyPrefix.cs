using Grpc.Core;
using Tarasol.Sidecar.Components;
using Tarasol.Sidecar.Hosting;

namespace Tarasol.Sidecar.State;

/// <summary>How an app's key becomes the key on the store (component metadata keyPrefix).</summary>
internal static class KeyPrefix
{
    public const string Separator = "||";

    /// <summary>The key on the store. Throws ERR_MALFORMED_REQUEST when the app's key contains the separator.</summary>
    public static string Apply(string key, ComponentSpec component, AppRuntime app)
    {
        if (key.Contains(Separator, StringComparison.Ordinal))
            throw Illegal(key, component.Name);
        var strategy = component.Metadata.GetValueOrDefault("keyPrefix") is { Length: > 0 } given ? given.ToLowerInvariant() : "appid";
        return strategy switch
        {
            "none" => key,
            "name" => $"{component.Name}{Separator}{key}",
            "appid" => $"{app.AppId}{Separator}{key}",
            "namespace" => NamespaceIsSet(app) ? $"{app.Namespace}.{app.AppId}{Separator}{key}" : $"{app.AppId}{Separator}{key}",
            _ => $"{strategy}{Separator}{key}",
        };
    }

    /// <summary>The app's key in a key on the store: what stands between the first separators.</summary>
    public static string Remove(string key) => key.Split(Separator, 3) is [_, var own, ..] ? own : key;

    private static bool NamespaceIsSet(AppRuntime app) => app.Namespace is not ("" or "default");

    private static DaprException Illegal(string key, string store)
    {
        var message = $"api error: code = InvalidArgument desc = input key/keyPrefix '{key}' can't contain '{Separator}'";
        return new DaprException("ERR_MALFORMED_REQUEST", StatusCodes.Status400BadRequest, StatusCode.InvalidArgument, message)
        {
            Info = new DaprErrorInfo("DAPR_STATE_ILLEGAL_KEY"),
            Resource = new DaprResource("state", store),
            Violation = new DaprViolation(key, message),
        };
    }
}
