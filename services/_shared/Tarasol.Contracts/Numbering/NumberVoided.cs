namespace Tarasol.Contracts.Numbering;

/// <summary>A number, or several in a row, became void: it is not given again and stays in the register.</summary>
/// <param name="Series">The series.</param>
/// <param name="Period">The year in which the sequence runs.</param>
/// <param name="First">The number.</param>
/// <param name="Last">The last of several; else the same.</param>
/// <param name="ReferenceNumber">How the first of them looks.</param>
/// <param name="LetterId">The letter that had it; null: none.</param>
/// <param name="BlockId">The block that it was left of; null: it had been given.</param>
/// <param name="Reason">Why.</param>
/// <param name="VoidedAt">When.</param>
public sealed record NumberVoided(
    string Series, string Period, long First, long Last, string ReferenceNumber, Guid? LetterId, Guid? BlockId, string Reason, DateTimeOffset VoidedAt) : IEvent
{
    /// <inheritdoc/>
    public static string Type => "numbering.number-voided.v1";

    string IEvent.Subject => $"{Series}/{Period}/{First}";
}
