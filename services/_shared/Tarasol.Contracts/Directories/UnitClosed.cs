namespace Tarasol.Contracts.Directories;

/// <summary>A unit ended; another one goes on with its work.</summary>
/// <param name="UnitId">The unit.</param>
/// <param name="Code">Its code; it is not given again.</param>
/// <param name="SuccessorId">The unit that goes on with its work.</param>
/// <param name="SuccessorCode">That one's code.</param>
/// <param name="ClosedOn">The first day without it.</param>
/// <param name="Reason">In the words of the person who closed it.</param>
/// <param name="ClosedAt">When it was decided.</param>
public sealed record UnitClosed(Guid UnitId, string Code, Guid SuccessorId, string SuccessorCode, DateOnly ClosedOn, string Reason, DateTimeOffset ClosedAt) : IEvent
{
    /// <inheritdoc/>
    public static string Type => "directory.unit-closed.v1";

    string IEvent.Subject => UnitId.ToString();
}
