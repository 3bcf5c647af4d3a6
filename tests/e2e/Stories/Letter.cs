namespace Tarasol.Tests.E2e.Stories;

/// <summary>A letter as somebody writes it down, with what letters mostly are where a story does not say otherwise.</summary>
internal sealed record Paper(string Direction, string Subject)
{
    public string Language { get; init; } = "ar";

    public string Urgency { get; init; } = "normal";

    public string Confidentiality { get; init; } = "normal";

    public Named Sender { get; init; } = new("مركز الإحصاء");

    public IReadOnlyList<string> Recipients { get; init; } = ["المدير العام"];

    public string DocumentDate { get; init; } = "2026-11-01";

    public string? SenderReference { get; init; }

    public string? LetterType { get; init; }

    public IReadOnlyDictionary<string, object>? Fields { get; init; }

    public IReadOnlyList<Link>? Links { get; init; }

    /// <summary>The unit of whoever registers it, unless another is named.</summary>
    public string? OwnerUnitId { get; init; }

    public sealed record Named(string Name);

    public sealed record Link(string Kind, string LetterId);
}

/// <summary>A letter that was registered.</summary>
/// <param name="Id">Of the letter.</param>
/// <param name="Number">The reference number that it got at registration.</param>
/// <param name="Duplicates">Letters that may be the same, as the registry was told: the id of the letter and what is alike.</param>
internal sealed record Letter(string Id, string? Number, IReadOnlyList<(string LetterId, string Reason)> Duplicates)
{
    public override string ToString() => Id;
}
