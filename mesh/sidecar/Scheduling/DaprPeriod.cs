using System.Globalization;
using System.Text.RegularExpressions;

namespace Tarasol.Sidecar.Scheduling;

/// <summary>A repeating interval as reminders and timers write it: a Go duration, ISO 8601 with or without repetitions (<c>R3/PT1S</c>), or <c>@every 5s</c>.</summary>
/// <param name="Repeats">How often it fires in all; null: without end.</param>
internal sealed partial record DaprPeriod(int Years, int Months, int Days, TimeSpan Time, int? Repeats)
{
    /// <summary>It fires again after the first time.</summary>
    public bool Recurs => Years != 0 || Months != 0 || Days != 0 || Time > TimeSpan.Zero;

    public bool HasCalendarParts => Years != 0 || Months != 0 || Days != 0;

    /// <summary>One interval later; the end of time where the calendar ends.</summary>
    public DateTimeOffset After(DateTimeOffset from)
    {
        try
        {
            return from.AddYears(Years).AddMonths(Months).AddDays(Days).Add(Time);
        }
        catch (ArgumentOutOfRangeException)
        {
            return DateTimeOffset.MaxValue;
        }
    }

    public static bool TryParse(string text, out DaprPeriod period)
    {
        if (TryParseIso(text, out period))
            return true;
        var go = text.StartsWith("@every ", StringComparison.Ordinal) ? text["@every ".Length..] : text;
        if (!GoDuration.TryParse(go, out var time))
            return false;
        period = new DaprPeriod(0, 0, 0, time, null);
        return true;
    }

    /// <summary>A due time or end: RFC 3339, or a duration counted from <paramref name="from"/>.</summary>
    public static bool TryParseTime(string text, DateTimeOffset from, out DateTimeOffset time)
    {
        time = default;
        if (TryParseRfc3339(text, out time))
            return true;
        if (text.StartsWith("@every ", StringComparison.Ordinal) || !TryParse(text, out var period) || period.Repeats is not null)
            return false;
        time = period.After(from);
        return true;
    }

    public static bool TryParseRfc3339(string text, out DateTimeOffset time)
    {
        time = default;
        var match = Rfc3339().Match(text);
        if (!match.Success)
            return false;
        var fraction = match.Groups["f"].Value;
        var shortened = fraction.Length > 7 ? text.Replace(fraction, fraction[..7], StringComparison.Ordinal) : text;
        return DateTimeOffset.TryParse(shortened, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time);
    }

    private static bool TryParseIso(string text, out DaprPeriod period)
    {
        period = new DaprPeriod(0, 0, 0, TimeSpan.Zero, null);
        var match = Iso8601().Match(text);
        if (!match.Success)
            return false;
        try
        {
            int? repeats = match.Groups["r"].Success ? int.Parse(match.Groups["r"].Value, CultureInfo.InvariantCulture) : null;
            if (!match.Groups["p"].Success)
            {
                period = new DaprPeriod(0, 0, 0, TimeSpan.Zero, repeats);
                return repeats is not null;
            }
            var time = new TimeSpan(checked(Part(match, "h") * TimeSpan.TicksPerHour + Part(match, "m") * TimeSpan.TicksPerMinute + Part(match, "s") * TimeSpan.TicksPerSecond));
            period = new DaprPeriod((int)Part(match, "Y"), (int)Part(match, "M"), checked((int)(Part(match, "W") * 7 + Part(match, "D"))), time, repeats);
            return true;
        }
        catch (OverflowException)
        {
            return false;
        }

        static long Part(Match match, string name) =>
            match.Groups[name].Success ? int.Parse(match.Groups[name].Value, CultureInfo.InvariantCulture) : 0;
    }

    [GeneratedRegex(@"^(R(?<r>\d+)(/|\z))?(?<p>P(?=.)((?<Y>\d+)Y)?((?<M>\d+)M)?((?<W>\d+)W)?((?<D>\d+)D)?(T((?<h>\d+)H)?((?<m>\d+)M)?((?<s>\d+)S)?)?)?\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Iso8601();

    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.(?<f>\d+))?(Z|[+-]\d\d:\d\d)\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Rfc3339();
}
