using System.Text.RegularExpressions;
using Dapr.Actors;

namespace Tarasol.Numbering.Numbers;

/// <summary>An actor's id: <c>&lt;tenant&gt;.&lt;series&gt;</c>. Neither part can hold a dot.</summary>
public sealed partial record SeriesActorId(string Tenant, string Series)
{
    /// <summary>Reads an id. Throws <see cref="FormatException"/> for anything else.</summary>
    public static SeriesActorId Parse(ActorId id)
    {
        var match = Form().Match(id.GetId());
        return match.Success
            ? new(match.Groups["tenant"].Value, match.Groups["series"].Value)
            : throw new FormatException($"'{id.GetId()}' is not the id of a series actor: it must be <tenant>.<series>, each of lower-case letters, digits and hyphens.");
    }

    /// <summary>Throws <see cref="FormatException"/> when a part has other characters than an id may have.</summary>
    public ActorId ToActorId()
    {
        var id = new ActorId($"{Tenant}.{Series}");
        Parse(id);
        return id;
    }

    [GeneratedRegex(@"\A(?<tenant>[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)\.(?<series>[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?)\z", RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
