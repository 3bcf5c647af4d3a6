using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.Administration.Data;
using Tarasol.Administration.Settings;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.ServiceDefaults.Requests;

namespace Tarasol.Administration.LetterTypes;

/// <summary>GET /api/admin/letter-types/{id}/versions: every version, newest first, since letters keep the one that they were registered by.</summary>
public static class ListLetterTypeVersions
{
    public sealed record Item(int Version, LetterTypeForm Form, string PublishedBy, DateTimeOffset PublishedAt);

    public static async Task<Results<Ok<Page<Item>>, ProblemHttpResult>> HandleAsync(Guid id, Drafts drafts, AdminDbContext db, CancellationToken cancel)
    {
        if (await drafts.FindAsync<LetterTypeForm>(id, cancel) is null)
            return CommonProblems.NotFound.Result();
        var rows = await db.Versions.AsNoTracking().Where(row => row.SettingId == id).OrderByDescending(row => row.Number).ToListAsync(cancel);
        return TypedResults.Ok(new Page<Item>([.. rows.Select(row => new Item(row.Number, Drafts.Read<LetterTypeForm>(row.Content), row.PublishedBy, row.PublishedAt))], null));
    }
}
