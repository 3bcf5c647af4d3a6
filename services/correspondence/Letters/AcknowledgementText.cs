using System.Globalization;
using System.Text.RegularExpressions;

namespace Tarasol.Correspondence.Letters;

/// <summary>The words of a letter type for the sender, with what is known of the letter put in.</summary>
public static partial class AcknowledgementText
{
    /// <param name="template">May hold <c>{number}</c>, <c>{date}</c>, <c>{subject}</c> and <c>{reference}</c>, the sender's own; anything else in braces stays.</param>
    /// <param name="letter">The letter.</param>
    /// <param name="subject">Its subject in the template's language; null: as it was given.</param>
    public static string Fill(string template, Letter letter, string? subject) => Placeholder().Replace(template, match => match.Value switch
    {
        "{number}" => letter.ReferenceNumber ?? "",
        "{date}" => letter.RegisteredAt.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        "{subject}" => subject ?? letter.Subject,
        "{reference}" => letter.SenderReference ?? "",
        _ => match.Value,
    });

    [GeneratedRegex(@"\{[a-z]+\}")]
    private static partial Regex Placeholder();
}
