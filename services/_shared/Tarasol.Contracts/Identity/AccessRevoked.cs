namespace Tarasol.Contracts.Identity;

/// <summary>Access tokens that were given out are worth nothing any more: every service and the gateway refuse them until they have expired by themselves.</summary>
/// <param name="UserId">Whose.</param>
/// <param name="SessionId">The tokens of this session only (claim <c>sid</c>); null: all of the person's that are older than <paramref name="FromVersion"/>.</param>
/// <param name="FromVersion">The first version that is good again (claim <c>ver</c>).</param>
/// <param name="Reason">disabled, removed, rights-changed, password-changed, session-ended or token-reused.</param>
/// <param name="RevokedAt">When it was decided.</param>
/// <param name="Until">When the last of these tokens has expired.</param>
public sealed record AccessRevoked(Guid UserId, Guid? SessionId, int FromVersion, string Reason, DateTimeOffset RevokedAt, DateTimeOffset Until) : IEvent
{
    /// <inheritdoc/>
    public static string Type => "identity.access-revoked.v1";

    string IEvent.Subject => UserId.ToString();
}
