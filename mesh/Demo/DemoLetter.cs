using System.Collections.Concurrent;
using System.Text.Json;

namespace Tarasol.Mesh.Demo;

/// <summary>A letter of the demo, what was done with it, and what the mesh says of it.</summary>
internal sealed class DemoLetter(SampleLetter sample, Account author, string id, DateTimeOffset sent)
{
    public const string Registered = "correspondence.letter-registered.v1";
    private readonly ConcurrentQueue<(string? Kind, string? Event)> acts = new();
    private int awaited;

    public SampleLetter Sample => sample;

    /// <summary>Who registered it.</summary>
    public Account Author => author;

    public string Id => id;

    /// <summary>When the request that registered it was sent.</summary>
    public DateTimeOffset Sent => sent;

    public string? Number { get; set; }

    public string Status { get; set; } = "";

    /// <summary>Ids of letters that the registration said may be the same.</summary>
    public IReadOnlyList<string> LikelyDuplicates { get; init; } = [];

    /// <summary>It goes through the published circuit, not by approvers who are named one by one.</summary>
    public bool ByCircuit { get; set; }

    /// <summary>It was returned and made better since.</summary>
    public bool IsCorrected { get; set; }

    /// <summary>Referrals of it that are to be dealt with.</summary>
    public List<DemoReferral> Referrals { get; } = [];

    /// <summary>Decisions that are still to come on its way.</summary>
    public int Awaited
    {
        get => Volatile.Read(ref awaited);
        set => Volatile.Write(ref awaited, value);
    }

    public IReadOnlyList<TimelineEntry> Timeline { get; set; } = [];

    public IReadOnlyList<AuditEntry> Audit { get; set; } = [];

    /// <summary>The kinds of its timeline entries, sorted: acts at the same time come in any order.</summary>
    public IReadOnlyList<string> ExpectedTimeline => [.. acts.Select(act => act.Kind).OfType<string>().Order(StringComparer.Ordinal)];

    /// <summary>The events of this letter that must be in the audit trail, each exactly so often, sorted. What its tasks went through is not among them.</summary>
    public IReadOnlyList<string> ExpectedEvents => [.. acts.Select(act => act.Event).OfType<string>().Order(StringComparer.Ordinal)];

    /// <summary>How many decisions were taken about it.</summary>
    public int Decisions => acts.Count(act => act.Kind?.StartsWith("step-", StringComparison.Ordinal) is true);

    /// <summary>Something happened to it that its timeline, the audit trail or both must tell.</summary>
    public void Did(string? kind, string? @event) => acts.Enqueue((kind, @event));

    /// <summary>One of the awaited decisions was taken. True: it was the last one.</summary>
    public bool Decided(bool endsAll) => endsAll ? Interlocked.Exchange(ref awaited, 0) > 0 : Interlocked.Decrement(ref awaited) == 0;
}

/// <summary>A letter that was passed on to somebody.</summary>
/// <param name="Answer">What the receiver answers; null: it is left for another day.</param>
internal sealed record DemoReferral(string Id, Account Receiver, string? Answer)
{
    public bool IsAccepted { get; set; }
}

internal sealed record TimelineEntry(string Kind, string Actor, DateTimeOffset At, string? OnBehalfOf, string? Target)
{
    public static TimelineEntry Read(JsonElement item) => new(
        item.GetProperty("kind").GetString()!, item.GetProperty("actor").GetString() ?? "", item.GetProperty("at").GetDateTimeOffset(), item.Text("onBehalfOf"), item.Text("target"));
}

internal sealed record AuditEntry(long Sequence, string Type, string? LetterId, DateTimeOffset ReceivedAt)
{
    public static AuditEntry Read(JsonElement item) => new(
        item.GetProperty("sequence").GetInt64(), item.GetProperty("type").GetString()!, item.Text("letterId"), item.GetProperty("receivedAt").GetDateTimeOffset());
}
