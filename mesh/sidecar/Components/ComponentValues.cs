using System.Globalization;
using System.Text.RegularExpressions;

namespace Tarasol.Sidecar.Components;

/// <summary>Reads metadata values of one component as Dapr decodes them. Each complaint names component, file and key.</summary>
internal sealed class ComponentValues(ComponentSpec spec)
{
    /// <summary>Null when the key is missing or empty.</summary>
    public string? Text(string key) => spec.Metadata.GetValueOrDefault(key) is { Length: > 0 } text ? text : null;

    public string Required(string key) => Text(key) ?? throw Wrong($"{key} is missing");

    public bool Truth(string key, bool otherwise = false) => spec.Metadata.TryGetValue(key, out var text) ? Components.Truth.Parse(text) : otherwise;

    public long Number(string key, long otherwise, long min, long max) =>
        Text(key) is not { } text ? otherwise
        : long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max ? number
        : throw Wrong($"{key} must be a whole number from {min} to {max}, not {text}");

    public TimeSpan Duration(string key, TimeSpan otherwise) =>
        Text(key) is not { } text ? otherwise
        : ComponentDuration.TryParse(text, out var duration) && duration >= TimeSpan.Zero ? duration
        : throw Wrong($"{key}: {text} is no duration; write for example 5s, 1h30m or 250ms");

    public string OneOf(string key, string otherwise, params string[] allowed) =>
        Text(key) is not { } text ? otherwise : allowed.Contains(text) ? text : throw Wrong($"{key} must be one of {string.Join(", ", allowed)}, not {text}");

    public Uri AbsoluteUrl(string key) => Uri.TryCreate(Required(key), UriKind.Absolute, out var url) && url.Scheme is "http" or "https" ? url : throw Wrong($"{key} must be an http or https URL");

    /// <summary>Null when the key is missing or empty.</summary>
    public Regex? Pattern(string key)
    {
        try
        {
            return Text(key) is { } pattern ? new Regex(pattern, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1)) : null;
        }
        catch (ArgumentException wrong)
        {
            throw Wrong($"{key} is no regular expression: {wrong.Message}");
        }
    }

    public ComponentException Wrong(string problem) => new(spec, problem);
}
