using System.Text.RegularExpressions;
using Tarasol.Contracts;

namespace Tarasol.Tests.Architecture;

/// <summary>Rules that are seen in the text of the sources.</summary>
public partial class SourceTests
{
    // Words of the office. A shared library that needs one of them knows too much. "Dead letter" and "lower-case letter" are not of the office.
    private static readonly string[] Domain = ["letter", "unit", "correspondence", "numbering", "directory", "referral", "signatory", "archive", "stamp"];

    [Theory]
    [InlineData("Tarasol.ServiceDefaults")]
    [InlineData("Tarasol.Tenancy")]
    [InlineData("Tarasol.Messaging")]
    [InlineData("Tarasol.Workflow")]
    public void Shared_libraries_hold_no_word_of_the_domain(string library) => Assert.DoesNotContain(Words(library), word => Domain.Contains(word.Word));

    [Fact]
    public void Service_defaults_know_tenants_only_as_a_claim_and_a_header_of_tokens() =>
        Assert.DoesNotContain(Words("Tarasol.ServiceDefaults"), word => word.Word == "tenant" && !word.Line.Contains("TokenRules.", StringComparison.Ordinal) && !word.File.EndsWith("/TokenRules.cs", StringComparison.Ordinal));

    // Tarasol.Workflow stands in for a package, and gRPC takes deadlines by the computer's clock.
    [Fact]
    public void Time_comes_from_TimeProvider() => Assert.Empty(Sources("services", "gateway")
        .Where(line => ClockRead().IsMatch(line.Text) && !line.File.StartsWith("services/_shared/Tarasol.Workflow/", StringComparison.Ordinal)).Select(line => $"{line.File}: {line.Text.Trim()}"));

    [Fact]
    public void Ids_are_version_7() => Assert.Empty(Sources("services", "gateway").Where(line => RandomId().IsMatch(line.Text)).Select(line => $"{line.File}: {line.Text.Trim()}"));

    [Fact]
    public void Only_the_publisher_makes_an_event()
    {
        var publishers = EventTypes.All.ToDictionary(each => each.Value.Name, each => each.Key[..each.Key.IndexOf('.', StringComparison.Ordinal)], StringComparer.Ordinal);
        Assert.Empty(
            from line in Sources("services")
            from Match made in Made().Matches(line.Text)
            where publishers.TryGetValue(made.Groups["type"].Value, out var publisher) && !line.File.StartsWith($"services/{publisher}/", StringComparison.Ordinal)
            select $"{line.File}: {made.Value}");
    }

    [Fact]
    public void Every_event_is_published_by_the_service_that_its_type_names()
    {
        foreach (var (type, record) in EventTypes.All)
        {
            var publisher = type[..type.IndexOf('.', StringComparison.Ordinal)];
            var made = new Regex($@"\bnew {record.Name}\(");
            Assert.True(Sources($"services/{publisher}").Any(line => made.IsMatch(line.Text)), $"services/{publisher} never publishes {type}");
        }
    }

    [Fact]
    public void Migrations_are_one_class_a_file_with_their_number_in_both()
    {
        foreach (var file in Repository.Files("services", "M*.cs").Where(file => file.Contains("/Data/M2", StringComparison.Ordinal)))
        {
            var number = Assert.Single(MigrationNumber().Matches(Repository.Read(file))).Groups["number"].Value;
            Assert.StartsWith($"M{number}_", Path.GetFileName(file), StringComparison.Ordinal);
            Assert.Contains($"class {Path.GetFileNameWithoutExtension(file)} ", Repository.Read(file), StringComparison.Ordinal);
        }
    }

    private static IEnumerable<(string File, string Text)> Sources(params string[] folders) =>
        folders.SelectMany(folder => Repository.Files(folder, "*.cs")).SelectMany(file => Repository.Read(file).Split('\n').Select(line => (file, line)));

    private static IEnumerable<(string File, string Word, string Line)> Words(string library) =>
        from source in Sources($"services/_shared/{library}")
        let text = NotOfTheOffice().Replace(source.Text, "")
        from Match word in Word().Matches(text)
        let singular = word.Value.ToLowerInvariant()
        select (source.File, singular.EndsWith('s') ? singular[..^1] : singular, source.Text);

    [GeneratedRegex(@"\bnew (?<type>\w+)\(")]
    private static partial Regex Made();

    [GeneratedRegex(@"dead[-_ ]?letters?|TwoLetter\w*|lower-case letters?|\bDirectory\.\w+|\w+Directory\w*", RegexOptions.IgnoreCase)]
    private static partial Regex NotOfTheOffice();

    // The words of CamelCase names, one by one.
    [GeneratedRegex("[A-Z]?[a-z]+|[A-Z]+(?![a-z])")]
    private static partial Regex Word();

    [GeneratedRegex(@"\bDateTime(Offset)?\.(Utc)?(Now|Today)\b")]
    private static partial Regex ClockRead();

    [GeneratedRegex(@"\bId\s*[=:(]\s*Guid\.NewGuid")]
    private static partial Regex RandomId();

    [GeneratedRegex(@"\[Migration\((?<number>\d+)")]
    private static partial Regex MigrationNumber();
}
