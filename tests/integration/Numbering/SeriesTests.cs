using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Tarasol.Tests.Integration.Correspondence;
using Tarasol.Tests.Integration.Identity;
using Tarasol.Tests.Integration.Mesh;

namespace Tarasol.Tests.Integration.Numbering;

[Collection(RegistryCollection.Name)]
[Trait("Scale", "large")]
public class SeriesTests(RegistryMesh mesh)
{
    [Fact]
    public async Task A_new_tenant_has_a_series_for_each_direction()
    {
        var office = await NumberOffice.OfAsync(mesh);
        var series = await office.SeriesAsync();
        Assert.Equal(["incoming", "internal", "outgoing"], series.Select(one => one.Text("key")));
        Assert.All(series, one => Assert.Equal((JsonValueKind.Null, "gregorian"), (one.GetProperty("unitCode").ValueKind, one.Text("reset"))));
    }

    [Fact]
    public async Task The_nearest_series_numbers_a_letter()
    {
        var office = await NumberOffice.OfAsync(mesh);
        var finance = await office.UnitAsync("FIN", office.Root);
        await office.UnitAsync("PAY", finance);
        await office.CreatedAsync(new { key = "fin", direction = "incoming", mask = "F/{unit}/{year}/{seq:3}", unitId = finance, subtree = true });
        await office.CreatedAsync(new { key = "fin-contracts", direction = "incoming", mask = "{type}/{year}/{seq}", unitId = finance, subtree = true, letterTypeCode = "CON" });
        await office.CreatedAsync(new { key = "memos", direction = "incoming", mask = "مذكرة/{hijri}/{seq:2}", letterTypeCode = "MEMO", reset = "hijri" });

        Assert.Equal("F/PAY/2026/001", await office.TakeAsync("PAY"));
        Assert.Equal("F/FIN/2026/002", await office.TakeAsync("FIN", type: "MEMO"));
        Assert.Equal("CON/2026/1", await office.TakeAsync("PAY", type: "CON"));
        Assert.Equal("IN/ROOT/2026/00001", await office.TakeAsync("ROOT"));
        Assert.Equal("IN/GONE/2026/00002", await office.TakeAsync("GONE", type: "CON"));
        Assert.Equal("مذكرة/1447/01", await office.TakeAsync("ROOT", type: "MEMO"));
        Assert.Equal("مذكرة/1448/01", await office.TakeAsync("ROOT", type: "MEMO", date: "2026-06-16"));
        Assert.Equal("مذكرة/1447/02", await office.TakeAsync("ROOT", type: "MEMO", date: "2026-06-15"));
    }

    [Fact]
    public async Task A_mask_changes_for_the_future_and_from_a_coming_year_on()
    {
        var office = await NumberOffice.OfAsync(mesh);
        Assert.Equal("IN/ROOT/2026/00001", await office.TakeAsync("ROOT"));
        using (var changed = await office.Admin.PutAsJsonAsync("api/numbering/series/incoming/mask", new { mask = "REC/{unit}/{year}/{seq:4}", fromPeriod = "2027" }))
            await TestMesh.EnsureAsync(changed);
        Assert.Equal("IN/ROOT/2026/00002", await office.TakeAsync("ROOT"));
        Assert.Equal("REC/ROOT/2027/0001", await office.TakeAsync("ROOT", date: "2027-01-02"));
        using (var changed = await office.Admin.PutAsJsonAsync("api/numbering/series/incoming/mask", new { mask = "IN/{unit}/{year}/{seq:6}" }))
            await TestMesh.EnsureAsync(changed);
        Assert.Equal("IN/ROOT/2026/000003", await office.TakeAsync("ROOT"));
        var shown = (await office.SeriesAsync()).Single(one => one.Text("key") == "incoming");
        Assert.Equal(["REC/{unit}/{year}/{seq:4}", "IN/{unit}/{year}/{seq:6}"], shown.GetProperty("maskChanges").EnumerateArray().Select(change => change.Text("mask")));
        await office.VerifyAsync();
    }

