using System.Security.Cryptography;
using System.Text;
using FsCheck.Xunit;
using Tarasol.Audit.Trail;

namespace Tarasol.Tests.Unit.Audit;

public class EntryHashTests
{
    private static readonly DateTimeOffset At = new(2026, 1, 31, 8, 30, 0, TimeSpan.Zero);

    [Fact]
    public void The_hash_is_the_published_one()
    {
        const string Canonical = "1:1,2:e1,1:t,1:s,0:,4:سم,27:2026-01-31T08:30:00.000000Z,27:2026-01-31T08:30:01.000000Z,7:{\"a\":1},1:p,";
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Canonical))), EntryHash.Of(Entry()));
    }

    [Fact]
    public void Every_field_counts()
    {
        AuditEntry[] changed =
        [
            Entry(sequence: 2), Entry(eventId: "e2"), Entry(type: "u"), Entry(subject: "r"), Entry(letterId: "x"), Entry(actor: "سن"),
            Entry(at: At.AddTicks(10)), Entry(receivedAt: At.AddSeconds(2)), Entry(data: "{\"a\":2}"), Entry(previousHash: "q"),
        ];
        Assert.Equal(changed.Length + 1, changed.Append(Entry()).Select(EntryHash.Of).Distinct().Count());
    }

    [Property]
    public bool Text_cannot_move_from_one_field_to_the_next(string? left, string? right)
    {
        var (type, subject) = (Text(left), Text(right));
        if (subject.Length == 0)
            return true;
        return EntryHash.Of(Entry(type: type, subject: subject)) != EntryHash.Of(Entry(type: type + subject[0], subject: subject[1..]));
    }

    [Fact]
    public void A_time_in_another_zone_has_the_same_hash() => Assert.Equal(EntryHash.Of(Entry()), EntryHash.Of(Entry(at: At.ToOffset(TimeSpan.FromHours(3)))));

    [Fact]
    public void Times_are_kept_in_whole_microseconds_of_UTC()
    {
        var kept = EntryHash.Keepable(new DateTimeOffset(2026, 1, 31, 11, 30, 0, TimeSpan.FromHours(3)).AddTicks(17));
        Assert.Equal((At.AddTicks(10), TimeSpan.Zero), (kept, kept.Offset));
    }

    // Lone surrogates have no UTF-8 of their own and are no valid JSON text either.
    private static string Text(string? drawn) => new([.. (drawn ?? "").Where(each => !char.IsSurrogate(each))]);

    private static AuditEntry Entry(
        long sequence = 1, string eventId = "e1", string type = "t", string subject = "s", string? letterId = null, string actor = "سم",
        DateTimeOffset? at = null, DateTimeOffset? receivedAt = null, string data = "{\"a\":1}", string previousHash = "p") => new()
    {
        Sequence = sequence,
        EventId = eventId,
        Type = type,
        Subject = subject,
        LetterId = letterId,
        Actor = actor,
        At = at ?? At,
        ReceivedAt = receivedAt ?? At.AddSeconds(1),
        Data = data,
        PreviousHash = previousHash,
        Hash = "",
    };
}
