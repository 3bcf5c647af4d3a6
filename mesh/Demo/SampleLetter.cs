using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Tarasol.Mesh.Demo;

/// <summary>One file of Demo/letters.</summary>
/// <param name="Unit">Which unit of the demo owns it.</param>
/// <param name="Outcome">How its circuit is to end: approved, returned (by the first approver) or rejected (by the second).</param>
/// <param name="DaysAgo">Age of the document.</param>
/// <param name="Comment">What the approver says when the letter is not approved.</param>
/// <param name="Letter">The body of the request, without date and unit.</param>
internal sealed record SampleLetter(string Name, string Unit, string Outcome, int DaysAgo, SampleComment? Comment, JsonObject Letter)
{
    public string Subject => Letter["subject"]!.GetValue<string>();

    public bool IsIncoming => Letter["direction"]!.GetValue<string>() == "incoming";

    /// <summary>Incoming letters have their number from registration, the others from final approval.</summary>
    public bool EndsNumbered => IsIncoming || Outcome == "approved";

    /// <summary>The letters lie in the program itself, so that it needs no folder beside it.</summary>
    public static IReadOnlyList<SampleLetter> Load()
    {
        var assembly = Assembly.GetExecutingAssembly();
        return [.. assembly.GetManifestResourceNames().Where(name => name.StartsWith("letters/", StringComparison.Ordinal)).Order(StringComparer.Ordinal).Select(name =>
        {
            using var stream = assembly.GetManifestResourceStream(name)!;
            return JsonSerializer.Deserialize<SampleLetter>(stream, MeshJson.Options)! with { Name = Path.GetFileNameWithoutExtension(name) };
        })];
    }
}

internal sealed record SampleComment(string Ar, string En);
