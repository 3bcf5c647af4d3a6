using Tarasol.Sidecar.Hosting;

namespace Tarasol.Sidecar.Actors;

/// <summary>Actor types, ids, methods and the names of timers and reminders, in Dapr's URLs and in the app's.</summary>
internal static class ActorNames
{
    private const string InternalTypes = "dapr.internal.";

    /// <summary>Types of the workflow engine, which only the engine itself may touch.</summary>
    public static void RefuseInternal(string type)
    {
        if (type.StartsWith(InternalTypes, StringComparison.Ordinal))
            throw ActorErrors.Reserved(type);
    }

    /// <summary>Refuses what could leave its place in a URL.</summary>
    /// <param name="what">Named in the message; null: the message speaks of a name.</param>
    public static void Check(string name, string? what = null)
    {
        if (Problem(name) is { } problem)
            throw ActorErrors.BadRequest(what is null ? problem : $"invalid {what}: {problem}");
    }

    private static string? Problem(string name)
    {
        if (name.AsSpan().ContainsAny("#?\0/\\"))
            return $"name contains forbidden character: \"{name}\"";
        var control = name.AsSpan().IndexOfAnyInRange('\u0001', '\u001f');
        if (control < 0)
            control = name.IndexOf('\u007f', StringComparison.Ordinal);
        if (control >= 0)
            return $"name contains control character at position {control}";
        return name is "." or ".." ? $"name is a path traversal sequence: \"{name}\"" : null;
    }

    /// <summary>A method name with its path cleaned: it cannot climb out of the actor.</summary>
    public static string NormalizeMethod(string method)
    {
        if (method.AsSpan().ContainsAny("#?\0"))
            throw ActorErrors.BadRequest($"method contains forbidden character: \"{method}\"");
        if (method.AsSpan().IndexOfAnyInRange('\u0001', '\u001f') >= 0 || method.Contains('\u007f', StringComparison.Ordinal))
            throw ActorErrors.BadRequest("method contains a control character");
        var clean = new List<string>();
        foreach (var segment in method.Split('/'))
        {
            if (segment == ".." && clean.Count > 0)
                clean.RemoveAt(clean.Count - 1);
            else if (segment is not ("" or "." or ".."))
                clean.Add(segment);
        }
        return string.Join('/', clean);
    }

    /// <summary>A path on the app, escaped as Go's URLs are.</summary>
    public static Uri AppPath(params IEnumerable<string> segments) => new(ApiPath.Escape($"/{string.Join('/', segments)}"), UriKind.Relative);
}
