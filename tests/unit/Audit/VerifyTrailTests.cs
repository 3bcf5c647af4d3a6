using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Tarasol.Audit.Trail;

namespace Tarasol.Tests.Unit.Audit;

public class VerifyTrailTests
{
    [Fact]
    public async Task An_empty_trail_is_in_order()
    {
        var answer = await VerifyAsync([], new(0, EntryHash.Genesis));
        Assert.Equal(new VerifyTrail.Response(true, 0, EntryHash.Genesis), answer);
    }

    [Fact]
    public async Task A_trail_as_it_was_written_is_in_order()
    {
        var chain = Chain(5);
        Assert.Equal(new VerifyTrail.Response(true, 5, chain[4].Hash), await VerifyAsync(chain));
    }

    [Fact]
    public async Task Entries_that_come_in_meanwhile_do_not_matter()
    {
        var chain = Chain(5);
        var answer = await VerifyAsync(chain, new(3, chain[2].Hash));
        Assert.Equal((true, 3L), (answer.Verified, answer.Count));
    }

    [Fact]
    public async Task A_changed_entry_is_found()
    {
        var chain = Chain(5);
        chain[2] = Copy(chain[2], data: "{\"n\":\"another\"}");
        await BreaksAsync(chain, 3, VerifyTrail.Break.EntryChanged);
    }

    [Fact]
    public async Task A_changed_entry_with_a_new_hash_is_found_at_the_next_one()
    {
        var chain = Chain(5);
        var forged = Copy(chain[2], data: "{}");
        chain[2] = Copy(forged, hash: EntryHash.Of(forged));
        await BreaksAsync(chain, 4, VerifyTrail.Break.LinkBroken);
    }

    [Fact]
    public async Task A_forged_last_entry_is_found_by_the_end()
    {
        var chain = Chain(5);
        var end = new ChainEnd(5, chain[4].Hash);
        var forged = Copy(chain[4], data: "{}");
        chain[4] = Copy(forged, hash: EntryHash.Of(forged));
        await BreaksAsync(chain, 5, VerifyTrail.Break.EndChanged, end);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(4)]
    public async Task A_missing_entry_is_found(int place)
    {
        var chain = Chain(5);
        var end = new ChainEnd(5, chain[4].Hash);
        chain.RemoveAt(place);
        await BreaksAsync(chain, place + 1, VerifyTrail.Break.EntryMissing, end);
    }

    [Property(MaxTest = 50)]
    public Property Any_change_of_any_entry_is_found() => Prop.ForAll(
        (from length in Gen.Choose(1, 8) from place in Gen.Choose(0, length - 1) from field in Gen.Choose(0, 4) select (length, place, field)).ToArbitrary(),
        async draw =>
        {
            var chain = Chain(draw.length);
            var end = new ChainEnd(draw.length, chain[^1].Hash);
            var entry = chain[draw.place];
            chain[draw.place] = draw.field switch
            {
                0 => Copy(entry, data: entry.Data + " "),
                1 => Copy(entry, actor: entry.Actor + "x"),
                2 => Copy(entry, hash: new string('f', 64)),
                3 => Copy(entry, previousHash: new string('f', 64)),
                _ => Copy(entry, letterId: "another"),
            };
            var answer = await VerifyAsync(chain, end);
            Assert.False(answer.Verified);
            Assert.InRange(answer.BrokenAt!.Value, draw.place + 1, draw.place + 2);
        });

    private static async Task BreaksAsync(List<AuditEntry> chain, long at, VerifyTrail.Break reason, ChainEnd? end = null)
    {
        var answer = await VerifyAsync(chain, end);
        Assert.Equal((false, at, reason), (answer.Verified, answer.BrokenAt, answer.Reason));
        Assert.Equal(at - 1, answer.Count);
        Assert.Contains(at.ToString(CultureInfo.InvariantCulture), answer.Detail, StringComparison.Ordinal);
    }

    private static async Task<VerifyTrail.Response> VerifyAsync(List<AuditEntry> chain, ChainEnd? end = null) =>
        (await VerifyTrail.HandleAsync(new Kept(chain, end ?? new(chain[^1].Sequence, chain[^1].Hash)), CancellationToken.None)).Value!;

    private static List<AuditEntry> Chain(int length)
    {
        var chain = new List<AuditEntry>();
        for (var sequence = 1; sequence <= length; sequence++)
        {
            var entry = new AuditEntry
            {
                Sequence = sequence,
                EventId = $"e{sequence}",
                Type = "a.thing-done.v1",
                Subject = "s",
                Actor = "salma",
                At = new DateTimeOffset(2026, 1, 31, 8, 30, 0, TimeSpan.Zero),
                ReceivedAt = new DateTimeOffset(2026, 1, 31, 8, 30, 1, TimeSpan.Zero),
                Data = $"{{\"n\":{sequence}}}",
                PreviousHash = chain.Count == 0 ? EntryHash.Genesis : chain[^1].Hash,
                Hash = "",
            };
            chain.Add(Copy(entry, hash: EntryHash.Of(entry)));
        }
        return chain;
    }

    private static AuditEntry Copy(AuditEntry entry, string? data = null, string? actor = null, string? hash = null, string? previousHash = null, string? letterId = null) => new()
    {
        Sequence = entry.Sequence,
        EventId = entry.EventId,
        Type = entry.Type,
        Subject = entry.Subject,
        LetterId = letterId ?? entry.LetterId,
        Actor = actor ?? entry.Actor,
        At = entry.At,
        ReceivedAt = entry.ReceivedAt,
        Data = data ?? entry.Data,
        PreviousHash = previousHash ?? entry.PreviousHash,
        Hash = hash ?? entry.Hash,
    };

    private sealed class Kept(List<AuditEntry> chain, ChainEnd end) : IAuditTrail
    {
        public Task AppendAsync(AuditEvent @event, CancellationToken cancel) => throw new NotSupportedException();

        public Task SetLetterLevelAsync(string letterId, int level, CancellationToken cancel) => throw new NotSupportedException();

        public Task<IReadOnlyList<AuditEntry>> ReadAsync(AuditQuery query, CancellationToken cancel) => throw new NotSupportedException();

        public Task<ChainEnd> EndAsync(CancellationToken cancel) => Task.FromResult(end);

        public IAsyncEnumerable<AuditEntry> EntriesAsync(long upTo) => chain.Where(entry => entry.Sequence <= upTo).ToAsyncEnumerable();
    }
}
