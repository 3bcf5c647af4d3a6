namespace Tarasol.Contracts.Identity;

/// <summary>A one-time token goes to a person by mail: what <see cref="MailRequested"/> is for everybody but the mail worker, without the token.</summary>
/// <param name="UserId">The person.</param>
/// <param name="UserName">The name that the person signs in with.</param>
/// <param name="Email">Where to.</param>
/// <param name="Kind">confirm-email or reset-password.</param>
/// <param name="ExpiresAt">When the token is worth nothing any more.</param>
public sealed record TokenMailed(Guid UserId, string UserName, string Email, string Kind, DateTimeOffset ExpiresAt) : IEvent
{
    /// <inheritdoc/>
    public static string Type => "identity.token-mailed.v1";

    string IEvent.Subject => UserId.ToString();
}
