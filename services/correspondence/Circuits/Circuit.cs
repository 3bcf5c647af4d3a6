using System.Text.Json;
using Tarasol.Messaging;

namespace Tarasol.Correspondence.Circuits;

/// <summary>A version of a circuit's template. A letter keeps the version that it was sent by.</summary>
public sealed class Circuit
{
    public Guid Id { get; init; }

    /// <summary>The name that letters are sent by; all versions of a circuit have it.</summary>
    public required string Code { get; init; }

    /// <summary>From 1.</summary>
    public int Version { get; init; }

    public CircuitState State { get; set; }

    public required string NameAr { get; set; }

    public required string NameEn { get; set; }

    /// <summary>The steps as JSON.</summary>
    public required string Definition { get; set; }

    public required string DraftedBy { get; init; }

    public DateTimeOffset DraftedAt { get; init; }

    public string? PublishedBy { get; set; }

    public DateTimeOffset? PublishedAt { get; set; }

    /// <summary>Row version.</summary>
    public int Revision { get; set; }

    public IReadOnlyList<CircuitStep> Steps() => Read(Definition);

    public static string Write(IReadOnlyList<CircuitStep> steps) => JsonSerializer.Serialize(steps, EventJson.Options);

    public static IReadOnlyList<CircuitStep> Read(string definition) => JsonSerializer.Deserialize<List<CircuitStep>>(definition, EventJson.Options)!;
}

public enum CircuitState
{
    /// <summary>Can be changed; no letter is sent by it.</summary>
    Draft,

    /// <summary>Letters are sent by it. It never changes again.</summary>
    Published,

    /// <summary>No further letter is sent by it.</summary>
    Retired,
}
