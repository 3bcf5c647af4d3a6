using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Tarasol.Tests.Integration.Mesh;

namespace Tarasol.Tests.Integration.Correspondence;

[Collection(nameof(CorrespondenceMesh))]
public sealed class LettersTests(CorrespondenceMesh mesh)
{
    [Fact]
    public async Task An_incoming_letter_is_numbered_at_once_and_read_back_as_it_was_sent()
    {
        var office = await mesh.OfficeAsync();
        using var made = await office.Clerk.Letters.PostAsJsonAsync(Office.Letters, office.Letter());
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        var answer = await made.JsonAsync();
        var id = answer.GetProperty("id").GetGuid();
        Assert.Equal($"/api/correspondence/letters/{id}", made.Headers.Location?.OriginalString);
        Assert.Equal(["id", "referenceNumber", "status"], answer.EnumerateObject().Where(member => member.Name != "likelyDuplicates").Select(member => member.Name).Order(StringComparer.Ordinal));
        Assert.Equal("registered", answer.Text("status"));
        Assert.False(string.IsNullOrEmpty(answer.Text("referenceNumber")));

        using var read = await office.Clerk.Letters.GetAsync($"{Office.Letters}/{id}");
        var letter = await read.JsonAsync();
        Assert.Equal("incoming", letter.Text("direction"));
        Assert.Equal("طلب صيانة المبنى", letter.Text("subject"));
        Assert.Equal("Please repair the roof.", letter.Text("body"));
        Assert.Equal("very-urgent", letter.Text("urgency"));
        Assert.Equal("Ministry of Works", letter.GetProperty("sender").Text("name"));
        Assert.Equal(["The director", "المدير"], letter.GetProperty("recipients").EnumerateArray().Select(name => name.GetString()));
        Assert.Equal("2026-01-31", letter.Text("documentDate"));
        Assert.Equal(office.UnitId, letter.GetProperty("ownerUnitId").GetGuid());
        Assert.Equal(answer.Text("referenceNumber"), letter.Text("referenceNumber"));

        using var again = new HttpRequestMessage(HttpMethod.Get, $"{Office.Letters}/{id}") { Headers = { IfNoneMatch = { read.Headers.ETag! } } };
        using var unchanged = await office.Clerk.Letters.SendAsync(again);
        Assert.Equal(HttpStatusCode.NotModified, unchanged.StatusCode);

        var timeline = await office.TimelineAsync(id);
        Assert.Equal(["registered", "numbered"], timeline.Select(entry => entry.Text("kind")));
        Assert.All(timeline, entry => Assert.Equal("clerk", entry.Text("actor")));
    }

    [Theory]
    [InlineData("outgoing")]
    [InlineData("internal")]
    public async Task Other_letters_have_no_number_before_their_approval(string direction)
    {
        var office = await mesh.OfficeAsync();
        using var made = await office.Clerk.Letters.PostAsJsonAsync(Office.Letters, office.Letter(direction));
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        var answer = await made.JsonAsync();
        Assert.Equal("registered", answer.Text("status"));
        Assert.Null(answer.Text("referenceNumber"));
        Assert.Equal(["registered"], await office.KindsAsync(answer.GetProperty("id").GetGuid()));
    }

    public static TheoryData<string, string?, string> BadInput => new()
    {
        { "direction", "\"sideways\"", "direction" },
        { "direction", null, "direction" },
        { "subject", "\"\"", "subject" },
        { "subject", $"\"{new string('x', 501)}\"", "subject" },
        { "subject", "5", "subject" },
        { "subject", "\"\\ud800\"", "subject" },
        { "body", $"\"{new string('x', 100_001)}\"", "body" },
        { "language", "\"fr\"", "language" },
        { "urgency", "\"hurried\"", "urgency" },
        { "urgency", "\"normal,urgent\"", "urgency" },
        { "confidentiality", "4", "confidentiality" },
        { "sender", "{}", "sender.name" },
        { "sender", "\"me\"", "sender" },
        { "sender", null, "sender" },
        { "recipients", "[]", "recipients" },
        { "recipients", "\"me\"", "recipients" },
        { "recipients", "[\"me\", \" \"]", "recipients[1]" },
        { "recipients", "[{\"name\":\"me\",\"age\":5}]", "recipients[0]" },
        { "documentDate", "\"31.01.2026\"", "documentDate" },
        { "documentDate", "\"2026-02-30\"", "documentDate" },
        { "ownerUnitId", "\"registry\"", "ownerUnitId" },
        { "ownerUnitId", "\"00000000-0000-0000-0000-000000000000\"", "ownerUnitId" },
        { "priority", "1", "priority" },
    };

