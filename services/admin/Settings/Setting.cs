using Tarasol.Messaging;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.ServiceDefaults.Requests;

namespace Tarasol.Administration.Settings;

/// <summary>One thing that a tenant configures. It is drafted, and holds only once it is published, as a version that never changes any more.</summary>
public sealed class Setting
{
    public Guid Id { get; init; }

    public SettingKind Kind { get; init; }

    /// <summary>Unique among its kind: code of a letter type, unit code of a calendar; empty where there is only one.</summary>
    public required string Key { get; init; }

    /// <summary>Content as JSON; null when nothing waits for its publication.</summary>
    public string? Draft { get; set; }

    /// <summary>Number of the newest published version; 0 before the first.</summary>
    public int Published { get; set; }

    public DateTimeOffset ChangedAt { get; set; }

    public int RowVersion { get; set; }
}

/// <summary>A published version of a setting.</summary>
public sealed class SettingVersion
{
    public Guid SettingId { get; init; }

    /// <summary>From 1, without gaps.</summary>
    public int Number { get; init; }

    /// <summary>As JSON.</summary>
    public required string Content { get; init; }

    /// <summary>User name.</summary>
    public required string PublishedBy { get; init; }

    public DateTimeOffset PublishedAt { get; init; }
}

public enum SettingKind
{
    LetterType,
    Calendar,
    Classification,
    GradeNames,
    DeadlinePolicy,
}

/// <summary>What a kind of setting says. A request body, and what is kept as JSON.</summary>
/// <typeparam name="TSelf">The record itself.</typeparam>
public interface ISettingContent<TSelf> : IValidated where TSelf : class, ISettingContent<TSelf>
{
    static abstract SettingKind Kind { get; }

    /// <summary>Adds what is wrong, with paths that begin with the prefix.</summary>
    void Check(Errors errors, string prefix);

    /// <summary>Tells everybody that a version holds from now on.</summary>
    void Announce(IOutbox outbox, Setting setting, DateTimeOffset at);

    void IValidated.Validate(Errors errors) => Check(errors, "");
}
