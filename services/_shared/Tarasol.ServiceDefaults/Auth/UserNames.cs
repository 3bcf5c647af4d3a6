using System.Text.RegularExpressions;

namespace Tarasol.ServiceDefaults.Auth;

/// <summary>What the name of an account may be made of. Services ask identity for people by name, so that it stands in paths.</summary>
public static partial class UserNames
{
    /// <summary>a to z, A to Z, digits and . _ @ + -, and not of such signs alone: dots would be another path.</summary>
    public const string Pattern = "^[._@+-]*[A-Za-z0-9][A-Za-z0-9._@+-]*$";

    /// <summary>True when the text could be somebody's name; there is no need to ask for any other.</summary>
    public static bool IsOne(string text) => Form().IsMatch(text) && !text.EndsWith('\n');

    [GeneratedRegex(Pattern)]
    private static partial Regex Form();
}
