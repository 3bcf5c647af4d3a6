using System.Text.RegularExpressions;

namespace Tarasol.Tenancy.Catalogue;

/// <summary>What a tenant's short name may be made of. It stands in paths, file names and headers, so nothing else gets there.</summary>
public static partial class TenantSlug
{
    /// <summary>3 to 40 of a to z, 0 to 9 and hyphens; the first of a to z, the last no hyphen.</summary>
    public const string Pattern = "^[a-z][a-z0-9-]{1,38}[a-z0-9]$";

    /// <summary>True when the text could be a tenant's name.</summary>
    public static bool IsOne(string text) => Form().IsMatch(text) && !text.EndsWith('\n');

    [GeneratedRegex(Pattern)]
    private static partial Regex Form();
}
