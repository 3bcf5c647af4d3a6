namespace Tarasol.Tasks.Deadlines;

/// <summary>How much time there is: working days, which end when the office closes, or hours by the clock.</summary>
public sealed record Allowance(int? WorkingDays, TimeSpan? Time)
{
    public static Allowance Days(int days) => new(days, null);

    public static Allowance Hours(double hours) => new(null, TimeSpan.FromHours(hours));
}

/// <summary>The clock stood still, from one time to another.</summary>
/// <param name="From">Included.</param>
/// <param name="To">Not included; null: it still does.</param>
/// <param name="Reason">In the words of who stopped it.</param>
public sealed record Stop(DateTimeOffset From, DateTimeOffset? To, string Reason);

/// <summary>Something that the due time follows from.</summary>
/// <param name="What">start, weekend, holiday, stopped, extended or due; then calendar and policy, by which all of it was counted.</param>
/// <param name="From">First day.</param>
/// <param name="To">Last day.</param>
/// <param name="Ar">For people: a holiday's name, the reason of a stop or an extension, which calendar, which policy.</param>
/// <param name="En">The same.</param>
public sealed record Why(string What, DateOnly From, DateOnly To, string? Ar = null, string? En = null);

/// <summary>When something is due, and why.</summary>
/// <param name="DueAt">Null while the clock stands still.</param>
/// <param name="Why">In the order of days.</param>
public sealed record Deadline(DateTimeOffset? DueAt, IReadOnlyList<Why> Why);

/// <summary>
/// Due times by a working calendar. The day of the start does not count; then every day that is no weekend, no holiday, and at whose closing the clock did not stand still counts one.
/// Whole weeks are counted at once, so that a far date costs what a near one does.
/// </summary>
public static class DeadlineCalculator
{
    private const int Furthest = 40;

    public static Deadline Of(DateTimeOffset start, Allowance allowance, WorkingCalendar calendar, IReadOnlyList<Stop> stops)
    {
        if (stops.FirstOrDefault(stop => stop.To is null) is { } still)
            return new(null, [new("stopped", calendar.DateOf(still.From), calendar.DateOf(still.From), still.Reason, still.Reason)]);
        return allowance.WorkingDays is { } days ? ByDays(start, days, calendar, stops) : ByClock(start, allowance.Time ?? TimeSpan.Zero, calendar, stops);
    }

    private static Deadline ByDays(DateTimeOffset start, int days, WorkingCalendar calendar, IReadOnlyList<Stop> stops)
    {
        if (calendar.WeekendDays.Distinct().Count() > 6)
            throw new ArgumentException("A calendar needs a working day.", nameof(calendar));
        var first = calendar.DateOf(start);
        var still = stops.Select(stop => StillDays(stop, calendar)).Where(range => range.First <= range.Last).ToList();
        var date = first;
        for (var need = days; need > 0;)
        {
            var next = AddWeekdays(date, need, calendar);
            if (next.Year - first.Year > Furthest)
                throw new ArgumentException($"There are not {days} working days within {Furthest} years.", nameof(calendar));
            need = OffWeekdays(date, next, calendar, still);
            date = next;
        }
        return new(calendar.ClosingOf(date), Explain(first, date, calendar, stops));
    }

    private static Deadline ByClock(DateTimeOffset start, TimeSpan time, WorkingCalendar calendar, IReadOnlyList<Stop> stops)
    {
        var due = start + time;
        foreach (var stop in stops.OrderBy(stop => stop.From))
        {
            var from = stop.From > start ? stop.From : start;
            if (from < due && stop.To > from)
                due += stop.To.Value - from;
        }
        var (first, last) = (calendar.DateOf(start), calendar.DateOf(due));
        return new(due, [new("start", first, first), .. stops.Where(stop => stop.From < due && stop.To > start).Select(stop => Told(stop, calendar)), new("due", last, last)]);
    }

    // The (k)th day after a date that is no weekend.
    private static DateOnly AddWeekdays(DateOnly date, int count, WorkingCalendar calendar)
    {
        var inWeek = 7 - calendar.WeekendDays.Distinct().Count();
        var weeks = (count - 1) / inWeek;
        date = date.AddDays(weeks * 7);
        for (var rest = count - (weeks * inWeek); rest > 0;)
        {
            date = date.AddDays(1);
            rest -= calendar.IsWeekend(date) ? 0 : 1;
        }
        return date;
    }

    // Days behind one date up to another that are no weekend and do not count all the same.
    private static int OffWeekdays(DateOnly behind, DateOnly last, WorkingCalendar calendar, List<(DateOnly First, DateOnly Last)> still)
    {
        var off = new HashSet<DateOnly>(calendar.HolidaysIn(behind.AddDays(1), last).Keys);
        foreach (var (from, to) in still)
        {
            for (var date = from > behind ? from : behind.AddDays(1); date <= to && date <= last; date = date.AddDays(1))
                off.Add(date);
        }
        return off.Count(date => !calendar.IsWeekend(date));
    }

    // The days at whose closing the clock stood still.
    private static (DateOnly First, DateOnly Last) StillDays(Stop stop, WorkingCalendar calendar)
    {
        var (first, last) = (calendar.DateOf(stop.From), calendar.DateOf(stop.To!.Value));
        return (calendar.ClosingOf(first) >= stop.From ? first : first.AddDays(1), calendar.ClosingOf(last) < stop.To ? last : last.AddDays(-1));
    }

    private static Why Told(Stop stop, WorkingCalendar calendar) => new("stopped", calendar.DateOf(stop.From), calendar.DateOf(stop.To!.Value), stop.Reason, stop.Reason);

    private static List<Why> Explain(DateOnly first, DateOnly due, WorkingCalendar calendar, IReadOnlyList<Stop> stops)
    {
        var why = new List<Why> { new("start", first, first) };
        var holidays = calendar.HolidaysIn(first, due);
        for (var date = first.AddDays(1); date <= due; date = date.AddDays(1))
        {
            Why? each = holidays.TryGetValue(date, out var holiday) ? new("holiday", date, date, holiday.NameAr, holiday.NameEn) : calendar.IsWeekend(date) ? new("weekend", date, date) : null;
            if (each is null)
                continue;
            if (why[^1] is var before && before.What == each.What && before.En == each.En && before.To.AddDays(1) == date)
                why[^1] = before with { To = date };
            else
                why.Add(each);
        }
        why.AddRange(stops.Where(stop => calendar.DateOf(stop.From) <= due && calendar.DateOf(stop.To!.Value) >= first).Select(stop => Told(stop, calendar)));
        return [.. why.OrderBy(each => each.From), new("due", due, due)];
    }
}
