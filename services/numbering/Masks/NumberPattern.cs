using System.Text;

namespace Tarasol.Numbering.Masks;

/// <summary>
/// All the texts that a mask could ever write, as a chain of character classes, and a few more (any four digits for a year). Whether two of them have a text in common is
/// decided exactly, so that masks without one can never write the same number, whatever units, years and sequences come.
/// </summary>
public sealed class NumberPattern
{
    private readonly IReadOnlyList<Place> places;

    private NumberPattern(IReadOnlyList<Place> places) => this.places = places;

    /// <summary>The texts of a mask.</summary>
    /// <param name="mask">The mask.</param>
    /// <param name="direction">Of the series.</param>
    /// <param name="unit">Code of the only unit whose letters it numbers; null: there are several.</param>
    /// <param name="type">Code of its letter type; empty: none, and the mask does not show any.</param>
    public static NumberPattern Of(NumberMask mask, Direction direction, string? unit, string type)
    {
        var places = new List<Place>();
        foreach (var part in mask.Parts)
        {
            switch (part.Kind)
            {
                case NumberMask.PartKind.Literal:
                    Literal(part.Literal);
                    break;
                case NumberMask.PartKind.Direction:
                    Literal(NumberMask.Short(direction));
                    break;
                case NumberMask.PartKind.Type:
                    Literal(type);
                    break;
                case NumberMask.PartKind.Unit when unit is not null:
                    Literal(unit);
                    break;
                case NumberMask.PartKind.Unit:
                    places.Add(new(Kind.Code, 'A', Repeats: true));
                    break;
                case NumberMask.PartKind.Year:
                    Digits("2026");
                    break;
                case NumberMask.PartKind.Hijri:
                    Digits("1448");
                    break;
                default:
                    Digits("1".PadLeft(Math.Max(part.Width, 1), '0'));
                    places[^1] = places[^1] with { Repeats = true };
                    break;
            }
        }
        return new(places);

        void Literal(string text) => places.AddRange(text.Select(each => new Place(Kind.Literal, each)));

        void Digits(string example) => places.AddRange(example.Select(each => new Place(Kind.Digit, each)));
    }

    /// <summary>A shortest text that both could write; null: there is none.</summary>
    public static string? Common(NumberPattern first, NumberPattern second)
    {
        // Both are walked at once; a pair of places is looked at once.
        var seen = new Dictionary<(int, int), ((int, int) From, char Through)>();
        var open = new Queue<(int First, int Second)>();
        Reach((0, 0), (-1, -1), '\0');
        while (open.TryDequeue(out var at))
        {
            if (at == (first.places.Count, second.places.Count))
                return Text(seen, at);
            if (at.First == first.places.Count || at.Second == second.places.Count || Meet(first.places[at.First], second.places[at.Second]) is not { } through)
                continue;
            foreach (var stepFirst in first.places[at.First].Repeats ? (int[])[1, 0] : [1])
            {
                foreach (var stepSecond in second.places[at.Second].Repeats ? (int[])[1, 0] : [1])
                    Reach((at.First + stepFirst, at.Second + stepSecond), at, through);
            }
        }
        return null;

        void Reach((int, int) to, (int, int) from, char through)
        {
            if (seen.TryAdd(to, (from, through)))
                open.Enqueue(to);
        }
    }

    private static string Text(Dictionary<(int, int), ((int, int) From, char Through)> seen, (int, int) end)
    {
        var text = new StringBuilder();
        for (var at = end; seen[at] is var (from, through) && from != (-1, -1); at = from)
            text.Insert(0, through);
        return text.ToString();
    }

    // The narrower of two classes has the example, and of two alike the one that is written once.
    private static char? Meet(Place one, Place other)
    {
        var (narrow, wide) = (one.Kind, one.Repeats).CompareTo((other.Kind, other.Repeats)) <= 0 ? (one, other) : (other, one);
        return wide.Kind switch
        {
            Kind.Literal => narrow.Example == wide.Example ? narrow.Example : null,
            Kind.Digit => char.IsAsciiDigit(narrow.Example) ? narrow.Example : null,
            _ => IsCode(narrow.Example) ? narrow.Example : null,
        };
    }

    // What the codes of units are made of.
    private static bool IsCode(char character) => char.IsAsciiLetterOrDigit(character) || character is '-' or (>= '\u0600' and <= '\u06FF');

    private enum Kind
    {
        Literal,
        Digit,
        Code,
    }

    /// <param name="Kind">Which characters can stand here.</param>
    /// <param name="Example">One of them.</param>
    /// <param name="Repeats">Several of them, one after the other.</param>
    private sealed record Place(Kind Kind, char Example, bool Repeats = false);
}
