namespace Tarasol.Contracts.Identity;

/// <summary>A person's account was removed. Its name is not given to anybody else.</summary>
public sealed record UserRemoved(Guid UserId, string UserName, DateTimeOffset RemovedAt) : IEvent
{
    /// <inheritdoc/>
    public static string Type => "identity.user-removed.v1";

    string IEvent.Subject => UserId.ToString();
}
