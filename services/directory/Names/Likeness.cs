namespace Tarasol.Directories.Names;

/// <summary>How alike two names are, from 0 to 1: the telling words that they share, where a word that is one slip away counts nearly as much.</summary>
public static class Likeness
{
    private const double OneSlip = 0.85;
    private const int ShortestWithSlip = 4;

    public static double Of(string one, string other)
    {
        var (mine, theirs) = (NameKey.TellingWords(one), NameKey.TellingWords(other));
        if (mine.Count == 0 || theirs.Count == 0)
            return 0;
        if (NameKey.Fold(one) == NameKey.Fold(other))
            return 1;
        var left = theirs.ToList();
        // Equal words first, so that no word takes the place of its equal.
        double shared = mine.Count(left.Remove);
        foreach (var word in mine.Except(theirs))
        {
            if (left.FindIndex(each => IsOneSlip(word, each)) is >= 0 and var at)
            {
                left.RemoveAt(at);
                shared += OneSlip;
            }
        }
        return 2 * shared / (mine.Count + theirs.Count);
    }

    // One letter more, less or another, or two that changed places.
    private static bool IsOneSlip(string one, string other)
    {
        if (Math.Min(one.Length, other.Length) < ShortestWithSlip || Math.Abs(one.Length - other.Length) > 1)
            return false;
        var start = 0;
        while (start < one.Length && start < other.Length && one[start] == other[start])
            start++;
        var end = 0;
        while (end < one.Length - start && end < other.Length - start && one[^(end + 1)] == other[^(end + 1)])
            end++;
        var (mine, theirs) = (one[start..^end], other[start..^end]);
        return mine.Length <= 1 && theirs.Length <= 1 || mine.Length == 2 && theirs.Length == 2 && mine[0] == theirs[1] && mine[1] == theirs[0];
    }
}
