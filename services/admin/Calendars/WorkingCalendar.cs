using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Tarasol.Administration.Settings;
using Tarasol.Contracts.Admin;
using Tarasol.Messaging;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.ServiceDefaults.Requests;

namespace Tarasol.Administration.Calendars;

/// <summary>On which days nobody works.</summary>
/// <param name="Weekend">Days of each week.</param>
public sealed record WorkingCalendar([MaxLength(6)] IReadOnlyList<Weekday> Weekend, [MaxLength(500)] IReadOnlyList<WorkingCalendar.Holiday> Holidays) : ISettingContent<WorkingCalendar>
{
    private const int FirstHijriYear = 1318;
    private const int LastHijriYear = 1500;
    private static readonly Text Twice = new("is given twice", "ورد مرتين");
    private static readonly Text NoSuchDay = new("is not a day of that month", "ليس يوما في ذلك الشهر");
    private static readonly Text BadYear = new("must be from {0} to {1}", "يجب أن يكون من {0} إلى {1}");
    private static readonly UmAlQuraCalendar Hijri = new();

    public static SettingKind Kind => SettingKind.Calendar;

    /// <param name="Calendar">What year, month and day are counted in.</param>
    /// <param name="Year">Null: every year. A day that a year does not have is none in it.</param>
    /// <param name="Days">How many, from that day on.</param>
    public sealed record Holiday(
        CalendarSystem Calendar,
        [Range(1, 12)] int Month,
        [Range(1, 31)] int Day,
        [Range(1, 60)] int Days,
        [Required, MaxLength(200)] string NameAr,
        [Required, MaxLength(200)] string NameEn,
        [Range(1318, 2200)] int? Year = null);

    public void Check(Errors errors, string prefix)
    {
        var days = new HashSet<Weekday>();
        foreach (var (index, day) in Weekend.Index())
        {
            if (!days.Add(day))
                errors.Add($"{prefix}weekend[{index}]", Twice);
        }
        foreach (var (index, holiday) in Holidays.Index())
        {
            if (holiday is { Calendar: CalendarSystem.Hijri, Year: { } year } && year is < FirstHijriYear or > LastHijriYear)
                errors.Add($"{prefix}holidays[{index}].year", BadYear.With(FirstHijriYear, LastHijriYear));
            else if (holiday.Day > LongestMonth(holiday))
                errors.Add($"{prefix}holidays[{index}].day", NoSuchDay);
        }
    }

    public void Announce(IOutbox outbox, Setting setting, DateTimeOffset at) => outbox.Add(new CalendarPublished(
        setting.Id, setting.Key.Length == 0 ? null : setting.Key, setting.Published, [.. Weekend.Select(WireEnum.Name)],
        [.. Holidays.Select(holiday => new CalendarHoliday(WireEnum.Name(holiday.Calendar), holiday.Year, holiday.Month, holiday.Day, holiday.Days, holiday.NameAr, holiday.NameEn))], at));

    private static int LongestMonth(Holiday holiday) => (holiday.Calendar, holiday.Year) switch
    {
        (CalendarSystem.Hijri, { } year) => Hijri.GetDaysInMonth(year, holiday.Month),
        (CalendarSystem.Hijri, null) => 30,
        (_, { } year) => DateTime.DaysInMonth(year, holiday.Month),
        // Every year: the 29th of February is a day of some.
        _ => DateTime.DaysInMonth(2024, holiday.Month),
    };
}

public enum CalendarSystem
{
    Gregorian,

    /// <summary>Umm al-Qura.</summary>
    Hijri,
}

public enum Weekday
{
    Sunday,
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
}
