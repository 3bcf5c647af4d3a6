using System.Text.Json;

namespace Tarasol.Mesh.Demo;

/// <summary>A letter of the demo, what was done with it, and what the mesh says of it.</summary>
internal sealed class DemoLetter(SampleLetter sample, string id, DateTimeOffset sent)
{
    public const string Registered = "correspondence.letter-registered.v1";

    public SampleLetter Sample => sample;

    public string Id => id;

    /// <summary>When the request that registered it was sent.</summary>
    public DateTimeOffset Sent => sent;

    public string? Number { get; set; }

    public string Status { get; set; } = "";

    public int Decisions { get; set; }

    public IReadOnlyList<TimelineEntry> Timeline { get; set; } = [];

    public IReadOnlyList<AuditEntry> Audit { get; set; } = [];

    /// <summary>The kinds of its timeline entries, sorted: the decisions of its circuit in between are in order by their time.</summary>
    public IReadOnlyList<string> ExpectedTimeline => [.. Kinds().Order(StringComparer.Ordinal)];

    /// <summary>How often each event of this letter must be in the audit trail: exactly so often.</summary>
    public IReadOnlyDictionary<string, int> ExpectedEvents => new Dictionary<string, int>
    {
        [Registered] = 1,
        ["correspondence.letter-numbered.v1"] = sample.EndsNumbered ? 1 : 0,
        ["correspondence.letter-routed.v1"] = 1,
        ["correspondence.step-decided.v1"] = Decisions,
        ["correspondence.routing-completed.v1"] = 1,
    };

    private IEnumerable<string> Kinds()
    {
        yield return "registered";
        if (sample.EndsNumbered)
            yield return "numbered";
        yield return "routed";
        if (sample.Outcome != "returned")
            yield return "step-approved";
        yield return $"step-{sample.Outcome}";
        yield return "completed";
    }
}

internal sealed record TimelineEntry(string Kind, string Actor, DateTimeOffset At)
{
    public static TimelineEntry Read(JsonElement item) => new(
        item.GetProperty("kind").GetString()!, item.GetProperty("actor").GetString() ?? "", item.GetProperty("at").GetDateTimeOffset());
}

internal sealed record AuditEntry(string Type, DateTimeOffset ReceivedAt)
{
    public static AuditEntry Read(JsonElement item) => new(item.GetProperty("type").GetString()!, item.GetProperty("receivedAt").GetDateTimeOffset());
}
