using System.Globalization;
using Tarasol.Sidecar.Scheduling;

namespace Tarasol.Sidecar.Components;

/// <summary>Metadata ttl or ttlInSeconds of a message or of a component: a Go duration or a whole number of seconds above zero.</summary>
internal static class MessageTtl
{
    /// <summary>Null when there is none, or when it makes no sense: then there is a problem too.</summary>
    public static TimeSpan? Read(IReadOnlyDictionary<string, string> metadata, out string? problem)
    {
        problem = null;
        var text = Value(metadata, "ttl") ?? Value(metadata, "ttlInSeconds");
        if (string.IsNullOrEmpty(text))
            return null;
        if (GoDuration.TryParse(text, out var duration))
            return duration < TimeSpan.Zero ? TimeSpan.Zero : duration;
        if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seconds))
            problem = $"ttl value must be a valid integer: actual is '{text}'";
        else if (seconds <= 0)
            problem = $"ttl value must be higher than zero: actual is '{seconds}'";
        return problem is null ? TimeSpan.FromSeconds(Math.Min(seconds, 9_000_000_000)) : null;
    }

    private static string? Value(IReadOnlyDictionary<string, string> metadata, string key)
    {
        foreach (var (name, value) in metadata)
        {
            if (name.Equals(key, StringComparison.OrdinalIgnoreCase))
                return value;
        }
        return null;
    }
}
