using System.Text.Json;

namespace Tarasol.Tests.E2e.Stories;

internal static class JsonReading
{
    /// <summary>A text that is there.</summary>
    public static string Text(this JsonElement element, string field) => element.GetProperty(field).GetString() ?? throw new InvalidOperationException($"{field} is null in {element}");

    /// <summary>A text, or null.</summary>
    public static string? Maybe(this JsonElement element, string field) => element.TryGetProperty(field, out var value) ? value.GetString() : null;

    /// <summary>The texts of a list.</summary>
    public static IReadOnlyList<string?> Texts(this JsonElement element, string field) => [.. element.GetProperty(field).EnumerateArray().Select(each => each.GetString())];
}
