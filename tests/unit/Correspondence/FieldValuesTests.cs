using System.Globalization;
using System.Text.Json;
using Tarasol.Contracts.Admin;
using Tarasol.Correspondence.LetterTypes;
using Tarasol.ServiceDefaults.Problems;

namespace Tarasol.Tests.Unit.Correspondence;

public sealed class FieldValuesTests
{
    private static readonly LetterTypePublished Type = new(
        Guid.CreateVersion7(), "invoice", 1, "فاتورة", "Invoice", false, [],
        [
            new("amount", "المبلغ", "Amount", "number", true, []),
            new("note", "ملاحظة", "Note", "text", false, []),
            new("dueOn", "تاريخ الاستحقاق", "Due on", "date", false, []),
            new("currency", "العملة", "Currency", "list", false, [new("SAR", "ريال", "Riyal"), new("EUR", "يورو", "Euro")]),
            new("supplier", "المورد", "Supplier", "party", false, []),
            new("paid", "مدفوعة", "Paid", "boolean", false, []),
        ],
        null, null, DateTimeOffset.UnixEpoch);

    [Fact]
    public void What_is_right_is_kept_in_the_order_of_the_form() => Assert.Equal(
        """{"amount":12.50,"note":"عاجل","dueOn":"2026-02-28","currency":"EUR","supplier":{"name":"Paper Ltd","partyId":"01890000-0000-7000-8000-000000000001"},"paid":false}""",
        Check("""{"paid":false,"supplier":{"name":"Paper Ltd","partyId":"01890000-0000-7000-8000-000000000001"},"currency":"EUR","dueOn":"2026-02-28","note":"عاجل","amount":12.50}""").Kept);

    [Theory]
    [InlineData("{}", "fields.amount")]
    [InlineData("""{"amount":null}""", "fields.amount")]
    [InlineData("""{"amount":"12"}""", "fields.amount")]
    [InlineData("""{"amount":1e400}""", "fields.amount")]
    [InlineData("""{"amount":1,"note":5}""", "fields.note")]
    [InlineData("""{"amount":1,"note":"\ud800"}""", "fields.note")]
    [InlineData("""{"amount":1,"dueOn":"2026-02-30"}""", "fields.dueOn")]
    [InlineData("""{"amount":1,"currency":"eur"}""", "fields.currency")]
    [InlineData("""{"amount":1,"supplier":{"partyId":"x"}}""", "fields.supplier")]
    [InlineData("""{"amount":1,"supplier":{"name":"x","age":5}}""", "fields.supplier")]
    [InlineData("""{"amount":1,"supplier":" "}""", "fields.supplier")]
    [InlineData("""{"amount":1,"paid":"yes"}""", "fields.paid")]
    [InlineData("""{"amount":1,"colour":"red"}""", "fields.colour")]
    [InlineData("""{"note":[],"paid":1}""", "fields.amount fields.note fields.paid")]
    public void What_is_wrong_is_named(string values, string named) => Assert.Equal(named.Split(' '), Check(values).Errors.Keys.Order(StringComparer.Ordinal));

    [Fact]
    public void The_message_names_the_field_in_the_callers_language()
    {
        var before = CultureInfo.CurrentUICulture;
        try
        {
            CultureInfo.CurrentUICulture = new("ar");
            Assert.Equal(["المبلغ مطلوب"], Check("{}").Errors["fields.amount"]);
            CultureInfo.CurrentUICulture = new("en");
            Assert.Equal(["Amount is required"], Check("{}").Errors["fields.amount"]);
        }
        finally
        {
            CultureInfo.CurrentUICulture = before;
        }
    }

    private static (string Kept, IReadOnlyDictionary<string, string[]> Errors) Check(string values)
    {
        var errors = new Errors();
        var kept = FieldValues.Check(Type, JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(values)!, errors);
        return (kept, errors.Any ? (Dictionary<string, string[]>)errors.Details().Extensions["errors"]! : []);
    }
}
