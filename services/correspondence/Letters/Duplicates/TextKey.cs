using System.Globalization;
using System.Text;

namespace Tarasol.Correspondence.Letters.Duplicates;

/// <summary>
/// A text as it is compared: spellings that people do not tell apart are the same. Lower case, without tatweel, diacritics and punctuation; one alef, ya, ha and kaf for all their forms;
/// digits of every script as 0 to 9; words with one space between.
/// </summary>
public static class TextKey
{
    public static string Of(string text)
    {
        var key = new StringBuilder(text.Length);
        foreach (var rune in text.Normalize(NormalizationForm.FormKC).EnumerateRunes())
        {
            switch (Rune.GetUnicodeCategory(rune))
            {
                case UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format:
                case UnicodeCategory.ModifierLetter when rune.Value == 'ـ':
                    break;
                case UnicodeCategory.DecimalDigitNumber:
                    key.Append(((int)Rune.GetNumericValue(rune)).ToString(CultureInfo.InvariantCulture));
                    break;
                case UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter or UnicodeCategory.OtherLetter or UnicodeCategory.ModifierLetter
                    or UnicodeCategory.OtherNumber or UnicodeCategory.LetterNumber:
                    key.Append(rune.Value switch
                    {
                        'أ' or 'إ' or 'آ' or 'ٱ' => "ا",
                        'ى' or 'ی' => "ي",
                        'ة' => "ه",
                        'ک' => "ك",
                        _ => Rune.ToLowerInvariant(rune).ToString(),
                    });
                    break;
                default:
                    if (key.Length > 0 && key[^1] != ' ')
                        key.Append(' ');
                    break;
            }
        }
        return key.ToString().TrimEnd();
    }

    /// <summary>The same within a length; a column has to hold it.</summary>
    public static string Of(string text, int longest)
    {
        var key = Of(text);
        return key.Length <= longest ? key : key[..longest];
    }

    /// <summary>From 0, nothing in common, to 1, the same: pairs of neighbouring characters that both keys have (Sørensen-Dice). Keys with different numbers in them are of different things.</summary>
    public static double Likeness(string one, string other)
    {
        if (one == other)
            return 1;
        if (!Numbers(one).SetEquals(Numbers(other)))
            return 0;
        var (pairs, others) = (Pairs(one), Pairs(other));
        var all = pairs.Count + others.Count;
        if (all == 0)
            return 0;
        var left = others.GroupBy(pair => pair).ToDictionary(group => group.Key, group => group.Count());
        var common = 0;
        foreach (var pair in pairs)
        {
            if (left.GetValueOrDefault(pair) is > 0 and var count)
            {
                left[pair] = count - 1;
                common++;
            }
        }
        return 2.0 * common / all;
    }

    private static HashSet<string> Numbers(string key) => [.. key.Split(' ').Where(word => word.Any(char.IsAsciiDigit))];

    private static List<(char, char)> Pairs(string key) => [.. key.Zip(key.Skip(1))];
}
