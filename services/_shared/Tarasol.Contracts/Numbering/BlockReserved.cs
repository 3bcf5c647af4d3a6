namespace Tarasol.Contracts.Numbering;

/// <summary>The next numbers of a series are kept for use elsewhere, such as a register on paper.</summary>
/// <param name="BlockId">The block.</param>
/// <param name="Series">The series.</param>
/// <param name="Period">The year in which the sequence runs.</param>
/// <param name="First">The first number.</param>
/// <param name="Last">The last one.</param>
/// <param name="FirstNumber">How the first looks.</param>
/// <param name="LastNumber">How the last looks.</param>
/// <param name="Purpose">What for.</param>
/// <param name="ReservedAt">When.</param>
public sealed record BlockReserved(
    Guid BlockId, string Series, string Period, long First, long Last, string FirstNumber, string LastNumber, string Purpose, DateTimeOffset ReservedAt) : IEvent
{
    /// <inheritdoc/>
    public static string Type => "numbering.block-reserved.v1";

    string IEvent.Subject => BlockId.ToString();
}
