namespace Tarasol.Contracts.Numbering;

/// <summary>A number of a series was given to a letter, for good.</summary>
public sealed record NumberAllocated(Guid LetterId, string Series, string Period, long Sequence, string ReferenceNumber, DateTimeOffset AllocatedAt) : IEvent
{
    /// <inheritdoc/>
    public static string Type => "numbering.number-allocated.v1";

    string IEvent.Subject => LetterId.ToString();
}
