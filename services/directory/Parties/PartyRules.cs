using Tarasol.Directories.Names;

namespace Tarasol.Directories.Parties;

/// <summary>When two parties are likely the same, and what becomes of them when somebody says that they are.</summary>
public static class PartyRules
{
    /// <summary>From here on a likeness is told.</summary>
    public const double Likely = 0.75;

    // Numbers of the same register that differ: two parties, whatever their names.
    private const double Different = 0.3;

    /// <summary>How likely two parties are the same, and by what.</summary>
    public sealed record Match(double Score, IReadOnlyList<MatchReason> Because);

    public enum MatchReason
    {
        Identifier,
        Email,
        Name,
        AlikeName,
    }

    public static Match Compare(Party one, Party other)
    {
        var because = new List<MatchReason>();
        var (mine, theirs) = (Identifiers(one), Identifiers(other));
        var shared = mine.Intersect(theirs).Any();
        var contradict = !shared && mine.Select(each => each.Scheme).Intersect(theirs.Select(each => each.Scheme)).Any();
        if (shared)
            because.Add(MatchReason.Identifier);
        var email = one.Email is { } address && string.Equals(address, other.Email, StringComparison.OrdinalIgnoreCase);
        if (email)
            because.Add(MatchReason.Email);
        var likeness = one.Names().SelectMany(_ => other.Names(), Likeness.Of).DefaultIfEmpty(0).Max();
        if (likeness >= Likely)
            because.Add(likeness >= 1 ? MatchReason.Name : MatchReason.AlikeName);
        var score = shared ? 1 : Math.Max(email ? 0.9 : 0, likeness);
        return new(Math.Round(contradict ? Math.Min(score, Different) : score, 3), because);
    }

    /// <summary>Keeps one in the other: what it is called and known by is found there, marked with the merge that brought it.</summary>
    public static IEnumerable<PartyDetail> Merge(Party kept, Party merged, Guid merge, Func<Guid> newId)
    {
        merged.MergedInto = kept.Id;
        foreach (var name in new[] { merged.NameAr, merged.NameEn }.OfType<string>())
            yield return new() { Id = newId(), PartyId = kept.Id, Kind = DetailKind.Alias, Text = name, Compared = NameKey.Fold(name), MergeId = merge };
        foreach (var detail in merged.Details)
            yield return new() { Id = newId(), PartyId = kept.Id, Kind = detail.Kind, Scheme = detail.Scheme, Text = detail.Text, Compared = detail.Compared, MergeId = merge };
    }

    /// <summary>Makes them two again: what the merge brought is to be taken away; what was said since of either stays.</summary>
    public static IReadOnlyList<PartyDetail> Undo(Party kept, Party merged, Guid merge)
    {
        merged.MergedInto = null;
        return [.. kept.Details.Where(detail => detail.MergeId == merge)];
    }

    /// <summary>The form of an identifier that is compared: letters and digits only.</summary>
    public static string IdentifierKey(string value) => NameKey.Fold(value).Replace(" ", "", StringComparison.Ordinal);

    private static HashSet<(string?, string)> IdentifiersOf(Party party) =>
        [.. party.Details.Where(detail => detail.Kind == DetailKind.Identifier).Select(detail => (detail.Scheme, detail.Compared))];

    private static List<(string? Scheme, string Compared)> Identifiers(Party party) => [.. IdentifiersOf(party)];
}
