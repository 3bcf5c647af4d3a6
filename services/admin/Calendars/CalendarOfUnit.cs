using Microsoft.AspNetCore.Http.HttpResults;
using Tarasol.Administration.Settings;

namespace Tarasol.Administration.Calendars;

/// <summary>GET /internal/calendars/{unitCode}: the calendar that a unit works by: its own, else the organisation's, else Friday and Saturday off and no holidays.</summary>
public static class CalendarOfUnit
{
    private static readonly WorkingCalendar Unset = new([Weekday.Friday, Weekday.Saturday], []);

    /// <param name="UnitCode">Whose it is; null: the organisation's.</param>
    /// <param name="Version">0: nothing is published; this is what holds until then.</param>
    public sealed record Response(string? UnitCode, int Version, WorkingCalendar Calendar);

    public static async Task<Ok<Response>> HandleAsync(string unitCode, Drafts drafts, CancellationToken cancel)
    {
        foreach (var key in new[] { unitCode, "" })
        {
            if (await drafts.FindAsync<WorkingCalendar>(key, cancel) is { Published: > 0 } setting)
                return TypedResults.Ok(new Response(key.Length == 0 ? null : key, setting.Published, (await drafts.PublishedAsync<WorkingCalendar>(setting, cancel))!));
        }
        return TypedResults.Ok(new Response(null, 0, Unset));
    }
}
