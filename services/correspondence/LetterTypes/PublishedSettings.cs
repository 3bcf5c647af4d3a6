using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Caching.Memory;
using Tarasol.Contracts.Admin;
using Tarasol.Correspondence.Data;
using Tarasol.Messaging;
using Tarasol.Tenancy;

namespace Tarasol.Correspondence.LetterTypes;

/// <summary>What admin has published, as far as it has come here: admin itself need not be there when a letter is registered.</summary>
public sealed class PublishedSettings(CorrespondenceDbContext db, CurrentTenant tenant, IMemoryCache cache)
{
    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(10);

    /// <summary>The newest version of a type; null: there is none of this code.</summary>
    public async Task<LetterTypePublished?> NewestTypeAsync(string code, CancellationToken cancel) =>
        await db.LetterTypes.AsNoTracking().Where(row => row.Code == code).OrderByDescending(row => row.Version).Select(row => row.Form).FirstOrDefaultAsync(cancel) is { } form
            ? JsonSerializer.Deserialize<LetterTypePublished>(form, EventJson.Options)
            : null;

    /// <summary>The version by which a letter was registered.</summary>
    public async Task<LetterTypePublished?> TypeAsync(Guid id, int version, CancellationToken cancel) =>
        await db.LetterTypes.AsNoTracking().Where(row => row.LetterTypeId == id && row.Version == version).Select(row => row.Form).FirstOrDefaultAsync(cancel) is { } form
            ? JsonSerializer.Deserialize<LetterTypePublished>(form, EventJson.Options)
            : null;

    /// <summary>True when something new can be classified by this class.</summary>
    public async Task<bool> IsOpenClassAsync(string classId, CancellationToken cancel)
    {
        var version = await db.Classifications.MaxAsync(row => (int?)row.Version, cancel) ?? 0;
        var open = await cache.GetOrCreateAsync((typeof(PublishedSettings), tenant.Slug, version), async entry =>
        {
            entry.AbsoluteExpirationRelativeToNow = Kept;
            var classes = await db.Classifications.AsNoTracking().Where(row => row.Version == version).Select(row => row.Classes).FirstOrDefaultAsync(cancel);
            return JsonSerializer.Deserialize<List<ClassificationClass>>(classes ?? "[]", EventJson.Options)!.Where(each => !each.Closed).Select(each => each.ClassId).ToHashSet(StringComparer.Ordinal);
        });
        return open!.Contains(classId);
    }
}
