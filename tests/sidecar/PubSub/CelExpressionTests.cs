using System.Globalization;
using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Tarasol.Sidecar.PubSub;
using Tarasol.Sidecar.PubSub.Routing;

namespace Tarasol.Tests.Sidecar.PubSub;

public class CelExpressionTests
{
    private const string Event = """
        {"specversion":"1.0","type":"letter.v2","source":"tests/x","id":"7","time":"2026-03-01T10:00:00Z","tenantid":"acme",
         "data":{"kind":"memo","count":3,"price":2.5,"urgent":true,"none":null,"tags":["a","ب"],"sender":{"name":"Ada"},"items":[{"n":1},{"n":2}],"text":"5"}}
        """;

    [Theory]
    [InlineData("event.type == \"letter.v2\"")]
    [InlineData("event.type == 'letter.v2' && event.data.kind != 'letter'")]
    [InlineData("event.data.kind == \"memo\" && event.source.startsWith(\"tests\")")]
    [InlineData("event['data']['kind'] == 'memo'")]
    [InlineData("event.data.tags[1] == 'ب'")]
    [InlineData("has(event.data.kind) && !has(event.data.missing)")]
    [InlineData("has(event.data.none)")]
    [InlineData("event.data.none == null")]
    [InlineData("event.data.count > 2 && event.data.count >= 3 && event.data.count < 4 && event.data.count <= 3.0")]
    [InlineData("event.data.count == 3 && event.data.price == 2.5 && event.data.price > 2")]
    [InlineData("int(event.data.text) + 1 == 6")]
    [InlineData("int(event.data.price) == 2")]
    [InlineData("double(event.data.text) == 5.0")]
    [InlineData("string(event.data.count) == '3'")]
    [InlineData("event.data.kind in ['letter', 'memo']")]
    [InlineData("!(event.data.kind in ['letter'])")]
    [InlineData("'a' in event.data.tags && 'kind' in event.data")]
    [InlineData("size(event.data.tags) == 2 && event.data.kind.size() == 4 && size('بتث') == 3")]
    [InlineData("event.type.endsWith('.v2') && event.type.contains('tter') && event.type.matches('^letter[.]v[0-9]+$')")]
    [InlineData("event.data.items.exists(i, i.n == 2) && event.data.items.all(i, i.n > 0)")]
    [InlineData("event.data.items.filter(i, i.n > 1).size() == 1 && event.data.items.map(i, i.n)[0] == 1")]
    [InlineData("event.data.urgent ? event.id == '7' : false")]
    [InlineData("1 + 2 * 3 == 7 && (1 + 2) * 3 == 9 && 7 / 2 == 3 && -7 % 3 == -1 && 5 - 2 - 1 == 2")]
    [InlineData("timestamp(event.time) < timestamp('2026-03-01T13:00:01+03:00')")]
    [InlineData("{'a': 1}.a == 1 && {'a': [1, 2]} == {'a': [1.0, 2.0]}")]
    [InlineData("\"line\\n\\u0041\" == 'line\\nA' && r'\\d' == '\\\\d' && '''it's''' == \"it's\"")]
    [InlineData("event.type == 'letter.v2' // the newest")]
    [InlineData("true || event.data.missing.deep == 1")]
    [InlineData("event.data.missing == 'x' || event.id == '7'")]
    public void An_expression_that_holds_is_true(string expression) => Assert.True(Match(expression));

    [Theory]
    [InlineData("event.type == 'letter.v1'")]
    [InlineData("event.data.missing == 'x' && event.source.startsWith('other')")]
    [InlineData("event.source.startsWith('other') && event.data.missing == 'x'")]
    [InlineData("event.data.kind == 3")]
    [InlineData("event.data.count == '3'")]
    [InlineData("event.data == 1")]
    [InlineData("null == false")]
    public void An_expression_that_does_not_hold_is_false_also_when_the_other_side_cannot_be_evaluated(string expression) => Assert.False(Match(expression));

