using Microsoft.EntityFrameworkCore;
using Tarasol.Numbering.Numbers;
using Tarasol.Numbering.Register;
using Tarasol.ServiceDefaults.Requests;
using Tarasol.Tenancy.Migrations;

namespace Tarasol.Numbering.Data;

/// <summary>
/// A new tenant numbers at once: one series per direction for all units. What is there already stays as it is; a series from before there was a register gets its chain.
/// </summary>
internal sealed class DefaultSeries(NumberingDbContext db, RegisterChain chain, TimeProvider time) : ITenantSeed
{
    private static readonly (Direction Direction, string Mask)[] Defaults =
    [
        (Direction.Incoming, "IN/{unit}/{year}/{seq:5}"),
        (Direction.Outgoing, "OUT/{unit}/{year}/{seq:5}"),
        (Direction.Internal, "INT/{unit}/{year}/{seq:5}"),
    ];

    public async Task SeedAsync(CancellationToken cancel)
    {
        foreach (var (direction, mask) in Defaults)
        {
            if (!await db.Series.AnyAsync(series => series.Direction == direction && series.Unit == "", cancel))
                db.Add(new Series { Key = WireEnum.Name(direction), Direction = direction, Unit = "", Mask = mask, CreatedAt = time.GetUtcNow() });
        }
        await db.SaveChangesAsync(cancel);
        foreach (var key in await db.Series.Where(series => !db.Ends.Any(end => end.Series == series.Key)).Select(series => series.Key).ToListAsync(cancel))
        {
            await using var transaction = await db.Database.BeginTransactionAsync(cancel);
            await chain.OpenAsync(key, cancel);
            await transaction.CommitAsync(cancel);
        }
    }
}
