using System.Globalization;
using System.Text;

namespace Tarasol.Directories.Names;

/// <summary>
/// Names as they are compared: however somebody writes alef, ya and ta marbuta, with or without tatweel, vowel signs, accents, capitals and full stops, it is the same name.
/// </summary>
public static class NameKey
{
    private const string Article = "ال";
    private const int ShortestWithArticle = 5;

    // Words that many names have: alone they tell nobody from another.
    private static readonly HashSet<string> Common =
    [
        "شركه", "موسسه", "وزاره", "هييه", "اداره", "مكتب", "جمعيه", "مركز", "المحدوده", "محدوده", "مساهمه", "وشركاه", "في", "من", "بن", "ابن",
        "the", "of", "and", "for", "company", "co", "corp", "corporation", "inc", "ltd", "limited", "llc", "plc", "ministry", "office", "department", "establishment", "est", "center", "centre", "dr", "mr", "mrs", "al", "el",
    ];

    /// <summary>The name in the form that is compared; the same for all spellings of it. Folding it again changes nothing.</summary>
    public static string Fold(string name)
    {
        var folded = new StringBuilder(name.Length);
        var parted = true;
        // Compatibility forms: ligatures and presentation forms become letters, letters with hamza or madda their letter and a mark.
        foreach (var rune in Sound(name).Normalize(NormalizationForm.FormKD).EnumerateRunes())
        {
            var category = Rune.GetUnicodeCategory(rune);
            if (category is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format || rune.Value == 'ـ')
                continue;
            // Full stops and apostrophes stand inside abbreviations and names: L.L.C., O'Hara.
            if (rune.Value is '.' or '\'' or '’' or 'ʼ' or 'ʿ' or 'ʾ' or '`' or 'ء')
                continue;
            if (Rune.IsLetter(rune))
                folded.Append(Letter(rune));
            else if (Rune.GetNumericValue(rune) is >= 0 and <= 9 and var digit && category == UnicodeCategory.DecimalDigitNumber)
                folded.Append((int)digit);
            else if (!parted)
                folded.Append(' ');
            else
                continue;
            parted = folded[^1] == ' ';
        }
        return folded.ToString().Trim();
    }

    /// <summary>The words of a name, without the Arabic article, each once.</summary>
    public static IReadOnlyList<string> Words(string name) => [.. Fold(name).Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(WithoutArticle).Distinct()];

    /// <summary>The words that tell the name from others; all of them where there are no such.</summary>
    public static IReadOnlyList<string> TellingWords(string name)
    {
        var words = Words(name);
        var telling = words.Where(word => !Common.Contains(word)).ToList();
        return telling.Count > 0 ? telling : words;
    }

    // Half of a surrogate pair is no character and cannot be decomposed.
    private static string Sound(string name) => string.Concat(name.EnumerateRunes().Select(rune => rune.ToString()));

    private static string Letter(Rune rune) => rune.Value switch
    {
        'ٱ' => "ا",
        'ى' or 'ی' or 'ې' => "ي",
        'ة' or 'ۀ' or 'ە' or 'ہ' => "ه",
        'ک' => "ك",
        'ß' or 'ẞ' => "ss",
        'æ' or 'Æ' => "ae",
        'œ' or 'Œ' => "oe",
        'ø' or 'Ø' => "o",
        'ł' or 'Ł' => "l",
        'đ' or 'Đ' or 'ð' or 'Ð' => "d",
        'þ' or 'Þ' => "th",
        'ı' or 'İ' => "i",
        _ => Rune.ToLowerInvariant(rune).ToString(),
    };

    private static string WithoutArticle(string word) => word.Length >= ShortestWithArticle && word.StartsWith(Article, StringComparison.Ordinal) ? word[Article.Length..] : word;
}
