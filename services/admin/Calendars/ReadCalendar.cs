using Microsoft.AspNetCore.Http.HttpResults;
using Tarasol.Administration.Settings;
using Tarasol.ServiceDefaults.Problems;

namespace Tarasol.Administration.Calendars;

/// <summary>GET /api/admin/calendars/{id}, with its ETag.</summary>
public static class ReadCalendar
{
    /// <param name="UnitCode">Null: of everybody without one of their own.</param>
    /// <param name="Version">0: not published yet.</param>
    /// <param name="Draft">What waits for its publication.</param>
    public sealed record Response(Guid Id, string? UnitCode, int Version, WorkingCalendar? Published, WorkingCalendar? Draft, DateTimeOffset ChangedAt);

    public static async Task<Results<Ok<Response>, ProblemHttpResult>> HandleAsync(Guid id, HttpContext context, Drafts drafts, CancellationToken cancel)
    {
        if (await drafts.FindAsync<WorkingCalendar>(id, cancel) is not { } setting)
            return CommonProblems.NotFound.Result();
        SettingTag.Tell(context, setting);
        return TypedResults.Ok(new Response(
            setting.Id, setting.Key.Length == 0 ? null : setting.Key, setting.Published, await drafts.PublishedAsync<WorkingCalendar>(setting, cancel), Drafts.Drafted<WorkingCalendar>(setting), setting.ChangedAt));
    }
}
