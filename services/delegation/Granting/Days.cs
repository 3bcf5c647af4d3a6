using System.Diagnostics.CodeAnalysis;

namespace Tarasol.Delegations.Granting;

/// <summary>Days of a time zone as moments.</summary>
public static class Days
{
    /// <summary>Used where no zone is named.</summary>
    public const string Utc = "UTC";

    /// <summary>Knows IANA names only, on every system.</summary>
    public static bool TryFindZone(string name, [NotNullWhen(true)] out TimeZoneInfo? zone) => TimeZoneInfo.TryFindSystemTimeZoneById(name, out zone) && (zone.HasIanaId || name == Utc);

    /// <summary>The moment at which the day begins: after midnight where the clock is put forward just then.</summary>
    public static DateTimeOffset StartOf(DateOnly day, TimeZoneInfo zone)
    {
        var local = day.ToDateTime(TimeOnly.MinValue);
        while (zone.IsInvalidTime(local))
            local = local.AddMinutes(15);
        // Where the clock is put back at midnight, it is midnight twice: the first one.
        var offset = zone.IsAmbiguousTime(local) ? zone.GetAmbiguousTimeOffsets(local).Max() : zone.GetUtcOffset(local);
        return new DateTimeOffset(local, offset).ToUniversalTime();
    }
}
