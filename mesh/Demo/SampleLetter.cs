using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Tarasol.Mesh.Demo;

/// <summary>One file of Demo/letters, or a letter that is written in the course of the day.</summary>
/// <param name="Unit">Which unit of the demo owns it.</param>
/// <param name="Outcome">
/// What is to become of it: approved, returned (by the first approver), rejected (by the last), corrected (returned, made better, approved), or referred to somebody who deals with it.
/// </param>
/// <param name="DaysAgo">Age of the document.</param>
/// <param name="Comment">What the approver says when the letter is not approved.</param>
/// <param name="Letter">The body of the request, without date, unit and links.</param>
/// <param name="RepliesTo">Name of the letter that it answers.</param>
/// <param name="Correction">What is added to a letter that was returned.</param>
internal sealed record SampleLetter(
    string Name, string Unit, string Outcome, int DaysAgo, SampleComment? Comment, JsonObject Letter, string? RepliesTo = null, string? Correction = null)
{
    // File names begin with a place in the order, as in 01-.
    private const int OrderDigits = 3;

    public string Subject => this["subject"];

    public string Direction => this["direction"];

    public bool IsIncoming => Direction == "incoming";

    public bool IsArabic => this["language"] == "ar";

    public bool NeedsReply => Letter["needsReply"]?.GetValue<bool>() is true;

    /// <summary>Incoming letters have their number from registration, the others from final approval.</summary>
    public bool EndsNumbered => IsIncoming || Outcome is "approved" or "corrected";

    /// <summary>A text of the request.</summary>
    public string this[string field] => Letter[field]!.GetValue<string>();

    /// <summary>The letters lie in the program itself, so that it needs no folder beside it.</summary>
    public static IReadOnlyList<SampleLetter> Load()
    {
        var assembly = Assembly.GetExecutingAssembly();
        return [.. assembly.GetManifestResourceNames().Where(name => name.StartsWith("letters/", StringComparison.Ordinal)).Order(StringComparer.Ordinal).Select(name =>
        {
            using var stream = assembly.GetManifestResourceStream(name)!;
            return JsonSerializer.Deserialize<SampleLetter>(stream, MeshJson.Options)! with { Name = Path.GetFileNameWithoutExtension(name)[OrderDigits..] };
        })];
    }
}

internal sealed record SampleComment(string Ar, string En);
