using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Tarasol.Tests.Integration.Correspondence;
using Tarasol.Tests.Integration.Mesh;

namespace Tarasol.Tests.Integration.Directories;

[Collection(RegistryCollection.Name)]
public class PartiesTests(RegistryMesh mesh)
{
    private const string Parties = "api/directory/parties";

    [Fact]
    public async Task A_party_of_another_tenant_does_not_exist()
    {
        var (here, there) = (await mesh.NewTenantAsync(), await mesh.NewTenantAsync());
        using var other = await there.AdminAsync("directory");
        var foreign = await CreateAsync(other, new { kind = "company", nameEn = "Gulf Trading" });
        using var admin = await here.AdminAsync("directory");
        using var read = await admin.GetAsync(new Uri($"{Parties}/{foreign}", UriKind.Relative));
        Assert.Equal(HttpStatusCode.NotFound, read.StatusCode);
        var mine = await admin.PostAsJsonAsync(Parties, new { kind = "company", nameEn = "Gulf Trading" });
        Assert.Empty((await mine.JsonAsync()).GetProperty("likelyDuplicates").EnumerateArray());
        using var merged = await admin.PostAsJsonAsync($"{Parties}/{(await mine.JsonAsync()).Text("id")}/merge", new { other = foreign });
        Assert.Equal(["other"], await merged.BadFieldsAsync());
    }

    [Fact]
    public async Task Likely_duplicates_are_told_when_a_party_is_added()
    {
        var tenant = await mesh.NewTenantAsync();
        using var admin = await tenant.AdminAsync("directory");
        var ministry = await CreateAsync(admin, new { kind = "government", nameAr = "وزارة الأشغال العامّة", nameEn = "Ministry of Public Works", identifiers = new[] { new { scheme = "gov", value = "70-01" } } });
        await CreateAsync(admin, new { kind = "government", nameAr = "وزارة الصحة", nameEn = "Ministry of Health" });
        foreach (var (party, because) in new (object, string)[]
                 {
                     (new { kind = "government", nameAr = "وزاره الاشغال العامه" }, "name"),
                     (new { kind = "government", nameEn = "Ministry of Publc Works" }, "alike-name"),
                     (new { kind = "organisation", nameEn = "Works", identifiers = new[] { new { scheme = "gov", value = "7001" } } }, "identifier"),
                 })
        {
            using var made = await admin.PostAsJsonAsync(Parties, party);
            var first = (await made.JsonAsync()).GetProperty("likelyDuplicates").EnumerateArray().First(each => each.GetProperty("id").GetGuid() == ministry);
            Assert.Contains(because, first.GetProperty("because").EnumerateArray().Select(each => each.GetString()));
        }
        Assert.Equal(3, (await admin.GetFromJsonAsync<JsonElement>($"{Parties}/{ministry}/duplicates")).GetProperty("items").GetArrayLength());
    }

