using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Tarasol.Tests.Integration.Correspondence;
using Tarasol.Tests.Integration.Mesh;

namespace Tarasol.Tests.Integration.Admin;

/// <summary>Admin and audit, which hears the events.</summary>
public sealed class AdminMesh() : TestMesh("admin", "audit");

[Trait("Scale", "large")]
public sealed class SettingsTests(AdminMesh mesh) : IClassFixture<AdminMesh>
{
    private const string Types = "api/admin/letter-types";

    private static object Form(string nameEn = "Invoice", params object[] fields) => new { nameAr = "فاتورة", nameEn, fields };

    private static readonly object Amount = new { code = "amount", nameAr = "المبلغ", nameEn = "Amount", kind = "number", mandatory = true };

    [Fact]
    public async Task A_letter_type_holds_once_it_is_published_and_every_version_stays()
    {
        var tenant = await mesh.NewTenantAsync();
        using var admin = await tenant.AdminAsync("admin");
        var id = await CreateAsync(admin, "invoice", Form("Invoice", Amount));
        var type = await admin.GetFromJsonAsync<JsonElement>($"{Types}/{id}");
        Assert.Equal((0, JsonValueKind.Null), (type.GetProperty("version").GetInt32(), type.GetProperty("published").ValueKind));
        Assert.Equal("Invoice", type.GetProperty("draft").Text("nameEn"));

        Assert.Equal(1, await PublishAsync(admin, id));
        // A repeat publishes nothing.
        Assert.Equal(1, await PublishAsync(admin, id));
        using var changed = await admin.PutAsJsonAsync($"{Types}/{id}/draft", Form("Bill", Amount));
        Assert.Equal(HttpStatusCode.NoContent, changed.StatusCode);
        type = await admin.GetFromJsonAsync<JsonElement>($"{Types}/{id}");
        Assert.Equal(("Invoice", "Bill"), (type.GetProperty("published").Text("nameEn"), type.GetProperty("draft").Text("nameEn")));
        Assert.Equal(2, await PublishAsync(admin, id));
        var versions = await admin.GetFromJsonAsync<JsonElement>($"{Types}/{id}/versions");
        Assert.Equal(["Bill", "Invoice"], versions.GetProperty("items").EnumerateArray().Select(version => version.GetProperty("form").Text("nameEn")));

        await TestMesh.EventuallyAsync("both versions to be in the trail", async () =>
        {
            using var audit = await tenant.AdminAsync("audit");
            var events = await audit.GetFromJsonAsync<JsonElement>($"api/audit/events?subject={id}");
            return events.GetProperty("items").EnumerateArray().Count(each => each.Text("type") == "admin.letter-type-published.v1") == 2;
        });
    }

    [Fact]
    public async Task A_draft_that_is_discarded_or_says_nothing_new_is_none()
    {
        var tenant = await mesh.NewTenantAsync();
        using var admin = await tenant.AdminAsync("admin");
        var id = await CreateAsync(admin, "memo", Form());
        using var discarded = await admin.DeleteAsync(new Uri($"{Types}/{id}/draft", UriKind.Relative));
        Assert.Equal(HttpStatusCode.NoContent, discarded.StatusCode);
        using var nothing = await admin.PostAsync(new Uri($"{Types}/{id}/publication", UriKind.Relative), null);
        Assert.Equal((HttpStatusCode.Conflict, "nothing-drafted"), (nothing.StatusCode, (await nothing.JsonAsync()).Text("code")));

        await TestMesh.EnsureAsync(await admin.PutAsJsonAsync($"{Types}/{id}/draft", Form()));
        Assert.Equal(1, await PublishAsync(admin, id));
        await TestMesh.EnsureAsync(await admin.PutAsJsonAsync($"{Types}/{id}/draft", Form()));
        Assert.Equal(JsonValueKind.Null, (await admin.GetFromJsonAsync<JsonElement>($"{Types}/{id}")).GetProperty("draft").ValueKind);
    }

