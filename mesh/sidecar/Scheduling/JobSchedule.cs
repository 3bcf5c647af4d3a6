using Cronos;

namespace Tarasol.Sidecar.Scheduling;

/// <summary>When a recurring job fires: <c>@every 5s</c>, <c>@hourly</c> and its like, or cron with seconds first.</summary>
internal abstract record JobSchedule
{
    /// <summary>The first time after <paramref name="last"/>; null: never again.</summary>
    public abstract DateTimeOffset? Next(DateTimeOffset last);

    /// <summary>In UTC, unless the text names another time zone.</summary>
    /// <exception cref="JobFormatException">The text is no schedule.</exception>
    public static JobSchedule Parse(string text)
    {
        var (zone, schedule) = ReadZone(text);
        return zone is null || !schedule.StartsWith("@every ", StringComparison.Ordinal)
            ? Parse(schedule, secondsOptional: false, zone ?? TimeZoneInfo.Utc)
            : throw new JobFormatException($"failed to parse schedule {text}: @every knows no time zone");
    }

    /// <summary>The zone before a schedule, TZ=Name or CRON_TZ=Name; null when there is none.</summary>
    /// <exception cref="JobFormatException">There is no such zone, or nothing after it.</exception>
    public static (TimeZoneInfo? Zone, string Schedule) ReadZone(string text)
    {
        if (!text.StartsWith("TZ=", StringComparison.Ordinal) && !text.StartsWith("CRON_TZ=", StringComparison.Ordinal))
            return (null, text);
        var parts = text[(text.IndexOf('=', StringComparison.Ordinal) + 1)..].Split(' ', 2);
        if (parts.Length < 2)
            throw new JobFormatException("there is nothing after its time zone");
        return TimeZoneInfo.TryFindSystemTimeZoneById(parts[0], out var zone) ? (zone, parts[1].Trim()) : throw new JobFormatException($"provided bad location {parts[0]}: unknown time zone {parts[0]}");
    }

    /// <exception cref="JobFormatException">The text is no schedule.</exception>
    public static JobSchedule Parse(string text, bool secondsOptional, TimeZoneInfo zone)
    {
        if (text.StartsWith("@every ", StringComparison.Ordinal))
        {
            return GoDuration.TryParse(text["@every ".Length..], out var interval) && interval >= TimeSpan.Zero
                ? new Every(interval)
                : throw new JobFormatException($"failed to parse duration {text}");
        }
        var fields = text switch
        {
            "@yearly" or "@annually" => "0 0 0 1 1 *",
            "@monthly" => "0 0 0 1 * *",
            "@weekly" => "0 0 0 * * 0",
            "@daily" or "@midnight" => "0 0 0 * * *",
            "@hourly" => "0 0 * * * *",
            _ when text.StartsWith('@') => throw new JobFormatException($"unrecognized descriptor: {text}"),
            _ => text,
        };
        var parts = fields.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length == 5 && secondsOptional)
            parts = ["0", .. parts];
        else if (parts.Length != 6 && secondsOptional)
            throw new JobFormatException($"expected 5 to 6 fields, found {parts.Length}: [{text}]");
        else if (parts.Length != 6)
            throw new JobFormatException($"expected exactly 6 fields, found {parts.Length}: [{text}]");
        try
        {
            // With both a day of the month and a day of the week, Dapr's cron fires on either, Cronos on days that are both.
            return parts[3][0] is '*' or '?' || parts[5][0] is '*' or '?'
                ? new Cron([Expression(parts)], zone)
                : new Cron([Expression([.. parts[..5], "*"]), Expression([.. parts[..3], "*", .. parts[4..]])], zone);
        }
        catch (CronFormatException e)
        {
            throw new JobFormatException($"failed to parse schedule {text}: {e.Message}");
        }

        static CronExpression Expression(string[] parts) => CronExpression.Parse(string.Join(' ', parts), CronFormat.IncludeSeconds);
    }

    private sealed record Every(TimeSpan Interval) : JobSchedule
    {
        public override DateTimeOffset? Next(DateTimeOffset last) => DateTimeOffset.MaxValue - last > Interval ? last + Interval : null;
    }

    private sealed record Cron(IReadOnlyList<CronExpression> Expressions, TimeZoneInfo Zone) : JobSchedule
    {
        public override DateTimeOffset? Next(DateTimeOffset last) => Expressions.Min(expression => expression.GetNextOccurrence(last, Zone));
    }
}
