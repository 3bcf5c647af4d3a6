namespace Tarasol.Contracts.Profiles;

/// <summary>A person chose how they want to be addressed.</summary>
/// <param name="UserName">Who.</param>
/// <param name="Language">ar or en.</param>
/// <param name="Calendar">gregorian or hijri.</param>
/// <param name="TimeZone">IANA name.</param>
/// <param name="ChangedAt">When.</param>
public sealed record ProfileChanged(string UserName, string Language, string Calendar, string TimeZone, DateTimeOffset ChangedAt) : IEvent
{
    /// <inheritdoc/>
    public static string Type => "profile.profile-changed.v1";

    string IEvent.Subject => UserName;
}
