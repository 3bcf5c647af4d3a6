using System.Text.RegularExpressions;
using Tarasol.Contracts;

namespace Tarasol.Tests.Contracts;

public partial class NameTests
{
    // Verbs whose past does not end in -ed. Add one when an event needs it.
    private static readonly string[] Irregular = ["sent", "held", "made", "withdrawn", "read", "begun", "found", "lost", "put", "set", "taken", "given", "seen"];

    public static TheoryData<string> Types => [.. EventTypes.All.Keys.Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Types))]
    public void A_type_is_publisher_noun_past_verb_and_version(string type)
    {
        var match = Form().Match(type);
        Assert.True(match.Success, $"'{type}' is not <publisher>.<noun>-<past verb>.v<N>");
        var verb = match.Groups["verb"].Value;
        Assert.True(verb.EndsWith("ed", StringComparison.Ordinal) || Irregular.Contains(verb), $"'{verb}' in '{type}' is not a past verb");
        Assert.Contains(match.Groups["publisher"].Value, Repository.Services);
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void A_record_has_the_name_of_its_type(string type)
    {
        var match = Form().Match(type);
        var words = $"{match.Groups["noun"].Value}-{match.Groups["verb"].Value}".Split('-');
        var version = match.Groups["version"].Value;
        Assert.Equal(string.Concat(words.Select(word => char.ToUpperInvariant(word[0]) + word[1..])) + (version == "1" ? "" : $"V{version}"), EventTypes.All[type].Name);
    }

    [GeneratedRegex(@"\A(?<publisher>[a-z]+(-[a-z]+)*)\.(?<noun>[a-z]+(-[a-z]+)*)-(?<verb>[a-z]+)\.v(?<version>[1-9][0-9]*)\z")]
    private static partial Regex Form();
}