    [Theory]
    [InlineData("event.data.missing == 'x'", "no such key: missing")]
    [InlineData("event.data.kind.deep == 'x'", "no such overload")]
    [InlineData("event.data.count", "not a boolean")]
    [InlineData("type == 'x'", "no such attribute: type")]
    [InlineData("event.data.count.startsWith('3')", "no such overload")]
    [InlineData("event.data.tags[9] == 'x'", "out of bounds")]
    [InlineData("1 / 0 == 1", "zero")]
    [InlineData("9223372036854775807 + 1 > 0", "")]
    [InlineData("event.data.kind < 3", "no such overload")]
    [InlineData("int('five') == 5", "cannot convert")]
    [InlineData("'x'.matches('(')", "not a usable pattern")]
    public void What_cannot_be_evaluated_says_why(string expression, string problem) =>
        Assert.Contains(problem, Assert.Throws<CelException>(() => Match(expression)).Message, StringComparison.OrdinalIgnoreCase);

    [Theory]
    [InlineData("")]
    [InlineData("event.type ==")]
    [InlineData("event.type = 'x'")]
    [InlineData("(event.type")]
    [InlineData("event.type == 'x")]
    [InlineData("event..type")]
    [InlineData("unknown(event)")]
    [InlineData("has(event)")]
    [InlineData("event.type == \"\\q\"")]
    [InlineData("99999999999999999999 == 1")]
    [InlineData("a b")]
    public void What_cannot_be_parsed_says_where(string expression) =>
        Assert.Matches("at position [0-9]+ of expression", Assert.Throws<CelException>(() => CelExpression.Parse(expression)).Message);

    [Fact]
    public void Deep_nesting_is_refused_and_does_not_end_the_process() =>
        Assert.Throws<CelException>(() => CelExpression.Parse(new string('(', 100_000) + "1" + new string(')', 100_000)));

    [Fact]
    public void Many_signs_are_refused_and_do_not_end_the_process() => Assert.Throws<CelException>(() => CelExpression.Parse(new string('!', 100_000) + "true"));

    [Property]
    public void Any_text_in_quotes_is_that_text(NonNull<string> text)
    {
        var quoted = new StringBuilder("'");
        foreach (var rune in text.Get.EnumerateRunes())
        {
            quoted.Append(CultureInfo.InvariantCulture, $"\\U{rune.Value:x8}");
        }
        Assert.Equal(string.Concat(text.Get.EnumerateRunes()), CelExpression.Parse($"{quoted}'").Evaluate(new Dictionary<string, object?>()));
    }

    [Property]
    public void Whole_numbers_calculate_and_compare_as_numbers_do(int a, int b, int c)
    {
        Assert.True(Match($"{a} + {b} - {c} == {(long)a + b - c}"));
        Assert.True(Match($"({a} < {b}) == {(a < b ? "true" : "false")}"));
        Assert.True(Match($"({a} == {b}.0) == {(a == b ? "true" : "false")}"));
        Assert.True(Match($"{a} * {b} + {c} == {(long)a * b + c}"));
    }

    [Property]
    public void Any_text_parses_or_is_refused_with_a_message(NonNull<string> text)
    {
        try
        {
            CelExpression.Parse(text.Get);
        }
        catch (CelException e)
        {
            Assert.NotEmpty(e.Message);
        }
    }

    [Property]
    public void And_and_or_do_not_depend_on_the_order_of_their_sides(bool a, bool b, bool aFails, bool bFails)
    {
        string Side(bool value, bool fails) => fails ? "event.missing" : value ? "true" : "false";
        var (left, right) = (Side(a, aFails), Side(b, bFails));
        Assert.Equal(Try($"{left} && {right}"), Try($"{right} && {left}"));
        Assert.Equal(Try($"{left} || {right}"), Try($"{right} || {left}"));
    }

    private static bool? Try(string expression)
    {
        try
        {
            return Match(expression);
        }
        catch (CelException)
        {
            return null;
        }
    }

    private static bool Match(string expression) => CelExpression.Parse(expression).Matches(
        new Dictionary<string, object?> { ["event"] = CloudEventEnvelope.Parse(Encoding.UTF8.GetBytes(Event)).Attributes });
}
