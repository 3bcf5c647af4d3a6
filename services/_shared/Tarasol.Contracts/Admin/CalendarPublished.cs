namespace Tarasol.Contracts.Admin;

/// <summary>
/// A version of a working calendar holds from now on.
/// UnitCode: The unit that works by it; null: everybody without one of their own.
/// Version: From 1; whoever keeps the newest one ignores an older one that comes late.
/// Weekend: Days of the week in English, lower case.
/// </summary>
public sealed record CalendarPublished(Guid CalendarId, string? UnitCode, int Version, IReadOnlyList<string> Weekend, IReadOnlyList<CalendarHoliday> Holidays, DateTimeOffset PublishedAt) : IEvent
{
    /// <inheritdoc/>
    public static string Type => "admin.calendar-published.v1";

    string IEvent.Subject => CalendarId.ToString();
}

/// <summary>
/// Days on which nobody works.
/// Calendar: gregorian or hijri (Umm al-Qura): what year, month and day are counted in.
/// Year: Null: every year.
/// Days: How many, from that day on.
/// </summary>
public sealed record CalendarHoliday(string Calendar, int? Year, int Month, int Day, int Days, string NameAr, string NameEn);
