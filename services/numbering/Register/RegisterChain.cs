using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Tarasol.Numbering.Data;
using Tarasol.Numbering.Numbers;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.ServiceDefaults.Requests;

namespace Tarasol.Numbering.Register;

/// <summary>
/// The register of a series, open for appending inside a transaction: the row of its end is locked, so that nobody else gives, keeps or voids a number of it until the commit.
/// </summary>
/// <param name="Series">The series.</param>
/// <param name="End">Where its chain ends; moved on by every append.</param>
public sealed record OpenRegister(Series Series, RegisterEnd End);

/// <summary>Appends to the registers of the current tenant.</summary>
internal sealed class RegisterChain(NumberingDbContext db, ServiceIdentity self, TimeProvider time)
{
    private const int Part = 1000;
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A series as its first entry tells it.</summary>
    private sealed record Definition(string Direction, string Unit, bool Subtree, string Type, string Reset, string Mask);

    /// <summary>
    /// Locks the end of the series' chain until the commit and reads the series. One that has no chain yet, because it is new or older than the register, gets its
    /// beginning: the definition, and the numbers that it gave before. Null: there is no such series.
    /// </summary>
    public async Task<OpenRegister?> OpenAsync(string key, CancellationToken cancel, string? actor = null)
    {
        if (db.Database.CurrentTransaction is null)
            throw new InvalidOperationException("An entry is appended inside the transaction of what it tells.");
        var locked = await db.Ends.Where(row => row.Series == key).ExecuteUpdateAsync(set => set.SetProperty(row => row.Position, row => row.Position), cancel);
        if (await db.Series.FirstOrDefaultAsync(row => row.Key == key, cancel) is not { } series)
            return null;
        if (locked == 1)
            return new(series, await db.Ends.SingleAsync(row => row.Series == key, cancel));

        var register = new OpenRegister(series, new() { Series = series.Key, Position = 0, Hash = EntryHash.Genesis });
        db.Add(register.End);
        Append(register, new()
        {
            Series = series.Key,
            Kind = EntryKind.Opened,
            Text = JsonSerializer.Serialize(new Definition(WireEnum.Name(series.Direction), series.Unit, series.Subtree, series.LetterType, WireEnum.Name(series.Reset), series.Mask), Json),
            Actor = actor ?? self.AppId,
            At = series.CreatedAt,
        });
        await CarryOverAsync(register, cancel);
        await db.SaveChangesAsync(cancel);
        return register;
    }

    /// <summary>The time as everything of the register keeps it.</summary>
    public DateTimeOffset Now => EntryHash.Keepable(time.GetUtcNow());

    /// <summary>The last number that the series gave or kept in a period; 0: none.</summary>
    public async Task<long> LastAsync(OpenRegister register, string period, CancellationToken cancel) =>
        await db.Entries.Where(entry => entry.Series == register.Series.Key && entry.Period == period).MaxAsync(entry => (long?)entry.Last, cancel) ?? 0;

    /// <summary>Puts an entry at the end of the chain, with place and hash; saved by the caller.</summary>
    public RegisterEntry Append(OpenRegister register, RegisterEntry entry)
    {
        var (end, at) = (register.End, EntryHash.Keepable(entry.At));
        RegisterEntry With(string hash) => new()
        {
            Series = register.Series.Key,
            Position = end.Position + 1,
            Kind = entry.Kind,
            Period = entry.Period,
            First = entry.First,
            Last = entry.Last,
            ReferenceNumber = entry.ReferenceNumber,
            LetterId = entry.LetterId,
            BlockId = entry.BlockId,
            Unit = entry.Unit,
            Day = entry.Day,
            Text = entry.Text,
            Actor = entry.Actor,
            At = at,
            PreviousHash = end.Hash,
            Hash = hash,
        };

        var linked = With(EntryHash.Of(With("")));
        db.Add(linked);
        (end.Position, end.Hash) = (linked.Position, linked.Hash);
        return linked;
    }

    // Numbers from before there was a register; a part at a time, for there may be many.
    private async Task CarryOverAsync(OpenRegister register, CancellationToken cancel)
    {
        var (period, sequence) = ("", 0L);
        while (true)
        {
            var given = await db.Allocations.AsNoTracking()
                .Where(row => row.Series == register.Series.Key && (string.Compare(row.Period, period) > 0 || row.Period == period && row.Sequence > sequence))
                .OrderBy(row => row.Period).ThenBy(row => row.Sequence).Take(Part).ToListAsync(cancel);
            var entries = given.Select(row => Append(register, new()
            {
                Series = row.Series,
                Kind = EntryKind.Allocated,
                Period = row.Period,
                First = row.Sequence,
                Last = row.Sequence,
                ReferenceNumber = row.ReferenceNumber,
                LetterId = row.LetterId,
                // Unit and day were not kept.
                Actor = self.AppId,
                At = row.AllocatedAt,
            })).ToList();
            await db.SaveChangesAsync(cancel);
            entries.ForEach(entry => db.Entry(entry).State = EntityState.Detached);
            if (given.Count < Part)
                return;
            (period, sequence) = (given[^1].Period, given[^1].Sequence);
        }
    }

    /// <summary>A day as entries hold it.</summary>
    public static string Day(DateOnly date) => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
