using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.Administration.Data;
using Tarasol.Administration.Settings;
using Tarasol.ServiceDefaults.Requests;

namespace Tarasol.Administration.LetterTypes;

/// <summary>GET /api/admin/letter-types: what holds now, in the order of their making.</summary>
public static class ListLetterTypes
{
    /// <param name="Version">0: not published yet.</param>
    /// <param name="Published">What letters are registered by; null before the first publication.</param>
    public sealed record Item(Guid Id, string Code, int Version, bool HasDraft, LetterTypeForm? Published);

    public static async Task<Ok<Page<Item>>> HandleAsync(Paging paging, AdminDbContext db, CancellationToken cancel)
    {
        var rows = await db.Settings.AsNoTracking()
            .Where(setting => setting.Kind == SettingKind.LetterType && (paging.After == null || setting.Id > paging.After))
            .OrderBy(setting => setting.Id)
            .Select(setting => new
            {
                Setting = setting,
                Content = db.Versions.Where(version => version.SettingId == setting.Id && version.Number == setting.Published).Select(version => version.Content).FirstOrDefault(),
            })
            .Take(paging.Limit + 1).ToListAsync(cancel);
        return TypedResults.Ok(paging.Page(rows, row => row.Setting.Id, row => new Item(
            row.Setting.Id, row.Setting.Key, row.Setting.Published, row.Setting.Draft is not null, row.Content is { } content ? Drafts.Read<LetterTypeForm>(content) : null)));
    }
}
