using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.Numbering.Data;
using Tarasol.ServiceDefaults.Requests;

namespace Tarasol.Numbering.Blocks;

/// <summary>GET /api/numbering/blocks?series=&amp;cursor=&amp;limit=: oldest first.</summary>
public static class ListBlocks
{
    public static async Task<Ok<Page<BlockView>>> HandleAsync(string? series, Paging paging, NumberingDbContext db, CancellationToken cancel)
    {
        var rows = await db.Blocks.AsNoTracking().Where(block => (paging.After == null || block.Id > paging.After) && (series == null || block.Series == series))
            .OrderBy(block => block.Id).Take(paging.Limit + 1).Join(db.Series.AsNoTracking(), block => block.Series, row => row.Key, (block, row) => new { block, row })
            .OrderBy(each => each.block.Id).ToListAsync(cancel);
        return TypedResults.Ok(paging.Page(rows, each => each.block.Id, each => BlockView.Of(each.block, each.row)));
    }
}
