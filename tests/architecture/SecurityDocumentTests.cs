using System.Text.RegularExpressions;

namespace Tarasol.Tests.Architecture;

/// <summary>docs/security.md claims nothing that no test shows.</summary>
public partial class SecurityDocumentTests
{
    private static readonly string[] Sources = [.. Repository.Files("tests", "*.cs").Select(Repository.Read)];

    [Fact]
    public void Every_row_names_a_requirement_and_a_test_that_exists()
    {
        var wrong = new List<string>();
        foreach (var row in Repository.Read("docs/security.md").Split('\n').Where(line => line.StartsWith("| ", StringComparison.Ordinal) && !line.StartsWith("| layer |", StringComparison.Ordinal)))
        {
            var cells = row.Split('|', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            var tests = Test().Matches(cells[^1]);
            if (cells.Length != 5 || !Requirement().IsMatch(cells[3]) || tests.Count == 0)
                wrong.Add($"not a row with layer, how, against, ASVS and tests: {row}");
            wrong.AddRange(tests.Where(test => !Exists(test.Groups[1].Value, test.Groups[2].Value)).Select(test => $"no such test: {test.Value}"));
        }

        Assert.Empty(wrong);
    }

    /// <summary>Each attack that is tried has its row, which the test above holds against the tests.</summary>
    [Theory]
    [InlineData("alg none")]
    [InlineData("key confusion")]
    [InlineData("foreign issuer, audience and key id")]
    [InlineData("expired, not yet valid")]
    [InlineData("stripped signature")]
    [InlineData("replayed refresh token")]
    [InlineData("code without PKCE")]
    [InlineData("open redirect")]
    [InlineData("mass assignment, over-posting")]
    [InlineData("path traversal, SQL and log injection")]
    [InlineData("header smuggling")]
    [InlineData("to `/internal`, to sidecar ports")]
    [InlineData("CSRF")]
    [InlineData("user enumeration by message and by timing")]
    [InlineData("decompression bombs")]
    [InlineData("slow requests")]
    [InlineData("10,000 wrong passwords")]
    [InlineData("20,000 generated ones")]
    public void An_attack_has_its_row(string attack) =>
        Assert.Contains(Repository.Read("docs/security.md").Split('\n'), line => line.StartsWith("| ", StringComparison.Ordinal) && line.Contains(attack, StringComparison.Ordinal));

    private static bool Exists(string type, string method) =>
        Sources.Any(source => Regex.IsMatch(source, $@"\bclass {type}\b") && Regex.IsMatch(source, $@"\b{method}\("));

    [GeneratedRegex(@"`(\w+Tests)\.(\w+)`")]
    private static partial Regex Test();

    [GeneratedRegex(@"^\d+\.\d+\.\d+(, \d+\.\d+\.\d+)*$")]
    private static partial Regex Requirement();
}
