using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Tarasol.Contracts;
using Tarasol.Contracts.Admin;
using Tarasol.Messaging;
using Tarasol.Tests.Integration.Isolation;
using Tarasol.Tests.Integration.Mesh;

namespace Tarasol.Tests.Integration.Correspondence;

/// <summary>All that a registry clerk writes down of a letter.</summary>
[Collection(nameof(CorrespondenceMesh))]
[Trait("Scale", "large")]
[Trait("Scale", "large")]
public sealed class RegistrationTests(CorrespondenceMesh mesh)
{
    private static readonly object Amount = new { code = "amount", nameAr = "المبلغ", nameEn = "Amount", kind = "number", mandatory = true };
    private static readonly object Note = new { code = "note", nameAr = "ملاحظة", nameEn = "Note", kind = "text" };

    private static object Form(params object[] fields) => new
    {
        nameAr = "فاتورة", nameEn = "Invoice", fields, directions = new[] { "incoming" },
        acknowledgement = new { ar = "قُيد خطابكم {reference} برقم {number}", en = "Your letter {reference} is registered under {number}" },
    };

    [Fact]
    public async Task A_letter_is_registered_with_all_that_is_known_of_it_and_read_back_so()
    {
        var office = await mesh.NewOfficeAsync();
        await office.PublishTypeAsync("invoice", Form(Amount, Note));
        await office.PublishAsync("api/admin/classification", new { classes = new[] { new { classId = "1.2", titleAr = "الفواتير", titleEn = "Invoices" } } });
        var request = Full(office);
        using var made = await office.Clerk.Letters.PostAsJsonAsync(Office.Letters, request);
        await TestMesh.EnsureAsync(made);
        var letter = await office.Clerk.Letters.GetFromJsonAsync<JsonElement>($"{Office.Letters}/{(await made.JsonAsync()).Text("id")}");
        foreach (var member in new[] { "subjectAr", "subjectEn", "senderReference", "receivedOn", "receivedChannel", "originalMedium", "physicalLocation", "classification", "confidentialUntil" })
            Assert.Equal(request[member], letter.Text(member));
        Assert.Equal((3, true), (letter.GetProperty("paperAnnexes").GetInt32(), letter.GetProperty("needsReply").GetBoolean()));
        Assert.Equal(["Finance", "Legal"], letter.GetProperty("forInformation").EnumerateArray().Select(name => name.GetString()));
        Assert.Equal(["الأرشيف"], letter.GetProperty("copies").EnumerateArray().Select(name => name.GetString()));
        Assert.Equal(("invoice", 1), (letter.GetProperty("letterType").Text("code"), letter.GetProperty("letterType").GetProperty("version").GetInt32()));
        Assert.Equal("""{"amount":12.50,"note":"عاجل"}""", letter.GetProperty("fields").GetRawText());
    }

    [Fact]
    public async Task A_letter_keeps_the_form_that_it_was_registered_by()
    {
        var office = await mesh.NewOfficeAsync();
        var type = await office.PublishTypeAsync("invoice", Form(Amount));
        var old = await RegisterAsync(office, new() { ["letterType"] = "invoice", ["fields"] = new { amount = 1 } });
        await office.PublishAsync($"api/admin/letter-types/{type}", Form(new { code = "total", nameAr = "المجموع", nameEn = "Total", kind = "number", mandatory = true }));

        var fresh = await RegisterAsync(office, new() { ["letterType"] = "invoice", ["fields"] = new { total = 2 } });
        Assert.Equal(("1 amount", "2 total"), (await FormAsync(old), await FormAsync(fresh)));
        using var byTheOld = await PatchAsync(office.Clerk, old, new { fields = new { amount = 3 } });
        Assert.Equal(HttpStatusCode.OK, byTheOld.StatusCode);
        using var byTheNew = await PatchAsync(office.Clerk, old, new { fields = new { total = 3 } });
        Assert.Equal(["fields.total"], await byTheNew.BadFieldsAsync());

        async Task<string> FormAsync(Guid id)
        {
            var form = (await office.Clerk.Letters.GetFromJsonAsync<JsonElement>($"{Office.Letters}/{id}")).GetProperty("letterType");
            return $"{form.GetProperty("version").GetInt32()} {form.GetProperty("fields")[0].Text("code")}";
        }
    }