    [Fact]
    public async Task Two_people_do_not_overwrite_each_other()
    {
        var tenant = await mesh.NewTenantAsync();
        using var admin = await tenant.AdminAsync("admin");
        var id = await CreateAsync(admin, "memo", Form());
        using var read = await admin.GetAsync(new Uri($"{Types}/{id}", UriKind.Relative));
        async Task<HttpStatusCode> WriteAsync(string name)
        {
            using var request = new HttpRequestMessage(HttpMethod.Put, $"{Types}/{id}/draft") { Content = JsonContent.Create(Form(name)), Headers = { IfMatch = { read.Headers.ETag! } } };
            using var answer = await admin.SendAsync(request);
            return answer.StatusCode;
        }
        Assert.Equal(HttpStatusCode.NoContent, await WriteAsync("Hers"));
        Assert.Equal(HttpStatusCode.PreconditionFailed, await WriteAsync("His"));
        using var taken = await admin.PostAsJsonAsync(Types, new { code = "memo", form = Form() });
        Assert.Equal((HttpStatusCode.Conflict, "letter-type-code-taken"), (taken.StatusCode, (await taken.JsonAsync()).Text("code")));
    }

    public static TheoryData<string, string, string, string> BadInput => new()
    {
        { "POST", Types, """{"code":"A B","form":{"nameAr":"","nameEn":"x","fields":[]}}""", "code form.nameAr" },
        { "POST", Types, """{"code":"x","form":{"nameAr":"س","nameEn":"x","fields":[{"code":"a","nameAr":"س","nameEn":"x","kind":"colour"}]}}""", "form.fields[0].kind" },
        { "POST", Types, """{"code":"x","form":{"nameAr":"س","nameEn":"x","fields":[{"code":"a","nameAr":"س","nameEn":"x","kind":"list"},{"code":"A","nameAr":"س","nameEn":"x","kind":"text"}]}}""", "form.fields[0].choices form.fields[1].code" },
        { "POST", Types, """{"code":"x","form":{"nameAr":"س","nameEn":"x","fields":[],"directions":["up"]}}""", "form.directions[0]" },
        { "PUT", "api/admin/classification/draft", """{"classes":[{"classId":"1.1","titleAr":"س","titleEn":"x","parentId":"1"},{"classId":"1","titleAr":"س","titleEn":"x"},{"classId":"1","titleAr":"س","titleEn":"x"}]}""", "classes[0].parentId classes[2].classId" },
        { "POST", "api/admin/calendars", """{"unitCode":"a b","calendar":{"weekend":["friyay"],"holidays":[]}}""", "calendar.weekend[0] unitCode" },
        { "POST", "api/admin/calendars", """{"calendar":{"weekend":["friday","friday"],"holidays":[{"calendar":"gregorian","year":2025,"month":2,"day":29,"days":1,"nameAr":"س","nameEn":"x"},{"calendar":"hijri","year":1600,"month":2,"day":9,"days":1,"nameAr":"س","nameEn":"x"}]}}""", "calendar.holidays[0].day calendar.holidays[1].year calendar.weekend[1]" },
        { "PUT", "api/admin/grade-names/draft", """{"urgency":{"normal":{"ar":"","en":"x"}},"confidentiality":{}}""", "confidentiality.normal confidentiality.restricted confidentiality.secret confidentiality.top-secret urgency.normal.ar urgency.urgent urgency.very-urgent" },
        { "PUT", "api/admin/deadline-policy/draft", """{"nameAr":"س","nameEn":"x","timeZone":"Mars/Olympus","closesAt":"14:30:15","warnHoursBefore":24,"warnTo":"assignee","escalations":[{"hoursAfter":5,"level":1},{"hoursAfter":5,"level":2}]}""", "closesAt escalations[1].hoursAfter timeZone" },
        { "PUT", "api/admin/deadline-policy/draft", """{"nameAr":"س","nameEn":"x","timeZone":"Asia/Riyadh","closesAt":"14:30","warnHoursBefore":-1,"warnTo":"assignee","escalations":[]}""", "warnHoursBefore" },
        { "PUT", "api/admin/settings", """{"format":"tarasol-settings/9","letterTypes":[],"calendars":[]}""", "format" },
        { "PUT", "api/admin/settings", """{"format":"tarasol-settings/1","letterTypes":[{"code":"good","published":{"nameAr":"س","nameEn":"x","fields":[]}}],"calendars":[{"published":{"weekend":["friday","friday"],"holidays":[]}},{"unitCode":null}]}""", "calendars[0].published.weekend[1] calendars[1].unitCode" },
    };