    [Theory]
    [MemberData(nameof(BadInput))]
    public async Task Bad_input_is_named_field_by_field(string member, string? json, string field)
    {
        var office = await mesh.OfficeAsync();
        var letter = office.Letter();
        if (json is null)
            letter.Remove(member);
        else
            letter[member] = new RawJson(json);
        using var answer = await office.Clerk.Letters.PostAsJsonAsync(Office.Letters, letter, RawJson.Options);
        Assert.Equal([field], await answer.BadFieldsAsync());
    }

    [Fact]
    public async Task Everything_that_is_wrong_is_told_at_once()
    {
        var office = await mesh.OfficeAsync();
        using var answer = await office.Clerk.Letters.PostAsJsonAsync(Office.Letters, new { direction = "up", subject = "x", extra = 1 });
        Assert.Equal(
            ["confidentiality", "direction", "documentDate", "extra", "language", "ownerUnitId", "recipients", "sender", "urgency"], await answer.BadFieldsAsync());
    }

    [Fact]
    public async Task A_letter_above_the_clearance_cannot_be_registered_and_does_not_exist()
    {
        var office = await mesh.OfficeAsync();
        using var refused = await office.Clerk.Letters.PostAsJsonAsync(Office.Letters, office.Letter(confidentiality: "secret"));
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Equal("above-clearance", (await refused.JsonAsync()).Text("code"));

        using var made = await office.Admin.Letters.PostAsJsonAsync(Office.Letters, office.Letter(confidentiality: "secret"));
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        var id = (await made.JsonAsync()).GetProperty("id").GetGuid();
        foreach (var path in new[] { $"{Office.Letters}/{id}", $"{Office.Letters}/{id}/timeline" })
        {
            using var hidden = await office.Clerk.Letters.GetAsync(path);
            Assert.Equal(HttpStatusCode.NotFound, hidden.StatusCode);
            using var seen = await office.Admin.Letters.GetAsync(path);
            Assert.Equal(HttpStatusCode.OK, seen.StatusCode);
        }
        using var routed = await office.Clerk.Letters.PostAsJsonAsync($"{Office.Letters}/{id}/routing", Office.Steps(office.Head));
        Assert.Equal(HttpStatusCode.NotFound, routed.StatusCode);
        Assert.DoesNotContain(id, await IdsAsync(office.Clerk));
        Assert.Contains(id, await IdsAsync(office.Admin));
    }

