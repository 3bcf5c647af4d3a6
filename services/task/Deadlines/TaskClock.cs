using Microsoft.EntityFrameworkCore;
using Tarasol.Tasks.Data;
using Tarasol.Tasks.Inbox;
using Tarasol.Tasks.WorkItems;

namespace Tarasol.Tasks.Deadlines;

/// <summary>The clock of a task stood still.</summary>
public sealed class ClockStop
{
    public Guid WorkItemId { get; init; }

    /// <summary>From 1.</summary>
    public int Number { get; init; }

    public DateTimeOffset StoppedAt { get; init; }

    /// <summary>Null: it still does.</summary>
    public DateTimeOffset? ResumedAt { get; set; }

    public required string Reason { get; init; }

    public required string StoppedBy { get; init; }
}

/// <summary>More time for a task.</summary>
public sealed class DeadlineExtension
{
    public Guid WorkItemId { get; init; }

    /// <summary>From 1.</summary>
    public int Number { get; init; }

    public int? WorkingDays { get; init; }

    public int? Hours { get; init; }

    public required string Reason { get; init; }

    public required string ExtendedBy { get; init; }

    public DateTimeOffset ExtendedAt { get; init; }
}

/// <summary>Works out when a task is due, from all that happened to its clock.</summary>
public sealed class TaskClock(TasksDbContext db, Calendars calendars)
{
    public async Task<Deadline> OfAsync(WorkItem item, CancellationToken cancel)
    {
        var stops = await db.ClockStops.Where(row => row.WorkItemId == item.Id).OrderBy(row => row.Number).ToListAsync(cancel);
        var extensions = await db.DeadlineExtensions.Where(row => row.WorkItemId == item.Id).OrderBy(row => row.Number).ToListAsync(cancel);
        // Those of this very change are not in the database yet.
        stops = [.. db.ClockStops.Local.Where(row => row.WorkItemId == item.Id).Union(stops).OrderBy(row => row.Number)];
        extensions = [.. db.DeadlineExtensions.Local.Where(row => row.WorkItemId == item.Id).Union(extensions).OrderBy(row => row.Number)];
        var counting = await calendars.OfAsync(item.CalendarUnit, cancel);
        var calendar = counting.Calendar;
        var still = stops.Select(stop => new Stop(stop.StoppedAt, stop.ResumedAt, stop.Reason)).ToList();
        var time = TimeSpan.FromSeconds(item.AllowedSeconds ?? (long)(item.DueAt - item.OpenedAt).TotalSeconds);
        var allowance = item.AllowedDays is { } days
            ? Allowance.Days(days + extensions.Sum(extension => extension.WorkingDays ?? 0))
            : new Allowance(null, time + TimeSpan.FromHours(extensions.Sum(extension => extension.Hours ?? 0)));
        var deadline = DeadlineCalculator.Of(item.OpenedAt, allowance, calendar, still);
        // An extension that counts the other way than the task does is added behind it.
        if (item.AllowedDays is null && extensions.Sum(extension => extension.WorkingDays ?? 0) is > 0 and var more && deadline.DueAt is { } due)
            deadline = DeadlineCalculator.Of(due, Allowance.Days(more), calendar, []) is var further ? new(further.DueAt, [.. deadline.Why, .. further.Why]) : deadline;
        else if (item.AllowedDays is not null && extensions.Sum(extension => extension.Hours ?? 0) is > 0 and var hours)
            deadline = deadline with { DueAt = deadline.DueAt?.AddHours(hours) };
        var (first, last) = (calendar.DateOf(item.OpenedAt), calendar.DateOf(deadline.DueAt ?? item.DueAt));
        // Hours by the clock have no weekend.
        IReadOnlyList<Why> by = item.AllowedDays is not null || extensions.Exists(extension => extension.WorkingDays is not null) ? [counting.WhyCalendar(first, last)] : [];
        return deadline with
        {
            Why =
            [
                .. deadline.Why,
                .. extensions.Select(extension => new Why("extended", calendar.DateOf(extension.ExtendedAt), calendar.DateOf(extension.ExtendedAt), extension.Reason, extension.Reason)),
                .. by,
                counting.WhyPolicy(first, last),
            ],
        };
    }

    /// <summary>Sets the due time anew after something happened to the clock.</summary>
    public async Task SetAsync(WorkItem item, CancellationToken cancel)
    {
        if ((await OfAsync(item, cancel)).DueAt is { } due)
            (item.DueAt, item.RankAt) = (due, Priority.RankAt(due, item.Urgency, item.Kind));
        item.Version++;
        item.WakeWatch();
    }
}
