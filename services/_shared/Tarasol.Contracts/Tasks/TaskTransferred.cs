namespace Tarasol.Contracts.Tasks;

/// <summary>A work item that was offered to a unit is another unit's now, or waits for somebody of it again.</summary>
/// <param name="TaskId">The work item.</param>
/// <param name="LetterId">Its letter.</param>
/// <param name="RoutingId">The letter's way.</param>
/// <param name="Step">Of that way.</param>
/// <param name="From">User name of who had taken it and does not have it any more; null: nobody had, or they still have it.</param>
/// <param name="FromUnitId">Whose it was.</param>
/// <param name="ToUnitId">Whose it is.</param>
/// <param name="TransferredBy">User name, or the service that did it.</param>
/// <param name="Reason">unit-closed or person-left.</param>
/// <param name="TransferredAt">When.</param>
public sealed record TaskTransferred(Guid TaskId, Guid LetterId, Guid RoutingId, int Step, string? From, Guid FromUnitId, Guid ToUnitId, string TransferredBy, string Reason,
    DateTimeOffset TransferredAt) : IEvent
{
    /// <inheritdoc/>
    public static string Type => "task.task-transferred.v1";

    string IEvent.Subject => TaskId.ToString();
}
