using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Tarasol.Contracts.Correspondence;
using Tarasol.Correspondence.Data;
using Tarasol.Correspondence.Letters;
using Tarasol.Messaging;
using Tarasol.Tenancy.Sweeps;

namespace Tarasol.Correspondence.Units;

/// <summary>
/// The open letters of a closed unit become its successor's, with the reason in their timeline. Letters that are final stay what they were: whoever sees the successor's letters sees those
/// of the closed unit too. A letter that changes at the same moment is moved by the next attempt.
/// </summary>
public sealed class MoveLetters(CorrespondenceDbContext db, IOutbox outbox, TimeProvider time) : ITenantSweep
{
    private const int Batch = 100;
    private static readonly LetterStatus[] Open = [LetterStatus.Registered, LetterStatus.InRouting, LetterStatus.Returned];

    public async Task SweepAsync(CancellationToken cancel)
    {
        var all = await db.ClosedUnits.AsNoTracking().ToDictionaryAsync(row => row.UnitId, cancel);
        foreach (var closed in all.Values.Where(row => !row.Moved).OrderBy(row => row.ClosedAt))
        {
            var last = InCharge(closed, all);
            while (last.SuccessorId != closed.UnitId && await BatchAsync(closed, last, cancel) == Batch)
            {
                // Another full batch may wait.
            }
            // One that is being registered is moved once it is.
            if (!await db.Letters.AnyAsync(letter => letter.OwnerUnitId == closed.UnitId && letter.Status == LetterStatus.Registering, cancel))
                await db.ClosedUnits.Where(row => row.UnitId == closed.UnitId).ExecuteUpdateAsync(set => set.SetProperty(row => row.Moved, true), cancel);
        }
    }

    private async Task<int> BatchAsync(ClosedUnit closed, ClosedUnit last, CancellationToken cancel)
    {
        var letters = await db.Letters.Where(letter => letter.OwnerUnitId == closed.UnitId && Open.Contains(letter.Status)).OrderBy(letter => letter.Id).Take(Batch).ToListAsync(cancel);
        foreach (var letter in letters)
        {
            var now = time.GetUtcNow();
            var change = new FieldChange("ownerUnitId", Json(letter.OwnerUnitId), Json(last.SuccessorId));
            (letter.OwnerUnitId, letter.OwnerUnitCode) = (last.SuccessorId, last.SuccessorCode);
            var entry = letter.Record(TimelineKind.Transferred, closed.ClosedBy, now);
            (entry.Target, entry.Comment, entry.Changes) = (last.SuccessorCode, closed.Reason, JsonSerializer.Serialize(new[] { change }, EventJson.Options));
            db.Add(entry);
            outbox.Add(new LetterChanged(letter.Id, [new(change.Field, change.Before.GetRawText(), change.After.GetRawText())], closed.ClosedBy, now), closed.ClosedBy);
        }
        await db.SaveChangesAsync(cancel);
        return letters.Count;
    }

    // The successor may have closed since, and its event may have come first.
    private static ClosedUnit InCharge(ClosedUnit closed, Dictionary<Guid, ClosedUnit> all)
    {
        var seen = new HashSet<Guid> { closed.UnitId };
        while (all.TryGetValue(closed.SuccessorId, out var next) && seen.Add(next.UnitId))
            closed = next;
        return closed;
    }

    private static JsonElement Json(Guid id) => JsonSerializer.SerializeToElement(id, EventJson.Options);
}
