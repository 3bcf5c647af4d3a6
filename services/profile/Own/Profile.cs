namespace Tarasol.Profiles.Own;

/// <summary>What a person has chosen; what is null was not chosen and follows the tenant.</summary>
public sealed class Profile
{
    public required string UserName { get; init; }

    public Language? Language { get; set; }

    public Calendar? Calendar { get; set; }

    /// <summary>IANA name.</summary>
    public string? TimeZone { get; set; }

    /// <summary>For kinds of events about which the person has chosen; all others go every way that the tenant has.</summary>
    public IReadOnlyList<NotificationChoice> Notifications { get; set; } = [];

    /// <summary>SHA-256 of the signature image, hexadecimal; null: there is none. It is also the last part of the image's key in the state store.</summary>
    public string? SignatureHash { get; set; }

    public DateTimeOffset? SignatureAt { get; set; }

    public DateTimeOffset ChangedAt { get; set; }

    /// <summary>Row version.</summary>
    public int Version { get; set; }
}

/// <summary>How a person wants to hear of a kind of event.</summary>
/// <param name="Event">The event's type without its version, such as <c>task.task-opened</c>.</param>
/// <param name="Channels">Empty: not at all.</param>
public sealed record NotificationChoice(string Event, IReadOnlyList<Channel> Channels);

public enum Channel
{
    /// <summary>In the notification centre.</summary>
    Centre,
    Email,
    Sms,
    Push,
}

public enum Language
{
    Ar,
    En,
}

public enum Calendar
{
    Gregorian,
    Hijri,
}
