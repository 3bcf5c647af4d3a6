using System.Globalization;
using Tarasol.Sidecar.Scheduling;

namespace Tarasol.Sidecar.Components;

/// <summary>Durations as Dapr's component metadata writes them: Go's 1h2m3s4ms, or a bare number of seconds.</summary>
internal static class ComponentDuration
{
    /// <summary>Null or empty gives <paramref name="otherwise"/>. Throws <see cref="FormatException"/>.</summary>
    public static TimeSpan Parse(string? text, TimeSpan otherwise) =>
        string.IsNullOrWhiteSpace(text) ? otherwise : TryParse(text, out var value) ? value : throw new FormatException($"{text} is no duration; write for example 5s, 1h30m or 250ms");

    public static bool TryParse(string text, out TimeSpan value)
    {
        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds))
            return GoDuration.TryParse(text.Trim(), out value);
        var fits = double.IsFinite(seconds) && Math.Abs(seconds) <= TimeSpan.MaxValue.TotalSeconds;
        value = fits ? TimeSpan.FromSeconds(seconds) : default;
        return fits;
    }
}
