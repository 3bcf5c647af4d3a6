namespace Tarasol.Contracts.Admin;

/// <summary>
/// The tenant calls the grades of urgency and confidentiality by other names from now on. The grades themselves never change.
/// Version: From 1; whoever keeps the newest one ignores an older one that comes late.
/// </summary>
public sealed record GradeNamesPublished(Guid GradeNamesId, int Version, IReadOnlyList<GradeName> Urgency, IReadOnlyList<GradeName> Confidentiality, DateTimeOffset PublishedAt) : IEvent
{
    /// <inheritdoc/>
    public static string Type => "admin.grade-names-published.v1";

    string IEvent.Subject => GradeNamesId.ToString();
}

/// <summary>
/// What people read.
/// Grade: As requests spell it, for example <c>very-urgent</c>.
/// </summary>
public sealed record GradeName(string Grade, string NameAr, string NameEn);