    [Fact]
    public async Task A_merge_keeps_what_was_known_and_undoing_it_gives_both_back()
    {
        var tenant = await mesh.NewTenantAsync();
        using var admin = await tenant.AdminAsync("directory");
        var kept = await CreateAsync(admin, new { kind = "company", nameEn = "Gulf Trading", aliases = new[] { "GT" } });
        var merged = await CreateAsync(admin, new { kind = "company", nameAr = "الخليج للتجارة", nameEn = "Gulf Trading LLC", identifiers = new[] { new { scheme = "cr", value = "1010" } }, addresses = new[] { "Riyadh" } });
        var (keptBefore, mergedBefore) = (await TextAsync(kept), await TextAsync(merged));

        var merge = await MergeAsync(kept, merged);
        Assert.Equal(merge, await MergeAsync(kept, merged));
        var whole = await admin.GetFromJsonAsync<JsonElement>($"{Parties}/{kept}");
        Assert.Equal(["GT", "الخليج للتجارة", "Gulf Trading LLC"], whole.GetProperty("aliases").EnumerateArray().Select(alias => alias.GetString()));
        Assert.Equal("1010", whole.GetProperty("identifiers")[0].Text("value"));
        Assert.Equal([kept], await FoundAsync("خليج"));
        using (var service = mesh.Client("directory", await mesh.ServiceTokenAsync("tenant"), tenant.Slug))
            Assert.Equal(kept, (await service.GetFromJsonAsync<JsonElement>($"internal/parties/{merged}")).GetProperty("id").GetGuid());
        using (var changed = await admin.PutAsJsonAsync($"{Parties}/{merged}", new { kind = "company", nameEn = "x" }))
            Assert.Equal("party-merged", (await changed.JsonAsync()).Text("code"));

        // What went on to a third one comes back in order only.
        var third = await CreateAsync(admin, new { kind = "company", nameEn = "Third" });
        var next = await MergeAsync(third, kept);
        using (var early = await admin.PostAsync(new Uri($"{Parties}/{kept}/merges/{merge}/undo", UriKind.Relative), null))
            Assert.Equal((HttpStatusCode.Conflict, "party-merged-since"), (early.StatusCode, (await early.JsonAsync()).Text("code")));
        await UndoAsync(third, next);
        await UndoAsync(kept, merge);
        await UndoAsync(kept, merge);
        Assert.Equal((keptBefore, mergedBefore), (await TextAsync(kept), await TextAsync(merged)));
        Assert.Equal([merged], await FoundAsync("خليج"));
        var history = await admin.GetFromJsonAsync<JsonElement>($"{Parties}/{kept}/merges");
        Assert.Equal(["admin", "admin"], history.GetProperty("items").EnumerateArray().Select(each => each.Text("undoneBy")));

        async Task<Guid> MergeAsync(Guid into, Guid other)
        {
            using var answer = await admin.PostAsJsonAsync($"{Parties}/{into}/merge", new { other, reason = "the same" });
            await TestMesh.EnsureAsync(answer);
            return (await answer.JsonAsync()).GetProperty("mergeId").GetGuid();
        }

        async Task UndoAsync(Guid of, Guid id)
        {
            using var answer = await admin.PostAsync(new Uri($"{Parties}/{of}/merges/{id}/undo", UriKind.Relative), null);
            Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        }

        Task<string> TextAsync(Guid id) => admin.GetStringAsync(new Uri($"{Parties}/{id}", UriKind.Relative));

        async Task<IEnumerable<Guid>> FoundAsync(string text) => (await admin.GetFromJsonAsync<JsonElement>($"{Parties}?text={Uri.EscapeDataString(text)}")).GetProperty("items").EnumerateArray().Select(each => each.GetProperty("id").GetGuid());
    }

