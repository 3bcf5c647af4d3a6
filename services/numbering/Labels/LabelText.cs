using System.Globalization;
using System.Text;
using Tarasol.Numbering.Masks;
using Tarasol.Numbering.Numbers;

namespace Tarasol.Numbering.Labels;

/// <summary>What stands on a label.</summary>
/// <param name="Reference">The reference number.</param>
/// <param name="Gregorian">The day on which it was given.</param>
/// <param name="Hijri">The same day in the Umm al-Qura calendar.</param>
/// <param name="QrCode">Reference number, day and letter, a line each: for people who scan it and for programs.</param>
/// <param name="BarCode">The reference number where Code 128 can write it; else series, period and sequence, which name the same number.</param>
public sealed record LabelText(string Reference, string Gregorian, string Hijri, string QrCode, string BarCode)
{
    // More would not fit in the width of a label.
    private const int LongestBarCode = 32;
    private static readonly UmAlQuraCalendar Calendar = new();

    /// <param name="number">The letter's number.</param>
    /// <param name="day">As <c>yyyy-MM-dd</c>.</param>
    public static LabelText Of(Allocation number, string day)
    {
        var date = DateOnly.ParseExact(day, "yyyy-MM-dd", CultureInfo.InvariantCulture).ToDateTime(default);
        var hijri = string.Create(CultureInfo.InvariantCulture, $"{Calendar.GetYear(date):0000}-{Calendar.GetMonth(date):00}-{Calendar.GetDayOfMonth(date):00}");
        return new(
            number.ReferenceNumber, day, hijri, $"{number.ReferenceNumber}\n{day}\nurn:uuid:{number.LetterId}",
            number.ReferenceNumber.Length <= LongestBarCode && number.ReferenceNumber.All(each => each is >= ' ' and <= '~')
                ? number.ReferenceNumber
                : string.Create(CultureInfo.InvariantCulture, $"{number.Series}/{number.Period}/{number.Sequence}"));
    }

    /// <summary>
    /// The pieces of a text in the order in which they stand from left to right, each in one direction. The whole reads from right to left when its first letter is Arabic.
    /// Enough of the rules of bidirectional text for numbers and codes, which have no more than letters, digits and separators.
    /// </summary>
    public static IReadOnlyList<string> Runs(string text)
    {
        var runs = new List<string>();
        var run = new StringBuilder();
        var before = Side.Neutral;
        foreach (var side in Resolve(text).Zip(text))
        {
            if (run.Length > 0 && side.First != before)
                Flush();
            run.Append(side.Second);
            before = side.First;
        }
        Flush();
        if (text.FirstOrDefault(char.IsLetter) is var first && IsArabic(first))
            runs.Reverse();
        return runs;

        void Flush()
        {
            if (run.Length > 0)
                runs.Add(run.ToString());
            run.Clear();
        }
    }

    private enum Side
    {
        Neutral,
        Left,
        Right,
    }

    // A separator between two of the same side is of that side; between two sides it stands alone.
    private static Side[] Resolve(string text)
    {
        var sides = text.Select(each => IsArabic(each) ? Side.Right : char.IsLetterOrDigit(each) ? Side.Left : Side.Neutral).ToArray();
        for (var at = 0; at < sides.Length; at++)
        {
            if (sides[at] != Side.Neutral)
                continue;
            var end = at;
            while (end < sides.Length && sides[end] == Side.Neutral)
                end++;
            var (left, right) = (at > 0 ? sides[at - 1] : Side.Neutral, end < sides.Length ? sides[end] : Side.Neutral);
            if (left == right || left == Side.Neutral || right == Side.Neutral)
                Array.Fill(sides, left == Side.Neutral ? right : left, at, end - at);
            at = end;
        }
        return sides;
    }

    private static bool IsArabic(char character) => character is >= '\u0600' and <= '\u06FF' && !char.IsDigit(character);
}
