using System.Reflection;
using System.Text.Json;
using Tarasol.Contracts;
using Tarasol.Messaging;

namespace Tarasol.Tests.Contracts;

/// <summary>The JSON of published events is a promise to integrators: these files show it, and nothing may change them but a new version of an event.</summary>
public class GoldenTests
{
    private static readonly JsonSerializerOptions Readable = new(EventJson.Options) { WriteIndented = true, NewLine = "\n" };
    private static readonly Assembly Here = typeof(GoldenTests).Assembly;

    public static TheoryData<string> Types => [.. EventTypes.All.Keys.Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Types))]
    public void An_event_is_written_as_its_golden_file_says(string type)
    {
        var written = Write(Sample(type));
        var golden = Golden(type);
        Assert.True(golden is not null, $"tests/contracts/golden/{type}.json is missing. For the sample in Samples.cs it is:\n{written}");
        Assert.Equal(golden.TrimEnd(), written);
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void A_golden_file_can_be_read_back_without_losing_anything(string type)
    {
        var golden = Golden(type);
        Assert.NotNull(golden);
        var read = JsonSerializer.Deserialize(golden, EventTypes.All[type], EventJson.Options)!;
        Assert.Equal(golden.TrimEnd(), Write(read));
        Assert.Equal(((IEvent)Sample(type)).Subject, ((IEvent)read).Subject);
    }

    [Fact]
    public void Every_golden_file_has_its_record()
    {
        var files = Here.GetManifestResourceNames().Where(name => name.EndsWith(".json", StringComparison.Ordinal)).Select(name => name[..^5]);
        Assert.Empty(files.Except(EventTypes.All.Keys));
    }

    [Fact]
    public void Readers_ignore_fields_that_a_later_publisher_adds()
    {
        foreach (var (type, record) in EventTypes.All)
        {
            var later = Write(Sample(type)).Insert(1, "\"addedLater\": {\"a\": [1]},");
            Assert.NotNull(JsonSerializer.Deserialize(later, record, EventJson.Options));
        }
    }

    private static object Sample(string type) =>
        Samples.All.SingleOrDefault(sample => sample.GetType() == EventTypes.All[type]) ?? throw new InvalidOperationException($"Samples.cs has not one sample of {EventTypes.All[type].Name}.");

    private static string Write(object sample) => JsonSerializer.Serialize(sample, sample.GetType(), Readable);

    private static string? Golden(string type)
    {
        using var stream = Here.GetManifestResourceStream($"{type}.json");
        if (stream is null)
            return null;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
