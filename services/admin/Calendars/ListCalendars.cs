using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.Administration.Data;
using Tarasol.Administration.Settings;
using Tarasol.ServiceDefaults.Requests;

namespace Tarasol.Administration.Calendars;

/// <summary>GET /api/admin/calendars: what holds now, in the order of their making.</summary>
public static class ListCalendars
{
    /// <param name="UnitCode">Null: of everybody without one of their own.</param>
    /// <param name="Version">0: not published yet.</param>
    public sealed record Item(Guid Id, string? UnitCode, int Version, bool HasDraft, WorkingCalendar? Published);

    public static async Task<Ok<Page<Item>>> HandleAsync(Paging paging, AdminDbContext db, CancellationToken cancel)
    {
        var rows = await db.Settings.AsNoTracking()
            .Where(setting => setting.Kind == SettingKind.Calendar && (paging.After == null || setting.Id > paging.After))
            .OrderBy(setting => setting.Id)
            .Select(setting => new
            {
                Setting = setting,
                Content = db.Versions.Where(version => version.SettingId == setting.Id && version.Number == setting.Published).Select(version => version.Content).FirstOrDefault(),
            })
            .Take(paging.Limit + 1).ToListAsync(cancel);
        return TypedResults.Ok(paging.Page(rows, row => row.Setting.Id, row => new Item(
            row.Setting.Id, row.Setting.Key.Length == 0 ? null : row.Setting.Key, row.Setting.Published, row.Setting.Draft is not null,
            row.Content is { } content ? Drafts.Read<WorkingCalendar>(content) : null)));
    }
}