    [Fact]
    public async Task A_repeat_with_the_same_key_is_the_same_letter()
    {
        var office = await mesh.OfficeAsync();
        var key = Guid.NewGuid().ToString();
        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => PostAsync(office.Clerk, office.Letter(), key)));
        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.Created, answer.StatusCode));
        var bodies = await Task.WhenAll(answers.Select(answer => answer.JsonAsync()));
        Assert.Single(bodies.Select(body => $"{body.Text("id")} {body.Text("referenceNumber")}").Distinct());
        Assert.Equal(["registered", "numbered"], await office.KindsAsync(bodies[0].GetProperty("id").GetGuid()));

        using var different = await PostAsync(office.Clerk, office.Letter("outgoing"), key);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, different.StatusCode);
        Assert.Equal("idempotency-key-reused", (await different.JsonAsync()).Text("code"));
        using var somebodyElse = await PostAsync(office.Head, office.Letter(), key);
        Assert.NotEqual(bodies[0].Text("id"), (await somebodyElse.JsonAsync()).Text("id"));
        using var tooLong = await PostAsync(office.Clerk, office.Letter(), new string('k', 201));
        Assert.Equal(["Idempotency-Key"], await tooLong.BadFieldsAsync());
    }

    [Fact]
    public async Task Another_tenants_letters_and_units_do_not_exist()
    {
        var (here, there) = (await mesh.OfficeAsync(), await mesh.NewOfficeAsync());
        var id = await there.RegisterAsync();
        foreach (var path in new[] { $"{Office.Letters}/{id}", $"{Office.Letters}/{id}/timeline" })
        {
            using var hidden = await here.Admin.Letters.GetAsync(path);
            Assert.Equal(HttpStatusCode.NotFound, hidden.StatusCode);
        }
        Assert.DoesNotContain(id, await IdsAsync(here.Admin));
        using var foreignUnit = await here.Clerk.Letters.PostAsJsonAsync(Office.Letters, there.Letter());
        Assert.Equal(["ownerUnitId"], await foreignUnit.BadFieldsAsync());
        using var foreignHeader = new HttpRequestMessage(HttpMethod.Get, $"{Office.Letters}/{id}") { Headers = { { "X-Tenant", there.Slug } } };
        using var mismatch = await here.Admin.Letters.SendAsync(foreignHeader);
        Assert.Equal(HttpStatusCode.Forbidden, mismatch.StatusCode);
    }

    [Fact]
    public async Task Lists_are_filtered_and_paged_newest_first()
    {
        var office = await mesh.NewOfficeAsync();
        var letters = new List<Guid>();
        foreach (var direction in new[] { "incoming", "internal", "incoming" })
            letters.Add(await office.RegisterAsync(direction));
        Assert.Equal([letters[2], letters[0]], await IdsAsync(office.Clerk, "direction=incoming"));
        Assert.Empty(await IdsAsync(office.Clerk, "status=approved"));

        var paged = new List<Guid>();
        for (var query = "?limit=2"; query is not null;)
        {
            var page = await office.Clerk.Letters.GetFromJsonAsync<JsonElement>($"{Office.Letters}{query}");
            paged.AddRange(page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("id").GetGuid()));
            query = page.Text("next") is { } next ? $"?limit=2&cursor={next}" : null;
        }
        Assert.Equal(Enumerable.Reverse(letters), paged);

        using var wrong = await office.Clerk.Letters.GetAsync($"{Office.Letters}?status=lost&direction=up&limit=1000");
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
        using var filters = await office.Clerk.Letters.GetAsync($"{Office.Letters}?status=lost&direction=up");
        Assert.Equal(["direction", "status"], await filters.BadFieldsAsync());
    }

    [Fact]
    public async Task Pages_stay_right_while_letters_arrive()
    {
        var office = await mesh.NewOfficeAsync();
        var there = new List<Guid>();
        for (var number = 0; number < 7; number++)
            there.Add(await office.RegisterAsync(number % 2 == 0 ? "incoming" : "outgoing"));
        var paged = new List<Guid>();
        for (var query = "limit=2"; query is not null;)
        {
            var page = await office.Clerk.Letters.GetFromJsonAsync<JsonElement>($"{Office.Letters}?{query}");
            paged.AddRange(page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("id").GetGuid()));
            query = page.Text("next") is { } next ? $"limit=2&cursor={next}" : null;
            await office.RegisterAsync();
            await office.RegisterAsync("outgoing");
        }
        Assert.Equal(Enumerable.Reverse(there), paged);
    }

    [Fact]
    public async Task Without_a_token_nothing_is_told()
    {
        using var nobody = mesh.Client("correspondence");
        using var answer = await nobody.GetAsync(new Uri(Office.Letters, UriKind.Relative));
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    private static async Task<List<Guid>> IdsAsync(Person person, string query = "limit=200") =>
        [.. (await person.Letters.GetFromJsonAsync<JsonElement>($"{Office.Letters}?{query}")).GetProperty("items").EnumerateArray().Select(item => item.GetProperty("id").GetGuid())];

    private static async Task<HttpResponseMessage> PostAsync(Person person, object letter, string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Office.Letters) { Content = JsonContent.Create(letter), Headers = { { "Idempotency-Key", key } } };
        return await person.Letters.SendAsync(request);
    }
}

/// <summary>JSON that is sent as it is.</summary>
internal sealed record RawJson(string Json)
{
    public static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { Converters = { new Converter() } };

    private sealed class Converter : System.Text.Json.Serialization.JsonConverter<RawJson>
    {
        public override RawJson Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException();

        public override void Write(Utf8JsonWriter writer, RawJson value, JsonSerializerOptions options) => writer.WriteRawValue(value.Json);
    }
}
