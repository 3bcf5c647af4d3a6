using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Tarasol.Mesh.VerifyRegister;

namespace Tarasol.Tests.Unit.Numbering;

/// <summary>The check of an export against registers as the service writes them, whole and changed in every way that could be thought of.</summary>
public class VerifyRegisterTests
{
    private static readonly string[] Fields =
        ["series", "position", "kind", "period", "first", "last", "referenceNumber", "letterId", "blockId", "unit", "day", "text", "actor", "at", "previousHash", "hash"];

    [Property(MaxTest = 200)]
    public Property What_the_service_writes_is_right() => Prop.ForAll(Seeds(), seed => Findings(new SampleRegister(seed).Lines).Count == 0);

    [Property(MaxTest = 1000)]
    public Property Any_field_that_was_changed_is_found_at_its_line() => Prop.ForAll(
        (from seed in Gen.Choose(0, int.MaxValue - 1) from field in Gen.Elements(Fields) from place in Gen.Choose(0, 10_000) select (seed, field, place)).ToArbitrary(), draw =>
        {
            var lines = new SampleRegister(draw.seed).Lines;
            var at = 1 + draw.place % (lines.Count - 1);
            lines[at][draw.field] = Other(lines[at][draw.field], draw.field);
            return Findings(lines).Any(finding => finding.Line == at + 1);
        });

    [Property(MaxTest = 500)]
    public Property An_entry_that_is_missing_there_twice_or_at_another_place_is_found() => Prop.ForAll(
        (from seed in Gen.Choose(0, int.MaxValue - 1) from change in Gen.Choose(0, 3) from place in Gen.Choose(0, 10_000) select (seed, change, place)).ToArbitrary(), draw =>
        {
            var lines = new SampleRegister(draw.seed).Lines;
            var at = 1 + draw.place % (lines.Count - 2);
            switch (draw.change)
            {
                case 0:
                    lines.RemoveAt(at);
                    break;
                case 1:
                    lines.Insert(at, lines[at].DeepClone().AsObject());
                    break;
                case 2 when lines[at]["series"]!.GetValue<string>() == lines[at + 1]["series"]!.GetValue<string>():
                    (lines[at], lines[at + 1]) = (lines[at + 1], lines[at]);
                    break;
                default:
                    lines.RemoveRange(at, lines.Count - at);
                    break;
            }
            return Findings(lines).Count > 0;
        });

    [Trait("Scale", "large")]
    [Property(MaxTest = 1000)]
    public Property A_forger_who_computes_every_hash_anew_is_found_by_what_the_register_says() => Prop.ForAll(
        (from seed in Gen.Choose(0, int.MaxValue - 1) from change in Gen.Choose(0, 6) from place in Gen.Choose(0, 10_000) select (seed, change, place)).ToArbitrary(), draw =>
        {
            var lines = new SampleRegister(draw.seed).Lines;
            var given = lines.Skip(1).Where(line => line["kind"]!.GetValue<string>() == "allocated").ToList();
            if (given.Count < 2)
                return true;
            var one = given[draw.place % given.Count];
            switch (draw.change)
            {
                // A number left out, and one given twice.
                case 0:
                    lines.Remove(one);
                    if (!lines.Skip(1).Any(line => Same(line, one, "series") && Same(line, one, "period") && line["first"]!.GetValue<long>() >= one["first"]!.GetValue<long>()))
                        return true;
                    break;
                case 1:
                    lines.Insert(lines.IndexOf(one) + 1, one.DeepClone().AsObject());
                    break;
                case 2:
                    one["referenceNumber"] = one["referenceNumber"]!.GetValue<string>().Replace('0', '7');
                    if (!one["referenceNumber"]!.GetValue<string>().Contains('7'))
                        return true;
                    break;
                // Another year than that of its day.
                case 3:
                    one["period"] = one["period"]!.GetValue<string>() == "2026" ? "2027" : "2026";
                    break;
                case 4:
                    one["day"] = "2031-03-01";
                    break;
                case 5:
                    one["letterId"] = given[(draw.place + 1) % given.Count]["letterId"]!.DeepClone();
                    break;
                // Void what was never given.
                default:
                    one["kind"] = "voided";
                    break;
            }
            SampleRegister.Forge(lines);
            return Findings(lines).Count > 0;
        });

    [Property(MaxTest = 100)]
    public Property A_register_that_was_written_anew_is_no_continuation_of_an_earlier_export() => Prop.ForAll(Seeds(), seed =>
    {
        var before = new SampleRegister(seed).Lines;
        var forged = new SampleRegister(seed).Lines;
        forged[1]["actor"] = "somebody else";
        SampleRegister.Forge(forged);
        return Findings(forged).Count == 0 && RegisterCheck.Check(SampleRegister.Text(forged), SampleRegister.Text(before)).Findings.Count > 0
            && RegisterCheck.Check(SampleRegister.Text(before), SampleRegister.Text(before)).Findings.Count == 0;
    });

    [Fact]
    public void A_finding_says_where_and_what()
    {
        var lines = new SampleRegister(1).Lines;
        lines[3]["referenceNumber"] = "IN/FIN/2026/99999";
        var finding = Findings(lines)[0].ToString();
        Assert.StartsWith("line 4, series incoming, entry 3: ", finding, StringComparison.Ordinal);
        Assert.Contains("changed", finding, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"format":"another","tenant":"acme","heads":[]}""")]
    public void What_is_no_export_is_refused(string header) =>
        Assert.Contains("line 1", Assert.Throws<FormatException>(() => RegisterCheck.Check(header.Length == 0 ? [] : [header])).Message, StringComparison.Ordinal);

    private static Arbitrary<int> Seeds() => Gen.Choose(0, int.MaxValue - 1).ToArbitrary();

    private static IReadOnlyList<Finding> Findings(IEnumerable<JsonObject> lines) => RegisterCheck.Check(SampleRegister.Text(lines)).Findings;

    private static bool Same(JsonObject one, JsonObject other, string field) => one[field]!.ToJsonString() == other[field]!.ToJsonString();

    private static JsonNode Other(JsonNode? value, string field) => field switch
    {
        "position" or "first" or "last" => value!.GetValue<long>() + 1,
        "letterId" or "blockId" => Guid.CreateVersion7().ToString(),
        _ => value!.GetValue<string>() + "x",
    };
}