    [Fact]
    public async Task A_letter_is_numbered_in_the_series_of_its_type_and_kept_where_none_is_open()
    {
        var office = await mesh.NewOfficeAsync();
        await office.PublishTypeAsync("invoice", Form());
        using var numbering = mesh.Client("numbering", await office.AdminTokenAsync());
        using var made = await numbering.PostAsJsonAsync("api/numbering/series", new { key = "invoices", direction = "incoming", mask = "INV-{year}-{seq:3}", letterTypeCode = "invoice" });
        await TestMesh.EnsureAsync(made);
        var typed = await RegisterAsync(office, new() { ["letterType"] = "invoice" });
        Assert.EndsWith("-001", (await office.Clerk.Letters.GetFromJsonAsync<JsonElement>($"{Office.Letters}/{typed}")).Text("referenceNumber"), StringComparison.Ordinal);
        var plain = await office.RegisterAsync();
        Assert.StartsWith("IN/", (await office.Clerk.Letters.GetFromJsonAsync<JsonElement>($"{Office.Letters}/{plain}")).Text("referenceNumber"), StringComparison.Ordinal);

        using var closed = await numbering.PostAsync(new Uri("api/numbering/series/incoming/close", UriKind.Relative), null);
        await TestMesh.EnsureAsync(closed);
        using var refused = await KeyedAsync();
        Assert.Equal((HttpStatusCode.Conflict, "number-refused"), (refused.StatusCode, (await refused.JsonAsync()).Text("code")));
        using var opened = await numbering.PostAsJsonAsync("api/numbering/series", new { key = "incoming-2", direction = "incoming", mask = "IN2/{year}/{seq:3}" });
        await TestMesh.EnsureAsync(opened);
        using var numbered = await KeyedAsync();
        Assert.Equal(HttpStatusCode.Created, numbered.StatusCode);
        Assert.EndsWith("/001", (await numbered.JsonAsync()).Text("referenceNumber"), StringComparison.Ordinal);

        async Task<HttpResponseMessage> KeyedAsync()
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, Office.Letters) { Content = JsonContent.Create(office.Letter()), Headers = { { "Idempotency-Key", "kept" } } };
            return await office.Clerk.Letters.SendAsync(request);
        }
    }

    [Fact]
    public async Task Versions_may_come_in_any_order_and_admin_need_not_be_there()
    {
        var office = await mesh.NewOfficeAsync();
        var type = Guid.CreateVersion7();
        foreach (var version in new[] { 2, 1, 2 })
            await DeliverAsync(office, new LetterTypePublished(type, "memo", version, "مذكرة", $"Memo {version}", false, [], [], null, null, DateTimeOffset.UtcNow));
        await DeliverAsync(office, new ClassificationPublished(type, 2, [new("new", "جديد", "New", null, false)], DateTimeOffset.UtcNow));
        await DeliverAsync(office, new ClassificationPublished(type, 1, [new("old", "قديم", "Old", null, false)], DateTimeOffset.UtcNow));
        await mesh.StopAsync("admin");
        try
        {
            var id = await RegisterAsync(office, new() { ["letterType"] = "memo", ["classification"] = "new" });
            Assert.Equal("Memo 2", (await office.Clerk.Letters.GetFromJsonAsync<JsonElement>($"{Office.Letters}/{id}")).GetProperty("letterType").Text("nameEn"));
            using var old = await office.Clerk.Letters.PostAsJsonAsync(Office.Letters, With(office, new() { ["classification"] = "old" }));
            Assert.Equal(["classification"], await old.BadFieldsAsync());
        }
        finally
        {
            await mesh.StartAsync("admin");
        }
    }

    public static TheoryData<string, string> BadInput => new()
    {
        { """{"letterType":"unheard-of"}""", "letterType" },
        { """{"letterType":"invoice"}""", "fields.amount" },
        { """{"letterType":"invoice","fields":{"amount":"x","colour":1}}""", "fields.amount fields.colour" },
        { """{"letterType":"invoice","fields":{"amount":1},"direction":"internal"}""", "letterType" },
        { """{"letterType":"ended"}""", "letterType" },
        { """{"letterType":5,"fields":[]}""", "fields letterType" },
        { """{"fields":{"amount":1}}""", "fields" },
        { """{"classification":"9"}""", "classification" },
        { """{"receivedOn":"2999-01-01","receivedChannel":"pigeon"}""", "receivedChannel" },
        { """{"receivedOn":"2999-01-01"}""", "receivedOn" },
        { """{"paperAnnexes":-1,"originalMedium":"stone","needsReply":"yes"}""", "needsReply originalMedium paperAnnexes" },
        { """{"forInformation":["a"," "],"copies":"me"}""", "copies" },
        { """{"forInformation":["a"," "]}""", "forInformation[1]" },
        { """{"links":[{"kind":"relates","letterId":"019c0000-0000-7000-8000-000000000000"}]}""", "links[0].letterId" },
        { """{"links":[{"kind":"loves","letterId":"x"}]}""", "links[0].kind links[0].letterId" },
        { """{"confidentialUntil":"soon","senderReference":5}""", "confidentialUntil senderReference" },
    };

    [Theory]
    [MemberData(nameof(BadInput))]
    public async Task What_is_wrong_is_named_in_the_callers_language_and_nothing_is_kept(string changes, string named)
    {
        var office = await SharedAsync();
        var before = await TotalAsync(office.Clerk);
        var letter = office.Letter();
        foreach (var change in JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(changes)!)
            letter[change.Key] = change.Value;
        using var request = new HttpRequestMessage(HttpMethod.Post, Office.Letters) { Content = JsonContent.Create(letter), Headers = { AcceptLanguage = { new StringWithQualityHeaderValue("ar") } } };
        using var answer = await office.Clerk.Letters.SendAsync(request);
        Assert.Equal(named.Split(' '), await answer.BadFieldsAsync());
        Assert.All((await answer.JsonAsync()).GetProperty("errors").EnumerateObject(), field => Assert.Contains(field.Value[0].GetString()!, letter => letter is >= '\u0600' and <= '\u06FF'));
        Assert.Equal(before, await TotalAsync(office.Clerk));
    }

    [Fact]
    public async Task A_letter_is_corrected_until_it_is_final_and_its_timeline_says_what_was_before()
    {
        var office = await mesh.NewOfficeAsync();
        var id = await office.RegisterAsync("outgoing");
        using var read = await office.Clerk.Letters.GetAsync($"{Office.Letters}/{id}");
        using var changed = await PatchAsync(office.Clerk, id, new { subject = "طلب ترميم المبنى", urgency = "normal", body = (string?)null, copies = new[] { "Archive" } }, read.Headers.ETag);
        await TestMesh.EnsureAsync(changed);
        Assert.Equal(("طلب ترميم المبنى", "normal", null), ((await changed.JsonAsync()).Text("subject"), (await changed.JsonAsync()).Text("urgency"), (await changed.JsonAsync()).Text("body")));
        Assert.NotEqual(read.Headers.ETag, changed.Headers.ETag);
        using var late = await PatchAsync(office.Clerk, id, new { subject = "Mine" }, read.Headers.ETag);
        Assert.Equal((HttpStatusCode.PreconditionFailed, "changed-meanwhile"), (late.StatusCode, (await late.JsonAsync()).Text("code")));
        // What is the same is no change.
        using var same = await PatchAsync(office.Clerk, id, new { urgency = "normal" });
        Assert.Equal(changed.Headers.ETag, same.Headers.ETag);

        var entry = Assert.Single(await office.TimelineAsync(id), item => item.Text("kind") == "changed");
        var changes = entry.GetProperty("changes").EnumerateArray().ToDictionary(change => change.Text("field")!, change => $"{change.GetProperty("before")} > {change.GetProperty("after")}");
        Assert.Equal(["body", "copies", "subject", "urgency"], changes.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(("طلب صيانة المبنى > طلب ترميم المبنى", "very-urgent > normal"), (changes["subject"], changes["urgency"]));

        using var missing = await PatchAsync(office.Clerk, id, new { subject = (string?)null, sender = (object?)null, referenceNumber = "1" });
        Assert.Equal(["referenceNumber"], await missing.BadFieldsAsync());
        using var nulls = await PatchAsync(office.Clerk, id, new { subject = (string?)null, sender = (object?)null });
        Assert.Equal(["sender", "subject"], await nulls.BadFieldsAsync());
        using var above = await PatchAsync(office.Clerk, id, new { confidentiality = "secret" });
        Assert.Equal((HttpStatusCode.Forbidden, "above-clearance"), (above.StatusCode, (await above.JsonAsync()).Text("code")));

        await office.RouteAsync(id, office.Head);
        using var underWay = await PatchAsync(office.Clerk, id, new { subject = "Late" });
        Assert.Equal((HttpStatusCode.Conflict, "routing-under-way"), (underWay.StatusCode, (await underWay.JsonAsync()).Text("code")));
        await Office.DecideAsync(office.Head, id, "approve");
        await office.ReachedAsync(id, "approved");
        using var final = await PatchAsync(office.Clerk, id, new { subject = "Too late" });
        Assert.Equal((HttpStatusCode.Conflict, "letter-final"), (final.StatusCode, (await final.JsonAsync()).Text("code")));
        Assert.Equal("طلب ترميم المبنى", (await office.Clerk.Letters.GetFromJsonAsync<JsonElement>($"{Office.Letters}/{id}")).Text("subject"));

        // What is signed is superseded by another letter.
        var next = await RegisterAsync(office, new() { ["direction"] = "outgoing", ["links"] = new[] { new { kind = "supersedes", letterId = id } } });
        Assert.Equal([$"superseded-by {next}"], await LinksAsync(office.Clerk, id));
        Assert.Equal([$"supersedes {id}"], await LinksAsync(office.Clerk, next));
        using var unsigned = await office.Clerk.Letters.PostAsJsonAsync(Office.Letters, With(office, new() { ["links"] = new[] { new { kind = "supersedes", letterId = next } } }));
        Assert.Equal(["links[0].letterId"], await unsigned.BadFieldsAsync());
    }

    [Fact]
    public async Task Links_are_seen_from_both_ends_by_those_who_may_know_of_both()
    {
        var office = await mesh.NewOfficeAsync();
        var (first, second) = (await office.RegisterAsync(), await office.RegisterAsync());
        var reply = await LinkAsync(office.Clerk, second, "replies-to", first);
        Assert.Equal(reply, await LinkAsync(office.Clerk, second, "replies-to", first));
        Assert.Equal([$"replied-by {second}"], await LinksAsync(office.Clerk, first));
        Assert.Equal([$"replies-to {first}"], await LinksAsync(office.Clerk, second));
        Assert.Equal(["registered", "numbered", "linked"], await office.KindsAsync(second));

        var secret = await Office.RegisterAsync(office.Admin, office.Letter(confidentiality: "secret"));
        using var before = await office.Clerk.Letters.GetAsync($"{Office.Letters}/{first}");
        await LinkAsync(office.Admin, first, "relates", secret);
        await LinkAsync(office.Admin, secret, "duplicates", first);
        using var after = await office.Clerk.Letters.GetAsync($"{Office.Letters}/{first}");
        Assert.Equal(before.Headers.ETag, after.Headers.ETag);
        Assert.Equal(await before.Content.ReadAsStringAsync(), await after.Content.ReadAsStringAsync());
        Assert.Equal([$"replied-by {second}"], await LinksAsync(office.Clerk, first));
        Assert.Equal([$"replied-by {second}", $"relates {secret}", $"duplicated-by {secret}"], await LinksAsync(office.Admin, first));

        using var itself = await office.Clerk.Letters.PostAsJsonAsync($"{Office.Letters}/{first}/links", new { kind = "relates", letterId = first });
        Assert.Equal(["letterId"], await itself.BadFieldsAsync());
        using var hidden = await office.Clerk.Letters.PostAsJsonAsync($"{Office.Letters}/{first}/links", new { kind = "relates", letterId = secret });
        Assert.Equal(["letterId"], await hidden.BadFieldsAsync());
        using var removed = await office.Clerk.Letters.DeleteAsync(new Uri($"{Office.Letters}/{first}/links/{reply}", UriKind.Relative));
        Assert.Equal(HttpStatusCode.NoContent, removed.StatusCode);
        Assert.Empty(await LinksAsync(office.Clerk, second));
        using var gone = await office.Clerk.Letters.DeleteAsync(new Uri($"{Office.Letters}/{first}/links/{reply}", UriKind.Relative));
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
    }

    [Fact]
    public async Task Likely_duplicates_are_told_at_registration_but_none_that_the_caller_may_not_see()
    {
        var office = await mesh.NewOfficeAsync();
        var first = await RegisterAsync(office, new() { ["senderReference"] = "و/١٢-٢٠٢٦", ["subject"] = "شكوى" });
        var secret = await Office.RegisterAsync(office.Admin, With(office, new() { ["senderReference"] = "و/12-2026", ["confidentiality"] = "secret" }));
        var near = await RegisterAsync(office, new() { ["subject"] = "طلبُ صيانه المبنـــى" });
        Assert.Empty(await DuplicatesAsync(office.Clerk, new() { ["subject"] = "Something else" }));
        Assert.Equal([$"sender-reference {first}"], await DuplicatesAsync(office.Clerk, new() { ["senderReference"] = "و 12 2026", ["subject"] = "Something" }));
        Assert.Equal([$"subject {near}"], await DuplicatesAsync(office.Clerk, new() { ["subject"] = "طلب صيانة المبنى" }));
        Assert.Contains($"sender-reference {secret}", await DuplicatesAsync(office.Admin, new() { ["senderReference"] = "و/12-2026", ["subject"] = "Something" }));
        Assert.Empty(await DuplicatesAsync(office.Clerk, new() { ["senderReference"] = "و/12-2026", ["direction"] = "internal", ["subject"] = "Another way" }));

        async Task<List<string>> DuplicatesAsync(Person person, Dictionary<string, object?> changes)
        {
            using var made = await person.Letters.PostAsJsonAsync(Office.Letters, With(office, changes));
            await TestMesh.EnsureAsync(made);
            return (await made.JsonAsync()).TryGetProperty("likelyDuplicates", out var likely)
                ? [.. likely.EnumerateArray().Select(each => $"{each.Text("reason")} {each.GetProperty("letterId").GetGuid()}")]
                : [];
        }
    }

    [Fact]
    public async Task Lists_are_filtered_by_what_was_written_down_and_counted()
    {
        var office = await mesh.NewOfficeAsync();
        await office.PublishTypeAsync("invoice", Form());
        await office.PublishAsync("api/admin/classification", new { classes = new[] { new { classId = "1.2", titleAr = "الفواتير", titleEn = "Invoices" } } });
        var invoice = await RegisterAsync(office, new() { ["letterType"] = "invoice", ["classification"] = "1.2", ["needsReply"] = true, ["urgency"] = "normal", ["documentDate"] = "2025-12-31", ["subject"] = "فاتورةُ الصيانة", ["subjectEn"] = "Invoice for Repair" });
        var plain = await office.RegisterAsync("outgoing");
        var secret = await Office.RegisterAsync(office.Admin, office.Letter("outgoing", "secret"));
        foreach (var (query, expected) in new (string, Guid[])[]
                 {
                     ("", [plain, invoice]), ("letterType=invoice", [invoice]), ("classification=1.2", [invoice]), ("needsReply=true", [invoice]), ("needsReply=false", [plain]), ("urgency=normal", [invoice]),
                     ("documentDateTo=2025-12-31", [invoice]), ("documentDateFrom=2026-01-01", [plain]), ("text=فاتوره", [invoice]), ("text=for%20REPAIR", [invoice]), ("text=nothing", []),
                     ("registeredFrom=2020-01-01", [plain, invoice]), ("registeredTo=2020-01-01", []), ("direction=outgoing&urgency=very-urgent", [plain]),
                 })
        {
            var list = await office.Clerk.Letters.GetFromJsonAsync<JsonElement>($"{Office.Letters}?{query}");
            Assert.Equal(expected, list.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("id").GetGuid()));
            var counts = await office.Clerk.Letters.GetFromJsonAsync<JsonElement>($"{Office.Letters}/counts?{query}");
            Assert.Equal(expected.Length, counts.GetProperty("total").GetInt32());
        }
        var all = await office.Clerk.Letters.GetFromJsonAsync<JsonElement>($"{Office.Letters}/counts");
        Assert.Equal("""{"total":2,"status":{"registered":2},"direction":{"incoming":1,"outgoing":1},"urgency":{"normal":1,"very-urgent":1}}""", all.GetRawText());
        Assert.NotEqual(secret, plain);

        using var wrong = await office.Clerk.Letters.GetAsync($"{Office.Letters}?urgency=now&needsReply=perhaps&documentDateFrom=1.1.2026&registeredTo=x&text={new string('x', 201)}");
        Assert.Equal(["documentDateFrom", "needsReply", "registeredTo", "text", "urgency"], await wrong.BadFieldsAsync());
    }

    [Fact]
    public async Task A_letter_is_confidential_up_to_its_last_day_only()
    {
        var office = await mesh.NewOfficeAsync();
        var letter = office.Letter(confidentiality: "secret");
        letter["confidentialUntil"] = "2026-01-31";
        var past = await Office.RegisterAsync(office.Admin, letter);
        letter["confidentialUntil"] = "2999-12-31";
        var present = await Office.RegisterAsync(office.Admin, letter);
        using var seen = await office.Clerk.Letters.GetAsync($"{Office.Letters}/{past}");
        using var hidden = await office.Clerk.Letters.GetAsync($"{Office.Letters}/{present}");
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.NotFound), (seen.StatusCode, hidden.StatusCode));
    }

    private Task<Office> SharedAsync() => shared ??= MakeSharedAsync();

    private static Task<Office>? shared;

    private async Task<Office> MakeSharedAsync()
    {
        var office = await mesh.NewOfficeAsync();
        await office.PublishTypeAsync("invoice", Form(Amount));
        await office.PublishTypeAsync("ended", new { nameAr = "قديم", nameEn = "Old", fields = Array.Empty<object>(), closed = true });
        return office;
    }

    private static Dictionary<string, object?> Full(Office office) => With(office, new()
    {
        ["letterType"] = "invoice", ["fields"] = new RawFields("""{"note":"عاجل","amount":12.50}""").Value, ["subjectAr"] = "فاتورة", ["subjectEn"] = "Invoice", ["senderReference"] = "12/2026",
        ["receivedOn"] = "2026-02-01", ["receivedChannel"] = "courier", ["originalMedium"] = "paper", ["physicalLocation"] = "Shelf 7", ["paperAnnexes"] = 3,
        ["forInformation"] = new[] { "Finance", "Legal" }, ["copies"] = new[] { "الأرشيف" }, ["classification"] = "1.2", ["confidentialUntil"] = "2030-01-01", ["needsReply"] = true,
    });

    private static Dictionary<string, object?> With(Office office, Dictionary<string, object?> changes)
    {
        var letter = office.Letter();
        foreach (var (member, value) in changes)
            letter[member] = value;
        return letter;
    }

    private static Task<Guid> RegisterAsync(Office office, Dictionary<string, object?> changes) => Office.RegisterAsync(office.Clerk, With(office, changes));

    private static async Task<HttpResponseMessage> PatchAsync(Person person, Guid id, object changes, EntityTagHeaderValue? tag = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Patch, $"{Office.Letters}/{id}") { Content = JsonContent.Create(changes) };
        if (tag is not null)
            request.Headers.IfMatch.Add(tag);
        return await person.Letters.SendAsync(request);
    }

    private static async Task<Guid> LinkAsync(Person person, Guid letter, string kind, Guid other)
    {
        using var answer = await person.Letters.PostAsJsonAsync($"{Office.Letters}/{letter}/links", new { kind, letterId = other });
        await TestMesh.EnsureAsync(answer);
        return (await answer.JsonAsync()).GetProperty("linkId").GetGuid();
    }

    private static async Task<List<string>> LinksAsync(Person person, Guid letter) =>
        [.. (await person.Letters.GetFromJsonAsync<JsonElement>($"{Office.Letters}/{letter}/links")).GetProperty("items").EnumerateArray().Select(link => $"{link.Text("kind")} {link.GetProperty("letterId").GetGuid()}")];

    private static async Task<int> TotalAsync(Person person) => (await person.Letters.GetFromJsonAsync<JsonElement>($"{Office.Letters}/counts")).GetProperty("total").GetInt32();

    // As the sidecar brings it.
    private async Task DeliverAsync<TEvent>(Office office, TEvent @event) where TEvent : IEvent
    {
        using var sidecar = new HttpClient();
        sidecar.DefaultRequestHeaders.Add("dapr-api-token", mesh.Sidecar("correspondence").AppApiToken);
        using var answer = await sidecar.PostAsync(
            new Uri($"http://127.0.0.1:{mesh.Sidecar("correspondence").AppPort}/events/{TEvent.Type}"),
            ForgedEvent.Envelope(TEvent.Type, JsonSerializer.SerializeToElement(@event, EventJson.Options), office.Slug));
        await TestMesh.EnsureAsync(answer);
    }

    private sealed record RawFields(string Json)
    {
        public JsonElement Value => JsonElement.Parse(Json);
    }
}
