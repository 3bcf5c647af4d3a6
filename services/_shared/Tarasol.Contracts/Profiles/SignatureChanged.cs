namespace Tarasol.Contracts.Profiles;

/// <summary>A person kept another image of their signature, or none any more. The image itself is told to nobody.</summary>
/// <param name="UserName">Who.</param>
/// <param name="Hash">SHA-256 of the image, hexadecimal; null: there is none.</param>
/// <param name="ChangedAt">When.</param>
public sealed record SignatureChanged(string UserName, string? Hash, DateTimeOffset ChangedAt) : IEvent
{
    /// <inheritdoc/>
    public static string Type => "profile.signature-changed.v1";

    string IEvent.Subject => UserName;
}
