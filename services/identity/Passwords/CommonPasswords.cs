using System.Security.Cryptography;
using System.Text;

namespace Tarasol.Identity.Passwords;

/// <summary>
/// Passwords that guessers try first, as they are and dressed up ("P@ssw0rd1!"). The list is an embedded file with the first five bytes of each one's SHA-256, sorted: about
/// 15,000 of the most used passwords and words of leaked lists, in 80 KB.
/// </summary>
internal static class CommonPasswords
{
    private const int Length = 5;
    private const string Figures = "@430!1$57+";
    private const string Letters = "aaeoiisstt";
    private static readonly Lazy<byte[]> List = new(Read);

    /// <summary>True when the password, or the word that is left without digits and signs around it and with letters for look-alikes, is in the list or the person's own name.</summary>
    public static bool Holds(string password, string? userName)
    {
        var lower = password.ToLowerInvariant();
        var trimmed = lower.Trim().TrimEnd("0123456789!@#$%^&*()-_=+.,;:?/\\'\"~ ".ToCharArray());
        var word = Plain(trimmed.TrimStart("0123456789!#%^&*()-_=+.,;:?/\\'\"~ ".ToCharArray()));
        return word.Length == 0 || IsListed(lower) || IsListed(Plain(lower)) || IsListed(trimmed) || IsListed(word)
            || userName is { Length: > 0 } && (string.Equals(lower, userName, StringComparison.OrdinalIgnoreCase) || string.Equals(word, userName, StringComparison.OrdinalIgnoreCase));
    }

    private static string Plain(string word) => string.Create(word.Length, word, static (plain, given) =>
    {
        for (var index = 0; index < plain.Length; index++)
            plain[index] = Figures.IndexOf(given[index], StringComparison.Ordinal) is >= 0 and var letter ? Letters[letter] : given[index];
    });

    private static bool IsListed(string word)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(word), hash);
        var wanted = hash[..Length];
        var list = List.Value;
        for (int from = 0, to = list.Length / Length; from < to;)
        {
            var middle = (from + to) / 2;
            switch (wanted.SequenceCompareTo(list.AsSpan(middle * Length, Length)))
            {
                case 0:
                    return true;
                case < 0:
                    to = middle;
                    break;
                default:
                    from = middle + 1;
                    break;
            }
        }
        return false;
    }

    private static byte[] Read()
    {
        using var stream = typeof(CommonPasswords).Assembly.GetManifestResourceStream("common-passwords.bin")!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
