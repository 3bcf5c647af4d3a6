using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.Correspondence.Data;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.ServiceDefaults.Requests;

namespace Tarasol.Correspondence.Circuits;

/// <summary>GET /api/correspondence/circuits?state=&amp;code=: versions of circuits, newest first.</summary>
public static class ListCircuits
{
    public sealed record Item(Guid Id, string Code, int Version, CircuitState State, string NameAr, string NameEn, DateTimeOffset DraftedAt, DateTimeOffset? PublishedAt);

    public static async Task<Ok<Page<Item>>> HandleAsync(string? state, string? code, Paging paging, CorrespondenceDbContext db, CancellationToken cancel)
    {
        var errors = new Errors();
        var wanted = WireEnum.Query<CircuitState>(state, "state", errors);
        errors.ThrowIfAny();
        var rows = await db.Circuits.AsNoTracking()
            .Where(row => wanted == null || row.State == wanted)
            .Where(row => string.IsNullOrEmpty(code) || row.Code == code)
            .Where(row => paging.After == null || row.Id < paging.After)
            .OrderByDescending(row => row.Id).Take(paging.Limit + 1).ToListAsync(cancel);
        return TypedResults.Ok(paging.Page(rows, row => row.Id, row => new Item(row.Id, row.Code, row.Version, row.State, row.NameAr, row.NameEn, row.DraftedAt, row.PublishedAt)));
    }
}
