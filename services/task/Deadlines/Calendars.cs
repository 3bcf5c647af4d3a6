using System.Globalization;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Tarasol.Contracts.Admin;
using Tarasol.Messaging;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.Tasks.Calls;
using Tarasol.Tasks.Data;

namespace Tarasol.Tasks.Deadlines;

/// <summary>A published working calendar: admin owns it, this is the copy of its newest version.</summary>
public sealed class KnownCalendar
{
    /// <summary>The unit that works by it, with those below it that have none of their own; empty: everybody else.</summary>
    public required string UnitCode { get; init; }

    public Guid CalendarId { get; set; }

    public int Version { get; set; }

    /// <summary>A <see cref="WorkingCalendar"/> as JSON.</summary>
    public required string Definition { get; set; }
}

/// <summary>By what the days of a unit are counted.</summary>
/// <param name="Calendar">In the tenant's time zone.</param>
/// <param name="UnitCode">Whose calendar it is; empty: the tenant's.</param>
/// <param name="Version">Of the calendar; 0: the tenant has published none.</param>
/// <param name="Policy">The tenant's.</param>
public sealed record Counting(WorkingCalendar Calendar, string UnitCode, int Version, DeadlinePolicy Policy)
{
    private static readonly Text OfUnit = new("Working calendar of the unit {0}, version {1}", "تقويم عمل الوحدة {0}، الإصدار {1}");
    private static readonly Text OfTenant = new("Working calendar of the organisation, version {1}", "تقويم عمل الجهة، الإصدار {1}");
    private static readonly Text Usual = new("Usual calendar: Friday and Saturday, no holidays", "التقويم المعتاد: الجمعة والسبت دون عطلات");
    private static readonly Text PolicyName = new("{0}, version {1}: {2}, closing at {3}", "{0}، الإصدار {1}: {2}، نهاية الدوام {3}");

    /// <summary>The calendar, for people.</summary>
    public Why WhyCalendar(DateOnly from, DateOnly to) =>
        Said("calendar", from, to, Version == 0 ? Usual : UnitCode.Length > 0 ? OfUnit : OfTenant, UnitCode, UnitCode, Version);

    /// <summary>The policy, for people.</summary>
    public Why WhyPolicy(DateOnly from, DateOnly to) =>
        Said("policy", from, to, PolicyName, Policy.NameAr, Policy.NameEn, Policy.Version, Policy.TimeZone, Policy.ClosesAt.ToString("HH:mm", CultureInfo.InvariantCulture));

    private static Why Said(string what, DateOnly from, DateOnly to, Text text, string ar, string en, params object[] rest) => new(
        what, from, to, string.Format(CultureInfo.InvariantCulture, text.Ar, [ar, .. rest]), string.Format(CultureInfo.InvariantCulture, text.En, [en, .. rest]));
}

/// <summary>The tenant's working calendars and its policy.</summary>
public sealed class Calendars(TasksDbContext db, Units units)
{
    /// <summary>What counts for a unit now: its own calendar, else that of the nearest unit above, else the tenant's, else the one of those who have published none.</summary>
    public async Task<Counting> OfAsync(string? unitCode, CancellationToken cancel)
    {
        var policy = await PolicyAsync(cancel);
        var known = await db.Calendars.AsNoTracking().ToListAsync(cancel);
        // Only where a unit has one of its own it matters which units are above.
        IReadOnlyList<string> codes = unitCode is not { Length: > 0 } code ? [] : known.Exists(row => row.UnitCode.Length > 0 && row.UnitCode != code) ? await units.AboveAsync(code, cancel) : [code];
        var nearest = Nearest([.. known.Select(row => row.UnitCode)], codes);
        var found = known.Find(row => row.UnitCode == nearest);
        var calendar = found is null ? WorkingCalendar.Default : JsonSerializer.Deserialize<WorkingCalendar>(found.Definition, EventJson.Options)!;
        return new(calendar with { TimeZone = policy.TimeZone, ClosesAt = policy.ClosesAt }, found?.UnitCode ?? "", found?.Version ?? 0, policy);
    }

    /// <summary>The tenant's policy, else the usual one.</summary>
    public async Task<DeadlinePolicy> PolicyAsync(CancellationToken cancel) =>
        await db.DeadlinePolicies.AsNoTracking().FirstOrDefaultAsync(row => row.Id == KnownDeadlinePolicy.TheId, cancel) is { } known ? JsonSerializer.Deserialize<DeadlinePolicy>(known.Definition, EventJson.Options)! : DeadlinePolicy.Usual;

    /// <summary>The first of a unit's own code and those above that has a calendar; empty: none of them, the tenant's counts.</summary>
    public static string Nearest(IReadOnlyCollection<string> withCalendar, IReadOnlyList<string> codes) => codes.FirstOrDefault(withCalendar.Contains) ?? "";
}

/// <summary>Keeps the calendars that admin publishes. An older version that comes late changes nothing.</summary>
public sealed class KeepCalendar(TasksDbContext db) : IEventHandler<CalendarPublished>
{
    public async Task HandleAsync(CalendarPublished published, EventEnvelope envelope, CancellationToken cancel)
    {
        var code = published.UnitCode ?? "";
        var definition = JsonSerializer.Serialize(Of(published), EventJson.Options);
        if (await db.Calendars.FirstOrDefaultAsync(row => row.UnitCode == code, cancel) is not { } known)
            db.Add(new KnownCalendar { UnitCode = code, CalendarId = published.CalendarId, Version = published.Version, Definition = definition });
        else if (published.Version > known.Version)
            (known.CalendarId, known.Version, known.Definition) = (published.CalendarId, published.Version, definition);
    }

    /// <summary>The calendar as it is counted with. What the event does not say is as in the default.</summary>
    public static WorkingCalendar Of(CalendarPublished published) => WorkingCalendar.Default with
    {
        WeekendDays = [.. published.Weekend.Select(day => Enum.TryParse<DayOfWeek>(day, ignoreCase: true, out var read) ? (DayOfWeek?)read : null).OfType<DayOfWeek>()],
        Holidays =
        [
            .. published.Holidays.Select(holiday => new Holiday(
                holiday.Calendar == "hijri" ? HolidayCalendar.UmAlQura : HolidayCalendar.Gregorian, holiday.Month, holiday.Day, holiday.Days, holiday.NameAr, holiday.NameEn, holiday.Year)),
        ],
    };
}
