using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Tarasol.ServiceDefaults;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.ServiceDefaults.Requests;

namespace Tarasol.Tests.Unit.Shared;

public class BodyTests
{
    private const string Good = """{"name":"a","colour":"dark-red","day":"2026-01-31","count":3,"id":"01890000-0000-7000-8000-000000000001","parts":[{"kind":"x","size":1}],"tags":["t"]}""";

    public enum Colour
    {
        Green,
        DarkRed,
    }

    public sealed record Part([Required, MaxLength(3)] string Kind, [Range(1, 9)] int Size);

    public sealed record Request(
        [Required, MaxLength(5)] string Name,
        Colour Colour,
        DateOnly Day,
        int Count,
        Guid Id,
        [MinLength(1), MaxLength(2)] IReadOnlyList<Part> Parts,
        IReadOnlyList<string>? Tags = null,
        string? Note = null,
        Guid? ParentId = null) : IValidated
    {
        public void Validate(Errors errors)
        {
            if (Count == 13)
                errors.Add("count", "brings bad luck");
        }
    }

    [Fact]
    public async Task A_body_as_it_should_be_is_read()
    {
        var request = (await BindAsync(Good)).Value;
        Assert.Equal(("a", Colour.DarkRed, new DateOnly(2026, 1, 31), 3), (request.Name, request.Colour, request.Day, request.Count));
        Assert.Equal(new Part("x", 1), Assert.Single(request.Parts));
    }

    [Fact]
    public async Task Everything_wrong_is_told_at_once_field_by_field()
    {
        var errors = await ErrorsAsync("""
            {"name":"","colour":"blue","day":"31.1.2026","count":"3","id":"x","parts":[{"kind":"long","size":10},{"size":1,"weight":2},7],"tags":"t","note":4,"extra":{}}
            """);
        Assert.Equal(
            ["colour", "count", "day", "extra", "id", "name", "note", "parts", "parts[0].kind", "parts[0].size", "parts[1].kind", "parts[1].weight", "parts[2]", "tags"],
            errors.Keys.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("""{"name":"a"}""", "colour", "is required")]
    [InlineData("""{"name":null}""", "name", "is required")]
    [InlineData("""{"name":"   "}""", "name", "is required")]
    [InlineData("""{"name":"abcdef"}""", "name", "must have at most 5 characters")]
    [InlineData("""{"nam":"a"}""", "nam", "is not known here")]
    [InlineData("""{"colour":"darkRed"}""", "colour", "must be one of: green, dark-red")]
    [InlineData("""{"colour":"Dark-Red"}""", "colour", "must be one of: green, dark-red")]
    [InlineData("""{"colour":"green, dark-red"}""", "colour", "must be one of: green, dark-red")]
    [InlineData("""{"colour":"1"}""", "colour", "must be one of: green, dark-red")]
    [InlineData("""{"colour":1}""", "colour", "must be one of: green, dark-red")]
    [InlineData("""{"colour":null}""", "colour", "is required")]
    [InlineData("""{"day":"2026-02-30"}""", "day", "must be a date such as 2026-01-31")]
    [InlineData("""{"day":"2026-01-31T00:00:00Z"}""", "day", "must be a date such as 2026-01-31")]
    [InlineData("""{"count":1.5}""", "count", "must be a whole number")]
    [InlineData("""{"count":99999999999}""", "count", "must be a whole number")]
    [InlineData("""{"id":"7"}""", "id", "must be a UUID")]
    [InlineData("""{"parentId":"7"}""", "parentId", "must be a UUID")]
    [InlineData("""{"parts":[]}""", "parts", "must have at least 1 items")]
    [InlineData("""{"parts":{}}""", "parts", "must be a list")]
    [InlineData("""{"parts":["x"]}""", "parts[0]", "must be an object")]
    [InlineData("""{"parts":[null]}""", "parts[0]", "must be an object")]
    [InlineData("""{"parts":[{"kind":"x","size":0}]}""", "parts[0].size", "must be from 1 to 9")]
    [InlineData("""{"tags":["a",1]}""", "tags[1]", "must be text")]
    [InlineData("[]", "$", "must be an object")]
    [InlineData("null", "$", "must be an object")]
    [InlineData("\"text\"", "$", "must be an object")]
    public async Task A_wrong_field_is_named_with_what_is_wrong(string body, string field, string message) =>
        Assert.Equal([message], (await ErrorsAsync(body))[field]);

    [Fact]
    public async Task Optional_fields_may_be_left_out_or_null()
    {
        var request = (await BindAsync(Good.Replace("\"tags\":[\"t\"]", "\"note\":null,\"parentId\":null", StringComparison.Ordinal))).Value;
        Assert.Equal((null, null, null), (request.Tags, request.Note, request.ParentId));
    }

    [Fact]
    public async Task Rules_over_the_whole_request_come_after_the_fields()
    {
        Assert.Equal(["brings bad luck"], (await ErrorsAsync(Good.Replace(":3", ":13", StringComparison.Ordinal)))["count"]);
        Assert.DoesNotContain("brings bad luck", (await ErrorsAsync("""{"count":13}""")).SelectMany(field => field.Value));
    }

    [Fact]
    public async Task Errors_are_told_in_Arabic_to_those_who_read_it()
    {
        var before = CultureInfo.CurrentUICulture;
        try
        {
            CultureInfo.CurrentUICulture = new CultureInfo("ar-SA");
            Assert.Equal(["مطلوب"], (await ErrorsAsync("{}"))["name"]);
            Assert.Equal(["يجب أن يكون واحدا من: green, dark-red"], (await ErrorsAsync("""{"colour":"x"}"""))["colour"]);
        }
        finally
        {
            CultureInfo.CurrentUICulture = before;
        }
    }

    [Theory]
    [InlineData("{\"name\":", "malformed-json")]
    [InlineData("", "malformed-json")]
    [InlineData("{\"name\":\"a\"} x", "malformed-json")]
    public async Task What_is_not_JSON_is_told_with_its_place(string body, string code)
    {
        var problem = (await Assert.ThrowsAsync<ProblemException>(() => BindAsync(body))).Details;
        Assert.Equal((400, code), (problem.Status, problem.Extensions["code"]));
        Assert.Matches("line 1, position [0-9]+", problem.Title);
    }

    [Fact]
    public async Task A_form_is_not_taken_for_JSON()
    {
        var problem = (await Assert.ThrowsAsync<ProblemException>(() => BindAsync(Good, "application/x-www-form-urlencoded"))).Details;
        Assert.Equal((415, "unsupported-media-type"), (problem.Status, problem.Extensions["code"]));
    }

    private static async Task<Dictionary<string, string[]>> ErrorsAsync(string body)
    {
        var problem = (await Assert.ThrowsAsync<ProblemException>(() => BindAsync(body))).Details;
        Assert.Equal((400, "invalid-request"), (problem.Status, problem.Extensions["code"]));
        return (Dictionary<string, string[]>)problem.Extensions["errors"]!;
    }

    private static async Task<Body<Request>> BindAsync(string body, string contentType = "application/json; charset=utf-8")
    {
        await using var services = new ServiceCollection().ConfigureHttpJsonOptions(json => TarasolService.Configure(json.SerializerOptions)).BuildServiceProvider();
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(body));
        var context = new DefaultHttpContext { RequestServices = services };
        context.Request.ContentType = contentType;
        context.Request.Body = stream;
        return await Body<Request>.BindAsync(context);
    }
}
