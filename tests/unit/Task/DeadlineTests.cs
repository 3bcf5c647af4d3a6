using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Tarasol.Contracts.Admin;
using Tarasol.Tasks.Deadlines;

namespace Tarasol.Tests.Unit.Tasks;

public sealed class DeadlineTests
{
    private static readonly DateOnly First = new(2001, 1, 1);
    private static readonly UmAlQuraCalendar UmAlQura = new();

    private static readonly WorkingCalendar Saudi = WorkingCalendar.Default with
    {
        Holidays =
        [
            new(HolidayCalendar.UmAlQura, 10, 1, 4, "عيد الفطر", "Eid al-Fitr"),
            new(HolidayCalendar.UmAlQura, 12, 9, 5, "عيد الأضحى", "Eid al-Adha"),
            new(HolidayCalendar.Gregorian, 9, 23, 1, "اليوم الوطني", "National Day"),
        ],
    };

    [Fact]
    public void Each_day_that_does_not_count_is_told()
    {
        // Tuesday 17 March 2026, 10:00 in Riyadh; Eid al-Fitr begins on Friday the 20th.
        var deadline = DeadlineCalculator.Of(new(2026, 3, 17, 7, 0, 0, TimeSpan.Zero), Allowance.Days(3), Saudi, []);
        Assert.Equal(new DateTimeOffset(2026, 3, 24, 13, 0, 0, TimeSpan.Zero), deadline.DueAt);
        Assert.Equal(
            ["start 2026-03-17..2026-03-17", "holiday 2026-03-20..2026-03-23 Eid al-Fitr", "due 2026-03-24..2026-03-24"],
            deadline.Why.Select(why => $"{why.What} {why.From:yyyy-MM-dd}..{why.To:yyyy-MM-dd} {why.En}".TrimEnd()));
    }

    [Fact]
    public void While_the_clock_stands_still_nothing_is_due_and_afterwards_the_days_are_added()
    {
        var start = new DateTimeOffset(2026, 1, 4, 7, 0, 0, TimeSpan.Zero);
        Assert.Null(DeadlineCalculator.Of(start, Allowance.Days(2), Saudi, [new(start.AddHours(1), null, "waits for the ministry")]).DueAt);
        Assert.Equal(new DateTimeOffset(2026, 1, 6, 13, 0, 0, TimeSpan.Zero), DeadlineCalculator.Of(start, Allowance.Days(2), Saudi, []).DueAt);
        Assert.Equal(
            new DateTimeOffset(2026, 1, 8, 13, 0, 0, TimeSpan.Zero), DeadlineCalculator.Of(start, Allowance.Days(2), Saudi, [new(start.AddDays(1), start.AddDays(3), "waits")]).DueAt);
        Assert.Equal(start.AddHours(34), DeadlineCalculator.Of(start, Allowance.Hours(10), Saudi, [new(start.AddHours(5), start.AddHours(29), "waits")]).DueAt);
    }

    [Fact]
    public void A_unit_works_by_the_nearest_calendar_up_the_tree()
    {
        Assert.Equal("PAY", Calendars.Nearest(["", "FIN", "PAY"], ["PAY", "FIN", "ROOT"]));
        Assert.Equal("FIN", Calendars.Nearest(["", "FIN", "ROOT"], ["PAY", "FIN", "ROOT"]));
        Assert.Equal("", Calendars.Nearest(["", "OTHER"], ["PAY", "FIN", "ROOT"]));
        Assert.Equal("", Calendars.Nearest(["", "FIN"], []));
    }

    [Fact]
    public void A_published_policy_says_when_who_is_told()
    {
        var opened = new DateTimeOffset(2026, 1, 4, 7, 0, 0, TimeSpan.Zero);
        var due = opened.AddDays(10);
        var policy = DeadlinePolicy.Of(new(Guid.CreateVersion7(), 2, "سياسة", "Policy", "Europe/Berlin", "14:30", 48, "assignee-and-head", [new(6, 1), new(30, 3)], opened));
        Assert.Equal((2, 3, true, new TimeOnly(14, 30)), (policy.Version, policy.Stages, policy.WarnHead, policy.ClosesAt));
        Assert.Equal([due.AddHours(-48), due.AddHours(6), due.AddHours(30)], Enumerable.Range(0, 3).Select(stage => policy.At(stage, opened, due)));
        // Of a short time the last quarter.
        Assert.Equal(opened.AddHours(3), policy.At(0, opened, opened.AddHours(4)));
        Assert.Equal([due.AddHours(-24), due, due.AddHours(48), due.AddHours(96)], Enumerable.Range(0, DeadlinePolicy.Usual.Stages).Select(stage => DeadlinePolicy.Usual.At(stage, opened, due)));
    }

    [Fact]
    public void The_calendar_and_the_policy_are_told_in_both_languages()
    {
        var day = new DateOnly(2026, 1, 4);
        var counting = new Counting(Saudi, "FIN", 3, DeadlinePolicy.Usual);
        Assert.Equal(("Working calendar of the unit FIN, version 3", "تقويم عمل الوحدة FIN، الإصدار 3"), Said(counting.WhyCalendar(day, day)));
        Assert.Equal(("Working calendar of the organisation, version 3", "تقويم عمل الجهة، الإصدار 3"), Said((counting with { UnitCode = "" }).WhyCalendar(day, day)));
        Assert.Equal(("The usual policy, version 0: Asia/Riyadh, closing at 16:00", "السياسة المعتادة، الإصدار 0: Asia/Riyadh، نهاية الدوام 16:00"), Said(counting.WhyPolicy(day, day)));

        static (string? En, string? Ar) Said(Why why) => (why.En, why.Ar);
    }

