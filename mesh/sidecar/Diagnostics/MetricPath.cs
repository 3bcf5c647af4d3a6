namespace Tarasol.Sidecar.Diagnostics;

/// <summary>A request path as daprd labels it: without keys of state and secrets, ids of actors and workflows.</summary>
internal static class MetricPath
{
    public static string Of(string path)
    {
        var parts = path.TrimStart('/').Split('/', 6);
        if (parts.Length < 3)
            return path;
        switch (parts[1])
        {
            case "state" or "secrets":
                return $"/{string.Join('/', parts[..3])}";
            case "actors" when parts.Length >= 5:
                return $"/{parts[0]}/actors/{parts[2]}/{{id}}/{parts[4]}";
            case "workflows" when parts.Length == 4:
                return $"/{string.Join('/', parts[..3])}/{{instanceId}}";
            case "workflows" when parts.Length == 5 && parts[4].StartsWith("start", StringComparison.Ordinal):
                return $"/{string.Join('/', parts[..4])}/start";
            case "workflows" when parts.Length == 6 && parts[4] == "raiseEvent":
                return $"/{string.Join('/', parts[..3])}/{{instanceId}}/raiseEvent/{{eventName}}";
            case "workflows" when parts.Length >= 5:
                return $"/{string.Join('/', parts[..3])}/{{instanceId}}/{parts[4]}";
            default:
                return path;
        }
    }
}
