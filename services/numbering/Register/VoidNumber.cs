namespace Tarasol.Numbering.Register;

/// <summary>A number that was given and does not count. It stays in the register and is never given again.</summary>
public sealed class VoidNumber
{
    public required string ReferenceNumber { get; init; }

    public required string Series { get; init; }

    public required string Period { get; init; }

    public long Sequence { get; init; }

    public required string Reason { get; init; }

    /// <summary>User name.</summary>
    public required string VoidedBy { get; init; }

    public DateTimeOffset VoidedAt { get; init; }
}