    [Fact]
    public void A_published_calendar_is_the_one_that_is_counted_with()
    {
        var published = new CalendarPublished(
            Guid.CreateVersion7(), null, 1, ["saturday", "sunday"], [new("hijri", null, 10, 1, 3, "عيد الفطر", "Eid al-Fitr"), new("gregorian", 2026, 9, 23, 1, "اليوم الوطني", "National day")],
            DateTimeOffset.UnixEpoch);
        var calendar = KeepCalendar.Of(published);
        Assert.Equal([DayOfWeek.Saturday, DayOfWeek.Sunday], calendar.WeekendDays);
        Assert.Equal(
            ["2026-03-20", "2026-03-21", "2026-03-22", "2026-09-23", "2027-03-09", "2027-03-10", "2027-03-11"],
            calendar.HolidaysIn(new(2026, 3, 1), new(2027, 12, 31)).Keys.Select(date => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)));
    }

    // 2001 to 2050. The seed is in the message of a failure.
    [Property(MaxTest = 400)]
    public Property Due_dates_are_those_of_a_walk_from_day_to_day() => Prop.ForAll(Cases().ToArbitrary(), one =>
    {
        var (calendar, start, days, stops) = one;
        var due = DeadlineCalculator.Of(start, Allowance.Days(days), calendar, stops);
        var expected = Walk(calendar, start, days, stops);
        return (due.DueAt == calendar.ClosingOf(expected)).Label($"{due.DueAt:O} is not the closing of {expected:O} after {days} days from {start:O}");
    });

    [Property(MaxTest = 200)]
    public Property More_time_is_never_due_earlier_and_a_stop_never_makes_it_earlier() => Prop.ForAll(Cases().ToArbitrary(), one =>
    {
        var (calendar, start, days, stops) = one;
        var due = DeadlineCalculator.Of(start, Allowance.Days(days), calendar, stops).DueAt;
        return DeadlineCalculator.Of(start, Allowance.Days(days + 1), calendar, stops).DueAt > due && DeadlineCalculator.Of(start, Allowance.Days(days), calendar, []).DueAt <= due;
    });

    [Property(MaxTest = 100)]
    public Property The_days_that_are_told_are_all_those_that_do_not_count() => Prop.ForAll(Cases().ToArbitrary(), one =>
    {
        var (calendar, start, days, _) = one;
        var deadline = DeadlineCalculator.Of(start, Allowance.Days(days), calendar, []);
        var (first, last) = (calendar.DateOf(start), deadline.Why[^1].To);
        var told = deadline.Why.Where(why => why.What is "weekend" or "holiday").Sum(why => why.To.DayNumber - why.From.DayNumber + 1);
        return last.DayNumber - first.DayNumber - told == days;
    });

    // The oracle: it looks at every single day and asks both calendars what day that is.
    private static DateOnly Walk(WorkingCalendar calendar, DateTimeOffset start, int days, IReadOnlyList<Stop> stops)
    {
        var date = calendar.DateOf(start);
        while (days > 0)
        {
            date = date.AddDays(1);
            var closing = calendar.ClosingOf(date);
            if (!calendar.WeekendDays.Contains(date.DayOfWeek) && !calendar.Holidays.Any(holiday => IsOn(holiday, date)) && !stops.Any(stop => stop.From <= closing && closing < stop.To))
                days--;
        }
        return date;
    }

    private static bool IsOn(Holiday holiday, DateOnly date)
    {
        for (var day = 0; day < holiday.Days; day++)
        {
            var begin = date.AddDays(-day).ToDateTime(TimeOnly.MinValue);
            Calendar calendar = holiday.Calendar == HolidayCalendar.UmAlQura ? UmAlQura : new GregorianCalendar();
            if (calendar.GetMonth(begin) == holiday.Month && calendar.GetDayOfMonth(begin) == holiday.Day && (holiday.Year is null || holiday.Year == calendar.GetYear(begin)))
                return true;
        }
        return false;
    }

    private static Gen<(WorkingCalendar Calendar, DateTimeOffset Start, int Days, IReadOnlyList<Stop> Stops)> Cases() =>
        from weekend in Gen.SubListOf(Enum.GetValues<DayOfWeek>()).Where(days => days.Count < 5)
        from kinds in Gen.Choose(0, 7)
        from holidays in Gen.ListOf(Holidays(), kinds)
        from zone in Gen.Elements("Asia/Riyadh", "Africa/Cairo", "Europe/Berlin", "UTC")
        from day in Gen.Choose(0, 365 * 49)
        from minute in Gen.Choose(0, (24 * 60) - 1)
        from days in Gen.Frequency((3, Gen.Choose(1, 15)), (1, Gen.Choose(1, 400)))
        from times in Gen.Choose(0, 3)
        from stops in Gen.ListOf(from after in Gen.Choose(0, 40 * 24) from hours in Gen.Choose(1, 20 * 24) select (after, hours), times)
        let start = new DateTimeOffset(First.AddDays(day).ToDateTime(TimeOnly.MinValue), TimeSpan.Zero).AddMinutes(minute)
        select (
            new WorkingCalendar([.. weekend], [.. holidays], zone, new(16, 0)), start, days,
            (IReadOnlyList<Stop>)[.. stops.Select(stop => new Stop(start.AddHours(stop.after), start.AddHours(stop.after + stop.hours), "waits"))]);

    private static Gen<Holiday> Holidays() =>
        from calendar in Gen.Elements(HolidayCalendar.Gregorian, HolidayCalendar.UmAlQura)
        from month in Gen.Choose(1, 12)
        from day in Gen.Choose(1, calendar == HolidayCalendar.UmAlQura ? 30 : month == 2 ? 29 : 28)
        from days in Gen.Choose(1, 12)
        select new Holiday(calendar, month, day, days, "عطلة", "Holiday");
}