    [Theory]
    [MemberData(nameof(BadInput))]
    public async Task What_is_wrong_is_named_and_nothing_is_kept(string verb, string path, string body, string named)
    {
        var tenant = await mesh.NewTenantAsync();
        using var admin = await tenant.AdminAsync("admin");
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var request = new HttpRequestMessage(HttpMethod.Parse(verb), path) { Content = content, Headers = { AcceptLanguage = { new StringWithQualityHeaderValue("ar") } } };
        using var answer = await admin.SendAsync(request);
        Assert.Equal(named.Split(' '), (await answer.BadFieldsAsync()).Order(StringComparer.Ordinal));
        var errors = (await answer.JsonAsync()).GetProperty("errors");
        Assert.All(errors.EnumerateObject(), field => Assert.Contains(field.Value[0].GetString()!, letter => letter is >= '\u0600' and <= '\u06FF'));
        Assert.Empty((await admin.GetFromJsonAsync<JsonElement>(Types)).GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task A_tenants_settings_go_to_another_tenant_as_one_document()
    {
        var (here, there) = (await mesh.NewTenantAsync(), await mesh.NewTenantAsync());
        using var from = await here.AdminAsync("admin");
        await CreateAsync(from, "memo", Form("Memo"));
        var invoice = await CreateAsync(from, "invoice", Form("Invoice", Amount));
        await PublishAsync(from, invoice);
        await TestMesh.EnsureAsync(await from.PutAsJsonAsync($"{Types}/{invoice}/draft", Form("Bill", Amount)));
        await PublishAsync(from, invoice);
        await TestMesh.EnsureAsync(await from.PutAsJsonAsync($"{Types}/{invoice}/draft", Form("Account", Amount)));
        await TestMesh.EnsureAsync(await from.PutAsJsonAsync("api/admin/classification/draft", new { classes = new object[] { new { classId = "1", titleAr = "المالية", titleEn = "Finance" }, new { classId = "1.1", titleAr = "الفواتير", titleEn = "Invoices", parentId = "1" } } }));
        await TestMesh.EnsureAsync(await from.PostAsync(new Uri("api/admin/classification/publication", UriKind.Relative), null));
        foreach (var unit in new[] { null, "FIN" })
        {
            using var made = await from.PostAsJsonAsync("api/admin/calendars", new
            {
                unitCode = unit,
                calendar = new { weekend = new[] { "friday", "saturday" }, holidays = new[] { new { calendar = "hijri", month = 10, day = 1, days = 3, nameAr = "عيد الفطر", nameEn = "Eid al-Fitr" } } },
            });
            await TestMesh.EnsureAsync(made);
            await TestMesh.EnsureAsync(await from.PostAsync(new Uri($"api/admin/calendars/{(await made.JsonAsync()).Text("id")}/publication", UriKind.Relative), null));
        }
        await TestMesh.EnsureAsync(await from.PutAsJsonAsync("api/admin/grade-names/draft", new
        {
            urgency = new Dictionary<string, object> { ["normal"] = Name("عادي"), ["urgent"] = Name("عاجل"), ["very-urgent"] = Name("فوري") },
            confidentiality = new Dictionary<string, object> { ["normal"] = Name("عام"), ["restricted"] = Name("خاص"), ["secret"] = Name("سري"), ["top-secret"] = Name("مكتوم") },
        }));

        foreach (var hours in new[] { 48, 72 })
        {
            await TestMesh.EnsureAsync(await from.PutAsJsonAsync("api/admin/deadline-policy/draft", Policy(hours)));
            if (hours == 48)
                await TestMesh.EnsureAsync(await from.PostAsync(new Uri("api/admin/deadline-policy/publication", UriKind.Relative), null));
        }

        var exported = await from.GetStringAsync(new Uri("api/admin/settings", UriKind.Relative));
        using var to = await there.AdminAsync("admin");
        using var document = new StringContent(exported, Encoding.UTF8, "application/json");
        using var imported = await to.PutAsync(new Uri("api/admin/settings", UriKind.Relative), document);
        await TestMesh.EnsureAsync(imported);
        Assert.Equal(5, (await imported.JsonAsync()).GetProperty("published").GetInt32());
        Assert.Equal(exported, await to.GetStringAsync(new Uri("api/admin/settings", UriKind.Relative)));

        var policy = await to.GetFromJsonAsync<JsonElement>("api/admin/deadline-policy");
        Assert.Equal((1, 48, 72), (policy.GetProperty("version").GetInt32(), policy.GetProperty("published").GetProperty("warnHoursBefore").GetInt32(), policy.GetProperty("draft").GetProperty("warnHoursBefore").GetInt32()));

        using var again = new StringContent(exported, Encoding.UTF8, "application/json");
        using var repeated = await to.PutAsync(new Uri("api/admin/settings", UriKind.Relative), again);
        Assert.Equal((0, 0), ((await repeated.JsonAsync()).GetProperty("published").GetInt32(), (await repeated.JsonAsync()).GetProperty("drafted").GetInt32()));
        Assert.Equal(exported, await to.GetStringAsync(new Uri("api/admin/settings", UriKind.Relative)));
    }

    [Fact]
    public async Task A_unit_has_one_calendar_and_until_a_policy_is_published_the_usual_one_holds()
    {
        var tenant = await mesh.NewTenantAsync();
        using var admin = await tenant.AdminAsync("admin");
        foreach (var (unitCode, expected) in new[] { (null, HttpStatusCode.Created), ("FIN", HttpStatusCode.Created), ("FIN", HttpStatusCode.Conflict), ((string?)null, HttpStatusCode.Conflict) })
        {
            using var made = await admin.PostAsJsonAsync("api/admin/calendars", new { unitCode, calendar = new { weekend = new[] { "sunday" }, holidays = Array.Empty<object>() } });
            Assert.Equal(expected, made.StatusCode);
            if (expected == HttpStatusCode.Conflict)
                Assert.Equal("calendar-taken", (await made.JsonAsync()).Text("code"));
        }
        var usual = await admin.GetFromJsonAsync<JsonElement>("api/admin/deadline-policy");
        Assert.Equal((0, "Asia/Riyadh", 24), (usual.GetProperty("version").GetInt32(), usual.GetProperty("published").Text("timeZone"), usual.GetProperty("published").GetProperty("warnHoursBefore").GetInt32()));
        await TestMesh.EnsureAsync(await admin.PutAsJsonAsync("api/admin/deadline-policy/draft", Policy(48)));
        using var drafted = await admin.GetAsync(new Uri("api/admin/deadline-policy", UriKind.Relative));
        await TestMesh.EnsureAsync(await admin.PutAsJsonAsync("api/admin/deadline-policy/draft", Policy(72)));
        using var late = new HttpRequestMessage(HttpMethod.Post, "api/admin/deadline-policy/publication") { Headers = { { "If-Match", drafted.Headers.ETag!.Tag } } };
        using var refused = await admin.SendAsync(late);
        Assert.Equal(HttpStatusCode.PreconditionFailed, refused.StatusCode);
    }

    [Fact]
    public async Task Whoever_may_only_read_changes_nothing()
    {
        var tenant = await mesh.NewTenantAsync();
        var (_, token) = await tenant.NewUserAsync("clerk", ["registry-clerk"]);
        using var clerk = mesh.Client("admin", token);
        using var list = await clerk.GetAsync(new Uri(Types, UriKind.Relative));
        Assert.Equal(HttpStatusCode.OK, list.StatusCode);
        using var made = await clerk.PostAsJsonAsync(Types, new { code = "memo", form = Form() });
        using var exported = await clerk.GetAsync(new Uri("api/admin/settings", UriKind.Relative));
        Assert.Equal((HttpStatusCode.Forbidden, HttpStatusCode.Forbidden), (made.StatusCode, exported.StatusCode));
    }

    private static object Name(string ar) => new { ar, en = "Name" };

    private static object Policy(int warnHoursBefore) => new
    {
        nameAr = "سياسة المواعيد", nameEn = "Deadlines", timeZone = "Africa/Cairo", closesAt = "14:30", warnHoursBefore, warnTo = "assignee-and-head",
        escalations = new[] { new { hoursAfter = 0, level = 1 }, new { hoursAfter = 24, level = 2 } },
    };

    internal static async Task<Guid> CreateAsync(HttpClient admin, string code, object form)
    {
        using var made = await admin.PostAsJsonAsync(Types, new { code, form });
        await TestMesh.EnsureAsync(made);
        return (await made.JsonAsync()).GetProperty("id").GetGuid();
    }

    internal static async Task<int> PublishAsync(HttpClient admin, Guid id)
    {
        using var published = await admin.PostAsync(new Uri($"{Types}/{id}/publication", UriKind.Relative), null);
        await TestMesh.EnsureAsync(published);
        return (await published.JsonAsync()).GetProperty("version").GetInt32();
    }
}
