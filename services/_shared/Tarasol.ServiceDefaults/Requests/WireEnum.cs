using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Tarasol.ServiceDefaults.Problems;

namespace Tarasol.ServiceDefaults.Requests;

/// <summary>Enum values as the API spells them: kebab-case, as in <c>very-urgent</c>.</summary>
public static class WireEnum
{
    private static readonly Text NotOneOf = new("must be one of: {0}", "يجب أن يكون واحدا من: {0}");

    /// <summary>The API's spelling.</summary>
    public static string Name<TEnum>(TEnum value) where TEnum : struct, Enum => JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString());

    /// <summary>Reads the API's spelling.</summary>
    public static bool TryParse<TEnum>([NotNullWhen(true)] string? text, out TEnum value) where TEnum : struct, Enum
    {
        foreach (var each in Enum.GetValues<TEnum>())
        {
            value = each;
            if (Name(each) == text)
                return true;
        }
        value = default;
        return false;
    }

    /// <summary>An optional query parameter; adds an error when it is none of the values.</summary>
    public static TEnum? Query<TEnum>(string? text, string field, Errors errors) where TEnum : struct, Enum
    {
        if (string.IsNullOrEmpty(text))
            return null;
        if (TryParse<TEnum>(text, out var value))
            return value;
        errors.Add(field, NotOneOf.With(string.Join(", ", Enum.GetValues<TEnum>().Select(Name))));
        return null;
    }
}
