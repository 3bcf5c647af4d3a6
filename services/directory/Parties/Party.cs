using Tarasol.Directories.Names;

namespace Tarasol.Directories.Parties;

/// <summary>Somebody outside with whom letters are exchanged.</summary>
public sealed class Party
{
    public Guid Id { get; init; }

    public PartyKind Kind { get; set; }

    /// <summary>One of the names at least is there.</summary>
    public string? NameAr { get; set; }

    public string? NameEn { get; set; }

    public string? Email { get; set; }

    public string? Phone { get; set; }

    /// <summary>Set: this was found to be the same as another one, in which it is kept.</summary>
    public Guid? MergedInto { get; set; }

    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>Row version.</summary>
    public int Version { get; set; }

    public List<PartyDetail> Details { get; init; } = [];

    /// <summary>Everything that it is called.</summary>
    public IEnumerable<string> Names() => new[] { NameAr, NameEn }.OfType<string>().Concat(Details.Where(detail => detail.Kind == DetailKind.Alias).Select(detail => detail.Text)).Distinct();

    /// <summary>The words under which it is found.</summary>
    public IReadOnlySet<string> SearchWords() => Names().SelectMany(NameKey.Words).Select(PartyWord.Of).ToHashSet();
}

public enum PartyKind
{
    Organisation,
    Government,
    Company,
    Person,
}

/// <summary>One of several things of a kind that are known of a party.</summary>
public sealed class PartyDetail
{
    public Guid Id { get; init; }

    public Guid PartyId { get; init; }

    public DetailKind Kind { get; init; }

    /// <summary>Of an identifier: which register, such as <c>cr</c> or <c>vat</c>.</summary>
    public string? Scheme { get; init; }

    public required string Text { get; init; }

    /// <summary>The form that is compared with others.</summary>
    public required string Compared { get; init; }

    /// <summary>The merge that brought it here; undoing that takes it away again. Null: it was said of this party.</summary>
    public Guid? MergeId { get; init; }
}

public enum DetailKind
{
    Alias,
    Identifier,
    Address,
}

/// <summary>A word of a party's names.</summary>
public sealed class PartyWord
{
    /// <summary>Longer words are cut.</summary>
    public const int Longest = 60;

    public required string Word { get; init; }

    public Guid PartyId { get; init; }

    public static string Of(string word) => word.Length > Longest ? word[..Longest] : word;
}

/// <summary>Two parties were found to be one. It can be undone.</summary>
public sealed class PartyMerge
{
    public Guid Id { get; init; }

    public Guid KeptId { get; init; }

    public Guid MergedId { get; init; }

    public string? Reason { get; init; }

    public required string MergedBy { get; init; }

    public DateTimeOffset MergedAt { get; init; }

    public string? UndoneBy { get; set; }

    public DateTimeOffset? UndoneAt { get; set; }
}
