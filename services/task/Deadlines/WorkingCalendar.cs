using System.Globalization;

namespace Tarasol.Tasks.Deadlines;

/// <summary>Which days work is done on, and until when.</summary>
/// <param name="WeekendDays">At most six.</param>
/// <param name="Holidays">In either calendar.</param>
/// <param name="TimeZone">IANA name of where the office is.</param>
/// <param name="ClosesAt">The end of a working day there.</param>
public sealed record WorkingCalendar(IReadOnlyList<DayOfWeek> WeekendDays, IReadOnlyList<Holiday> Holidays, string TimeZone, TimeOnly ClosesAt)
{
    /// <summary>Of a tenant that has published none.</summary>
    public static WorkingCalendar Default { get; } = new([DayOfWeek.Friday, DayOfWeek.Saturday], [], "Asia/Riyadh", new(16, 0));

    public bool IsWeekend(DateOnly date) => WeekendDays.Contains(date.DayOfWeek);

    /// <summary>The holidays that lie in a stretch of days, weekends included, each day once.</summary>
    public SortedDictionary<DateOnly, Holiday> HolidaysIn(DateOnly first, DateOnly last)
    {
        var days = new SortedDictionary<DateOnly, Holiday>();
        foreach (var holiday in Holidays)
        {
            foreach (var begin in holiday.Begins(first.AddDays(-holiday.Days), last))
            {
                for (var day = 0; day < holiday.Days; day++)
                {
                    var date = begin.AddDays(day);
                    if (date >= first && date <= last)
                        days.TryAdd(date, holiday);
                }
            }
        }
        return days;
    }

    /// <summary>The end of a working day.</summary>
    public DateTimeOffset ClosingOf(DateOnly date)
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById(TimeZone);
        var local = date.ToDateTime(ClosesAt);
        // An hour that a change of the clocks leaves out is the one after it.
        return new DateTimeOffset(zone.IsInvalidTime(local) ? local.AddHours(1) : local, zone.GetUtcOffset(local)).ToUniversalTime();
    }

    /// <summary>The day that it is there.</summary>
    public DateOnly DateOf(DateTimeOffset at) => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(at, TimeZoneInfo.FindSystemTimeZoneById(TimeZone)).DateTime);
}

/// <summary>A holiday that comes every year of its calendar, or once.</summary>
/// <param name="Calendar">Which calendar month and day belong to.</param>
/// <param name="Month">From 1.</param>
/// <param name="Day">From 1; a year whose month is too short leaves it out.</param>
/// <param name="Days">How many days it lasts.</param>
/// <param name="NameAr">Its name.</param>
/// <param name="NameEn">Its name.</param>
/// <param name="Year">Of that calendar: only then.</param>
public sealed record Holiday(HolidayCalendar Calendar, int Month, int Day, int Days, string NameAr, string NameEn, int? Year = null)
{
    private static readonly UmAlQuraCalendar UmAlQura = new();
    private static readonly GregorianCalendar Gregorian = new();

    /// <summary>Its first days from one day to another.</summary>
    public IEnumerable<DateOnly> Begins(DateOnly from, DateOnly to)
    {
        Calendar calendar = Calendar == HolidayCalendar.UmAlQura ? UmAlQura : Gregorian;
        var lowest = DateOnly.FromDateTime(calendar.MinSupportedDateTime);
        var highest = DateOnly.FromDateTime(calendar.MaxSupportedDateTime);
        (from, to) = (from < lowest ? lowest : from, to > highest ? highest : to);
        if (from > to)
            yield break;
        var (first, last) = (calendar.GetYear(from.ToDateTime(TimeOnly.MinValue)), calendar.GetYear(to.ToDateTime(TimeOnly.MinValue)));
        for (var year = Math.Max(first, Year ?? first); year <= Math.Min(last, Year ?? last); year++)
        {
            if (Day > calendar.GetDaysInMonth(year, Month))
                continue;
            var date = DateOnly.FromDateTime(calendar.ToDateTime(year, Month, Day, 0, 0, 0, 0));
            if (date >= from && date <= to)
                yield return date;
        }
    }
}

public enum HolidayCalendar
{
    Gregorian,
    UmAlQura,
}
