using Microsoft.EntityFrameworkCore;
using Tarasol.Audit.Trail;

namespace Tarasol.Audit.Data;

/// <summary>The trail in the tenant's relational database. The row of the chain's end is what appends wait for, in this process and in others.</summary>
internal sealed class RelationalAuditTrail(AuditDbContext db, TimeProvider time) : IAuditTrail
{
    private const int TopSecret = 3;

    public async Task AppendAsync(AuditEvent @event, CancellationToken cancel)
    {
        if (db.Database.CurrentTransaction is null)
            throw new InvalidOperationException("An entry is appended inside the transaction of its inbox row.");
        // Locks the row until the commit, so that nobody reads an end that is about to change.
        if (await db.Ends.ExecuteUpdateAsync(set => set.SetProperty(row => row.Sequence, row => row.Sequence + 1), cancel) != 1)
            throw new InvalidOperationException("The row of the chain's end is missing from audit_end: nothing can be appended before it is restored from a backup.");
        var end = await db.Ends.AsNoTracking().SingleAsync(cancel);
        if (await db.Entries.AnyAsync(known => known.EventId == @event.Id, cancel))
        {
            await db.Ends.ExecuteUpdateAsync(set => set.SetProperty(row => row.Sequence, row => row.Sequence - 1), cancel);
            return;
        }

        var entry = Link(@event, end);
        db.Add(entry);
        await db.SaveChangesAsync(cancel);
        await db.Ends.ExecuteUpdateAsync(set => set.SetProperty(row => row.Hash, entry.Hash), cancel);
    }

    public async Task SetLetterLevelAsync(string letterId, int level, CancellationToken cancel)
    {
        if (await db.LetterLevels.Where(row => row.LetterId == letterId).ExecuteUpdateAsync(set => set.SetProperty(row => row.Level, level), cancel) > 0)
            return;
        db.Add(new LetterLevel { LetterId = letterId, Level = level });
        await db.SaveChangesAsync(cancel);
    }

    public async Task<IReadOnlyList<AuditEntry>> ReadAsync(AuditQuery query, CancellationToken cancel)
    {
        var entries = db.Entries.AsNoTracking().Where(entry => entry.Sequence > query.After);
        if (query.Subject is { } subject)
            entries = entries.Where(entry => entry.Subject == subject || entry.LetterId == subject);
        if (query.Type is { } type)
            entries = entries.Where(entry => entry.Type == type);
        if (query.Clearance < TopSecret)
            entries = entries.Where(entry => entry.LetterId == null || db.LetterLevels.Any(letter => letter.LetterId == entry.LetterId && letter.Level <= query.Clearance));
        return await entries.OrderBy(entry => entry.Sequence).Take(query.Limit + 1).ToListAsync(cancel);
    }

    public async Task<ChainEnd> EndAsync(CancellationToken cancel) =>
        await db.Ends.AsNoTracking().SingleOrDefaultAsync(cancel) is { } end ? new(end.Sequence, end.Hash) : new(0, EntryHash.Genesis);

    public IAsyncEnumerable<AuditEntry> EntriesAsync(long upTo) =>
        db.Entries.AsNoTracking().Where(entry => entry.Sequence <= upTo).OrderBy(entry => entry.Sequence).AsAsyncEnumerable();

    // The end's sequence has been moved on already; its hash is still that of the last entry.
    private AuditEntry Link(AuditEvent @event, AuditEnd end)
    {
        var receivedAt = EntryHash.Keepable(time.GetUtcNow());
        AuditEntry With(string hash) => new()
        {
            Sequence = end.Sequence,
            EventId = @event.Id,
            Type = @event.Type,
            Subject = @event.Subject,
            LetterId = @event.LetterId,
            Actor = @event.Actor,
            At = EntryHash.Keepable(@event.At),
            ReceivedAt = receivedAt,
            Data = @event.Data,
            PreviousHash = end.Hash,
            Hash = hash,
        };

        return With(EntryHash.Of(With("")));
    }
}
