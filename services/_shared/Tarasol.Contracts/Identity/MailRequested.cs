namespace Tarasol.Contracts.Identity;

/// <summary>A mail with a one-time token is to be sent to a person.</summary>
/// <param name="UserId">The person.</param>
/// <param name="UserName">The name that the person signs in with.</param>
/// <param name="DisplayNameAr">The person's name in Arabic.</param>
/// <param name="DisplayNameEn">The person's name in English.</param>
/// <param name="Email">Where to.</param>
/// <param name="Kind">confirm-email or reset-password.</param>
/// <param name="Token">What the person gives back; whoever reads it can act as the person, so nothing may keep it.</param>
/// <param name="ExpiresAt">When it is worth nothing any more.</param>
public sealed record MailRequested(Guid UserId, string UserName, string DisplayNameAr, string DisplayNameEn, string Email, string Kind, string Token, DateTimeOffset ExpiresAt) : IEvent
{
    /// <inheritdoc/>
    public static string Type => "identity.mail-requested.v1";

    /// <inheritdoc/>
    public static IReadOnlyList<string> SecretFields => ["token"];

    string IEvent.Subject => UserId.ToString();
}