    [Fact]
    public async Task Two_people_do_not_overwrite_each_others_change_of_a_series()
    {
        const string Series = "api/numbering/series/incoming";
        var office = await NumberOffice.OfAsync(mesh);
        using var read = await office.Admin.GetAsync(new Uri(Series, UriKind.Relative));
        var seen = read.Headers.ETag!.Tag;
        Assert.Contains("\"key\":\"incoming\"", await read.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using var first = await SendAsync(HttpMethod.Put, "mask", seen, new { mask = "REC/{unit}/{year}/{seq:4}" });
        await TestMesh.EnsureAsync(first);
        Assert.NotEqual(seen, first.Headers.ETag!.Tag);
        foreach (var (method, what, body) in new[] { (HttpMethod.Put, "mask", (object)new { mask = "OTHER/{unit}/{year}/{seq:4}" }), (HttpMethod.Post, "close", new { }) })
        {
            using var late = await SendAsync(method, what, seen, body);
            Assert.Equal(HttpStatusCode.PreconditionFailed, late.StatusCode);
        }
        // Of two at the same moment one is refused.
        var both = await Task.WhenAll(new[] { "A", "B" }.Select(text => SendAsync(HttpMethod.Put, "mask", first.Headers.ETag!.Tag, new { mask = $"{text}/{{unit}}/{{year}}/{{seq:4}}" })));
        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.PreconditionFailed], both.Select(answer => answer.StatusCode).Order());
        using var again = await office.Admin.GetAsync(new Uri(Series, UriKind.Relative));
        using var closed = await SendAsync(HttpMethod.Post, "close", again.Headers.ETag!.Tag, new { });
        await TestMesh.EnsureAsync(closed);
        Assert.NotEqual(again.Headers.ETag!.Tag, closed.Headers.ETag!.Tag);
        await office.VerifyAsync();

