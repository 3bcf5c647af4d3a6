using System.Buffers;
using System.Globalization;
using System.Text;

namespace Tarasol.Sidecar.Scheduling;

/// <summary>Go's duration text (<c>1h2m3.5s</c>, <c>300ms</c>, <c>-1s</c>), which is also what the .NET SDK writes (<c>1h0m0s0ms</c>).</summary>
internal static class GoDuration
{
    private static readonly (string Unit, double Ticks)[] Units =
    [
        ("ns", 0.01), ("us", 10), ("µs", 10), ("μs", 10), ("ms", TimeSpan.TicksPerMillisecond),
        ("s", TimeSpan.TicksPerSecond), ("m", TimeSpan.TicksPerMinute), ("h", TimeSpan.TicksPerHour),
    ];

    private static readonly SearchValues<char> NumberCharacters = SearchValues.Create("0123456789.");

    /// <summary>Go's own range: a signed 64-bit count of nanoseconds, about 292 years.</summary>
    private const long MaxTicks = long.MaxValue / 100;

    /// <summary>False for anything that Go's time.ParseDuration refuses. Fractions of 100 ns are cut off.</summary>
    public static bool TryParse(string? text, out TimeSpan duration)
    {
        duration = default;
        if (string.IsNullOrEmpty(text))
            return false;
        var rest = text.AsSpan();
        var negative = rest[0] == '-';
        if (rest[0] is '-' or '+')
            rest = rest[1..];
        if (rest is "0")
            return true;
        if (rest.IsEmpty)
            return false;
        decimal ticks = 0;
        while (!rest.IsEmpty)
        {
            var digits = rest.IndexOfAnyExcept(NumberCharacters);
            if (digits <= 0 || !TryNumber(rest[..digits], out var number))
                return false;
            rest = rest[digits..];
            var end = rest.IndexOfAny(NumberCharacters);
            var unit = end < 0 ? rest : rest[..end];
            if (!TryUnit(unit, out var scale) || number > MaxTicks / scale)
                return false;
            ticks += number * scale;
            if (ticks > MaxTicks)
                return false;
            rest = rest[unit.Length..];
        }
        duration = new TimeSpan((long)(negative ? -ticks : ticks));
        return true;
    }

    /// <summary>As Go's Duration.String writes it: <c>1h0m0s</c>, <c>1.5s</c>, <c>300ms</c>, <c>0s</c>.</summary>
    public static string Format(TimeSpan duration)
    {
        if (duration == TimeSpan.Zero)
            return "0s";
        var sign = duration < TimeSpan.Zero ? "-" : "";
        var ticks = (decimal)duration.Ticks;
        ticks = Math.Abs(ticks);
        if (ticks < TimeSpan.TicksPerSecond)
            return sign + (ticks < 10 ? Number(ticks * 100) + "ns" : ticks < TimeSpan.TicksPerMillisecond ? Number(ticks / 10) + "µs" : Number(ticks / TimeSpan.TicksPerMillisecond) + "ms");
        var text = new StringBuilder(sign);
        var hours = (long)(ticks / TimeSpan.TicksPerHour);
        var minutes = (long)(ticks / TimeSpan.TicksPerMinute) % 60;
        if (hours > 0)
            text.Append(CultureInfo.InvariantCulture, $"{hours}h");
        if (hours > 0 || minutes > 0)
            text.Append(CultureInfo.InvariantCulture, $"{minutes}m");
        return text.Append(Number(ticks % TimeSpan.TicksPerMinute / TimeSpan.TicksPerSecond)).Append('s').ToString();
    }

    private static string Number(decimal value) => value.ToString("0.#########", CultureInfo.InvariantCulture);

    private static bool TryNumber(ReadOnlySpan<char> text, out decimal number)
    {
        number = 0;
        var significant = text.TrimStart('0');
        return text.Length > 0 && text is not "." && text.Count('.') <= 1 && significant.Length <= 28
            && decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out number);
    }

    private static bool TryUnit(ReadOnlySpan<char> text, out decimal ticks)
    {
        foreach (var (unit, value) in Units)
        {
            if (text.SequenceEqual(unit))
            {
                ticks = (decimal)value;
                return true;
            }
        }
        ticks = 0;
        return false;
    }
}
