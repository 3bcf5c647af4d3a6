using System.Text.Json;
using Moq;
using Tarasol.Audit.Trail;
using Tarasol.Messaging;

namespace Tarasol.Tests.Unit.Audit;

public class AppendEventTests
{
    private const string Letter = "01890000-0000-7000-8000-000000000001";
    private const string Registered = "correspondence.letter-registered.v1";

    [Theory]
    [InlineData("normal", 0)]
    [InlineData("restricted", 1)]
    [InlineData("secret", 2)]
    [InlineData("top-secret", 3)]
    [InlineData("cosmic", 3)]
    public async Task A_registered_letter_tells_its_level_and_an_unknown_one_is_the_highest(string confidentiality, int level)
    {
        var trail = await AppendAsync(Registered, $$"""{"letterId":"{{Letter}}","confidentiality":"{{confidentiality}}"}""");
        trail.Verify(kept => kept.SetLetterLevelAsync(Letter, level, It.IsAny<CancellationToken>()), Times.Once);
    }

    [Fact]
    public async Task A_registered_letter_that_tells_no_level_has_the_highest()
    {
        var trail = await AppendAsync(Registered, $$"""{"letterId":"{{Letter}}"}""");
        trail.Verify(kept => kept.SetLetterLevelAsync(Letter, 3, It.IsAny<CancellationToken>()), Times.Once);
    }

    [Fact]
    public async Task Other_events_cannot_change_a_level()
    {
        var trail = await AppendAsync("task.task-opened.v1", $$"""{"letterId":"{{Letter}}","confidentiality":"normal"}""");
        trail.Verify(kept => kept.SetLetterLevelAsync(It.IsAny<string>(), It.IsAny<int>(), It.IsAny<CancellationToken>()), Times.Never);
    }

    [Theory]
    [InlineData("""{"letterId":"01890000-0000-7000-8000-00000000000A"}""", "01890000-0000-7000-8000-00000000000a")]
    [InlineData("""{"letterId":7}""", null)]
    [InlineData("""{"letterId":"no id"}""", null)]
    [InlineData("""{}""", null)]
    [InlineData("""[1]""", null)]
    public async Task The_letter_is_taken_from_the_data_where_there_is_one(string data, string? letter)
    {
        var trail = await AppendAsync("task.task-opened.v1", data);
        trail.Verify(kept => kept.AppendAsync(It.Is<AuditEvent>(@event => @event.LetterId == letter), It.IsAny<CancellationToken>()), Times.Once);
    }

    [Fact]
    public async Task Data_is_kept_to_the_letter()
    {
        const string Data = """{ "b":1.0,  "a":"\u0627" }""";
        var trail = await AppendAsync("task.task-opened.v1", Data);
        trail.Verify(kept => kept.AppendAsync(It.Is<AuditEvent>(@event => @event.Data == Data), It.IsAny<CancellationToken>()), Times.Once);
    }

    // The store is the outside world here.
    private static async Task<Mock<IAuditTrail>> AppendAsync(string type, string data)
    {
        var trail = new Mock<IAuditTrail>();
        using var document = JsonDocument.Parse(data);
        await new AppendEvent(trail.Object).HandleAsync(
            new("e1", "x", type, "s", DateTimeOffset.UnixEpoch, "acme", "salma", null, document.RootElement), CancellationToken.None);
        return trail;
    }
}