        async Task<HttpResponseMessage> SendAsync(HttpMethod method, string what, string tag, object body)
        {
            using var request = new HttpRequestMessage(method, $"{Series}/{what}") { Content = JsonContent.Create(body), Headers = { { "If-Match", tag } } };
            return await office.Admin.SendAsync(request);
        }
    }

    [Theory]
    [InlineData("IN/{unit}-{year}/{year}/{seq:5}", "mask-collides-with-earlier")]
    [InlineData("OUT/{unit}/{year}/{seq}", "mask-collides")]
    public async Task A_mask_that_could_write_a_number_of_another_is_refused_with_an_example(string mask, string code)
    {
        var office = await NumberOffice.OfAsync(mesh);
        using var refused = await office.Admin.PutAsJsonAsync("api/numbering/series/incoming/mask", new { mask });
        Assert.Equal((HttpStatusCode.Conflict, code), (refused.StatusCode, await refused.TextAsync("code")));
        Assert.Contains("/2026", await refused.TextAsync("title"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Series_that_are_for_the_same_letters_or_look_alike_are_refused()
    {
        var office = await NumberOffice.OfAsync(mesh);
        await RefusedAsync(new { key = "incoming", direction = "outgoing", mask = "X/{year}/{seq}" }, "series-key-taken");
        await RefusedAsync(new { key = "more", direction = "incoming", mask = "X/{year}/{seq}" }, "series-for-same-letters");
        await RefusedAsync(new { key = "root", direction = "incoming", mask = "IN/ROOT/{year}/{seq}", unitId = office.Root }, "mask-collides");

        async Task RefusedAsync(object request, string code)
        {
            using var refused = await office.Admin.PostAsJsonAsync("api/numbering/series", request);
            Assert.Equal((HttpStatusCode.Conflict, code), (refused.StatusCode, await refused.TextAsync("code")));
        }
    }

    [Fact]
    public async Task Of_two_that_are_made_at_once_and_look_alike_one_is_refused()
    {
        var office = await NumberOffice.OfAsync(mesh);
        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(each => office.Admin.PostAsJsonAsync(
            "api/numbering/series", new { key = $"same-{each}", direction = "incoming", mask = "S/{year}/{seq}", letterTypeCode = $"T{each}" })));
        Assert.Equal(1, answers.Count(answer => answer.StatusCode == HttpStatusCode.Created));
        Assert.Equal(3, answers.Count(answer => answer.StatusCode == HttpStatusCode.Conflict));
        foreach (var answer in answers)
            answer.Dispose();
    }

    [Fact]
    public async Task A_closed_series_gives_way_to_the_next_best_and_keeps_its_numbers()
    {
        var office = await NumberOffice.OfAsync(mesh);
        await office.CreatedAsync(new { key = "root", direction = "incoming", mask = "R/{year}/{seq}", unitId = office.Root });
        Assert.Equal("R/2026/1", await office.TakeAsync("ROOT"));
        foreach (var _ in new[] { 1, 2 })
        {
            using var closed = await office.Admin.PostAsync(new Uri("api/numbering/series/root/close", UriKind.Relative), null);
            await TestMesh.EnsureAsync(closed);
            Assert.NotNull(await closed.TextAsync("closedAt"));
        }
        Assert.Equal("IN/ROOT/2026/00001", await office.TakeAsync("ROOT"));
        using var again = await office.Admin.PostAsJsonAsync("api/numbering/series", new { key = "root-2", direction = "incoming", mask = "R/{year}/{seq:4}", unitId = office.Root });
        Assert.Equal("mask-collides", await again.TextAsync("code"));
        await office.CreatedAsync(new { key = "root-3", direction = "incoming", mask = "R3/{year}/{seq}", unitId = office.Root });
        Assert.Equal("R3/2026/1", await office.TakeAsync("ROOT"));
        await office.VerifyAsync();
    }

    [Fact]
    public async Task A_series_that_is_made_again_with_its_key_is_there_once()
    {
        var office = await NumberOffice.OfAsync(mesh);
        office.Admin.DefaultRequestHeaders.Add("Idempotency-Key", "series-1");
        var first = await office.CreatedAsync(new { key = "memos", direction = "internal", mask = "M/{year}/{seq}", letterTypeCode = "MEMO" });
        var second = await office.CreatedAsync(new { key = "memos", direction = "internal", mask = "M/{year}/{seq}", letterTypeCode = "MEMO" });
        Assert.Equal(first.GetRawText(), second.GetRawText());
    }

    [Theory]
    [InlineData("""{"key":"Up","direction":"incoming","mask":"X/{year}/{seq}"}""", "key")]
    [InlineData("""{"key":"a","direction":"incoming","mask":"X/{year}"}""", "mask")]
    [InlineData("""{"key":"a","direction":"incoming","mask":"X/{year}/{seq}","reset":"hijri"}""", "mask")]
    [InlineData("""{"key":"a","direction":"incoming","mask":"{type}/{year}/{seq}"}""", "mask")]
    [InlineData("""{"key":"a","direction":"incoming","mask":"X/{year}/{seq}","subtree":true}""", "subtree")]
    [InlineData("""{"key":"a","direction":"incoming","mask":"X/{year}/{seq}","unitId":"01890000-0000-7000-8000-000000000001"}""", "unitId")]
    [InlineData("""{"key":"a","direction":"incoming","mask":"X/{year}/{seq}","letterTypeCode":"a b"}""", "letterTypeCode")]
    public async Task A_wrong_series_is_refused_by_field(string body, string field)
    {
        using var admin = await (await mesh.AnyTenantAsync()).AdminAsync("numbering");
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using var refused = await admin.PostAsync(new Uri("api/numbering/series", UriKind.Relative), content);
        Assert.Equal([field], await refused.BadFieldsAsync());
    }

    [Fact]
    public async Task A_clerk_sees_the_series_and_changes_none()
    {
        var tenant = await mesh.NewTenantAsync();
        var (_, token) = await tenant.NewUserAsync("clerk", ["registry-clerk"]);
        using var clerk = mesh.Client("numbering", token);
        Assert.Equal(3, (await clerk.GetFromJsonAsync<JsonElement>("api/numbering/series")).GetProperty("items").GetArrayLength());
        using var refused = await clerk.PostAsJsonAsync("api/numbering/series", new { key = "x", direction = "incoming", mask = "X/{year}/{seq}", letterTypeCode = "X" });
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
    }
}
