using Tarasol.Contracts.Identity;
using Tarasol.Messaging;

namespace Tarasol.Directories.Positions;

/// <summary>Whoever is disabled or removed holds nothing any more.</summary>
public sealed class PersonLeft(Vacancies vacancies) : IEventHandler<UserUpdated>, IEventHandler<UserRemoved>
{
    public Task HandleAsync(UserUpdated updated, EventEnvelope envelope, CancellationToken cancel) =>
        updated.Enabled ? Task.CompletedTask : vacancies.LeaveAsync(updated.UserName, DateOnly.FromDateTime(updated.UpdatedAt.UtcDateTime), envelope.Actor, cancel);

    public Task HandleAsync(UserRemoved removed, EventEnvelope envelope, CancellationToken cancel) =>
        vacancies.LeaveAsync(removed.UserName, DateOnly.FromDateTime(removed.RemovedAt.UtcDateTime), envelope.Actor, cancel);
}
