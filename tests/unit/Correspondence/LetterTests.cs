using Tarasol.Correspondence.Letters;

namespace Tarasol.Tests.Unit.Correspondence;

public sealed class LetterTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Every_change_raises_the_version_and_takes_the_next_place_in_the_timeline()
    {
        var letter = Letter();
        var entries = new[]
        {
            letter.Record(TimelineKind.Registered, "clerk", Noon),
            letter.Record(TimelineKind.Numbered, "clerk", Noon),
            letter.Record(TimelineKind.Routed, "head", Noon.AddMinutes(1)),
        };
        Assert.Equal([1, 2, 3], entries.Select(entry => entry.Sequence));
        Assert.All(entries, entry => Assert.Equal(letter.Id, entry.LetterId));
        Assert.Equal(3, letter.Version);
        Assert.Equal(Noon.AddMinutes(1), letter.ChangedAt);
    }

    [Fact]
    public void A_clock_that_is_behind_does_not_put_the_timeline_out_of_order()
    {
        var letter = Letter();
        letter.Record(TimelineKind.Routed, "clerk", Noon);
        var decided = letter.Record(TimelineKind.StepApproved, "head", Noon.AddSeconds(-5));
        Assert.Equal(Noon, decided.At);
        Assert.Equal(Noon, letter.ChangedAt);
    }

    private static Letter Letter() => new() { Id = Guid.CreateVersion7(), Subject = "طلب", SenderName = "Sender", Recipients = ["Me"], OwnerUnitCode = "REG", RegisteredBy = "clerk" };
}