    [Fact]
    public async Task Parties_are_found_page_by_page_by_the_beginnings_of_words()
    {
        var tenant = await mesh.NewTenantAsync();
        using var admin = await tenant.AdminAsync("directory");
        var made = new List<Guid>();
        for (var each = 0; each < 3; each++)
            made.Add(await CreateAsync(admin, new { kind = "company", nameAr = $"مؤسسة النُّور {each}" }));
        await CreateAsync(admin, new { kind = "person", nameAr = "نوران علي" });
        var (seen, cursor) = (new List<Guid>(), "");
        do
        {
            var page = await admin.GetFromJsonAsync<JsonElement>($"{Parties}?text={Uri.EscapeDataString("موسسه نو")}&limit=2&cursor={cursor}");
            seen.AddRange(page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("id").GetGuid()));
            cursor = page.Text("next");
        }
        while (cursor is not null);
        Assert.Equal(made, seen);
        Assert.Single((await admin.GetFromJsonAsync<JsonElement>($"{Parties}?text={Uri.EscapeDataString("نور")}&kind=person")).GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task A_change_replaces_what_was_said_and_notices_one_that_came_between()
    {
        var tenant = await mesh.NewTenantAsync();
        using var admin = await tenant.AdminAsync("directory");
        var id = await CreateAsync(admin, new { kind = "company", nameEn = "Old Name", aliases = new[] { "ON", "Olds" } });
        using var read = await admin.GetAsync(new Uri($"{Parties}/{id}", UriKind.Relative));
        foreach (var expected in new[] { HttpStatusCode.OK, HttpStatusCode.PreconditionFailed })
        {
            using var request = new HttpRequestMessage(HttpMethod.Put, $"{Parties}/{id}") { Content = JsonContent.Create(new { kind = "company", nameEn = "New Name", aliases = new[] { "ON" } }) };
            request.Headers.IfMatch.Add(read.Headers.ETag!);
            using var changed = await admin.SendAsync(request);
            Assert.Equal(expected, changed.StatusCode);
        }
        var now = await admin.GetFromJsonAsync<JsonElement>($"{Parties}/{id}");
        Assert.Equal(("New Name", "ON"), (now.Text("nameEn"), Assert.Single(now.GetProperty("aliases").EnumerateArray()).GetString()));
        Assert.Empty((await admin.GetFromJsonAsync<JsonElement>($"{Parties}?text=olds")).GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task Of_merges_at_the_same_time_that_contradict_each_other_one_is_made()
    {
        var tenant = await mesh.NewTenantAsync();
        using var admin = await tenant.AdminAsync("directory");
        var (one, other) = (await CreateAsync(admin, new { kind = "company", nameEn = "One Trading" }), await CreateAsync(admin, new { kind = "company", nameEn = "Other Trading" }));
        var answers = await Task.WhenAll(admin.PostAsJsonAsync($"{Parties}/{one}/merge", new { other }), admin.PostAsJsonAsync($"{Parties}/{other}/merge", new { other = one }));
        Assert.Single(answers, answer => answer.IsSuccessStatusCode);
        Assert.Single(answers, answer => (int)answer.StatusCode is 409 or 412 or 400);
        Assert.Single((await admin.GetFromJsonAsync<JsonElement>(Parties)).GetProperty("items").EnumerateArray());
        foreach (var answer in answers)
            answer.Dispose();
    }

    [Fact]
    public async Task What_is_wrong_is_named_field_by_field()
    {
        var tenant = await mesh.AnyTenantAsync();
        using var admin = await tenant.AdminAsync("directory");
        using var nameless = await admin.PostAsJsonAsync(Parties, new { kind = "company" });
        Assert.Equal(["nameAr"], await nameless.BadFieldsAsync());
        using var wrong = await admin.PostAsJsonAsync(Parties, new { kind = "company", nameEn = "!!", aliases = new[] { "" }, identifiers = new[] { new { scheme = "cr", value = "-" } } });
        Assert.Equal(["aliases[0]", "identifiers[0].value", "nameEn"], await wrong.BadFieldsAsync());
        using var malformed = await admin.PostAsJsonAsync(Parties, new { kind = "tribe", nameEn = "x", email = "nowhere", identifiers = new[] { new { scheme = "C R", value = "1" } } });
        Assert.Equal(["email", "identifiers[0].scheme", "kind"], await malformed.BadFieldsAsync());
    }

    [Fact]
    public async Task Whoever_may_only_read_adds_and_merges_nothing()
    {
        var tenant = await mesh.AnyTenantAsync();
        var (_, token) = await tenant.NewUserAsync("parties-reader", ["auditor"]);
        using var auditor = mesh.Client("directory", token);
        using var refused = await auditor.PostAsJsonAsync(Parties, new { kind = "company", nameEn = "x" });
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        using var list = await auditor.GetAsync(new Uri(Parties, UriKind.Relative));
        Assert.Equal(HttpStatusCode.OK, list.StatusCode);
    }

    private static async Task<Guid> CreateAsync(HttpClient client, object party)
    {
        using var made = await client.PostAsJsonAsync(Parties, party);
        await TestMesh.EnsureAsync(made);
        return (await made.JsonAsync()).GetProperty("id").GetGuid();
    }
}
