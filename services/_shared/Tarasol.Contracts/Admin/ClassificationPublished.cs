namespace Tarasol.Contracts.Admin;

/// <summary>
/// A version of the classification system holds from now on.
/// Version: From 1; whoever keeps the newest one ignores an older one that comes late.
/// Classes: All of them; a class comes after the one above it.
/// </summary>
public sealed record ClassificationPublished(Guid ClassificationId, int Version, IReadOnlyList<ClassificationClass> Classes, DateTimeOffset PublishedAt) : IEvent
{
    /// <inheritdoc/>
    public static string Type => "admin.classification-published.v1";

    string IEvent.Subject => ClassificationId.ToString();
}

/// <summary>
/// A class of the classification system.
/// ClassId: Its code.
/// ParentId: Code of the class above it; null at the top.
/// Closed: Nothing new is classified by it.
/// </summary>
public sealed record ClassificationClass(string ClassId, string TitleAr, string TitleEn, string? ParentId, bool Closed);
