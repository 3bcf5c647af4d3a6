using Dapr.Actors;
using Dapr.Actors.Runtime;

namespace Tarasol.Numbering.Numbers;

/// <summary>One series of one tenant: calls wait for each other here instead of colliding in the database, which alone holds the truth.</summary>
public interface ISeriesActor : IActor
{
    /// <summary>The letter's number in this series.</summary>
    Task<AllocationAnswer> AllocateAsync(AllocationRequest request);
}

/// <param name="LetterId">Asked again for the same letter, the answer is the same.</param>
/// <param name="UnitCode">Fills {unit}.</param>
/// <param name="Date">Its year is the period.</param>
/// <param name="Actor">User name of the person who causes it; null: none.</param>
public sealed record AllocationRequest(Guid LetterId, string UnitCode, DateOnly Date, string? Actor = null);

/// <param name="ReferenceNumber">The number given, or the one that could not be given.</param>
/// <param name="Series">The series that the number belongs to.</param>
/// <param name="Period">Year of the calendar with which the series begins again.</param>
/// <param name="Sequence">Place in series and period.</param>
/// <param name="TakenBySeries">Not null: nothing was given, since this other series already gave a number that looks the same.</param>
/// <param name="Closed">True: nothing was given, since the series was closed meanwhile.</param>
public sealed record AllocationAnswer(string ReferenceNumber, string Series, string Period, long Sequence, string? TakenBySeries = null, bool Closed = false);

internal sealed class SeriesActor(ActorHost host, Allocator allocator) : Actor(host), ISeriesActor
{
    private readonly SeriesActorId id = SeriesActorId.Parse(host.Id);

    public Task<AllocationAnswer> AllocateAsync(AllocationRequest request) => allocator.AllocateAsync(id.Tenant, id.Series, request, CancellationToken.None);
}
