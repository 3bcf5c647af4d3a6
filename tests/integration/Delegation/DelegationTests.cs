using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Tarasol.Tests.Integration.Correspondence;
using Tarasol.Tests.Integration.Mesh;

namespace Tarasol.Tests.Integration.Delegations;

[Trait("Scale", "large")]
public sealed class DelegationTests(DelegationMesh mesh) : IClassFixture<DelegationMesh>
{
    private const string Delegations = Bureau.Delegations;

    [Fact]
    public async Task A_delegation_of_another_tenant_does_not_exist()
    {
        var (here, there) = (await Bureau.OfAsync(mesh), await Bureau.OfAsync(mesh));
        var foreign = await there.AcceptedAsync(there.Salma, there.Omar);
        foreach (var (path, method) in new[] { ("", HttpMethod.Get), ("/accept", HttpMethod.Post) })
        {
            using var request = new HttpRequestMessage(method, $"{Delegations}/{foreign}{path}");
            using var answer = await here.Admin.SendAsync(request);
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        }
        Assert.Empty((await here.Admin.GetFromJsonAsync<JsonElement>($"{Delegations}?everyone=true")).GetProperty("items").EnumerateArray());
        Assert.Empty(await here.ActiveAsync("principal=salma"));
        Assert.Single(await there.ActiveAsync("principal=salma"));
    }

    [Fact]
    public async Task A_delegation_holds_from_its_acceptance_to_its_end_and_all_of_it_stays_known()
    {
        var bureau = await Bureau.OfAsync(mesh);
        var id = await Bureau.OfferAsync(bureau.Salma.Client, bureau.Offer(bureau.Omar));
        Assert.Empty(await bureau.ActiveAsync("principal=salma"));
        // Only the person who was asked answers.
        using (var other = await bureau.Salma.Client.PostAsync(new Uri($"{Delegations}/{id}/accept", UriKind.Relative), null))
            Assert.Equal(HttpStatusCode.NotFound, other.StatusCode);

        await Bureau.DoAsync(bureau.Omar.Client, id, "accept");
        await Bureau.DoAsync(bureau.Omar.Client, id, "accept");
        var active = Assert.Single(await bureau.ActiveAsync("principal=salma&action=approve&letterType=memo"));
        Assert.Equal(("omar", "restricted"), (active.Text("delegate"), active.Text("confidentiality")));
        Assert.Single(await bureau.ActiveAsync("delegate=omar"));
        Assert.Empty(await bureau.ActiveAsync("principal=salma&confidentiality=secret"));

        await Bureau.DoAsync(bureau.Omar.Client, id, "end", new { reason = "عدت إلى وحدتي" });
        Assert.Empty(await bureau.ActiveAsync("principal=salma"));
        var read = await bureau.Salma.Client.GetFromJsonAsync<JsonElement>($"{Delegations}/{id}");
        Assert.Equal(("ended", false), (read.GetProperty("delegation").Text("state"), read.GetProperty("delegation").GetProperty("inForce").GetBoolean()));
        Assert.Equal(
            [("offered", "salma", null), ("accepted", "omar", null), ("ended", "omar", "delegate")],
            read.GetProperty("history").EnumerateArray().Select(change => (change.Text("kind")!, change.Text("actor")!, change.Text("cause"))));
    }

    [Fact]
    public async Task A_declined_or_withdrawn_offer_never_holds_and_makes_room()
    {
        var bureau = await Bureau.OfAsync(mesh);
        var declined = await Bureau.OfferAsync(bureau.Salma.Client, bureau.Offer(bureau.Omar));
        await Bureau.DoAsync(bureau.Omar.Client, declined, "decline", new { reason = "I am away too" });
        var withdrawn = await Bureau.OfferAsync(bureau.Salma.Client, bureau.Offer(bureau.Omar));
        await Bureau.DoAsync(bureau.Salma.Client, withdrawn, "end", new { });
        using var late = await bureau.Omar.Client.PostAsync(new Uri($"{Delegations}/{withdrawn}/accept", UriKind.Relative), null);
        Assert.Equal((HttpStatusCode.Conflict, "delegation-not-offered"), (late.StatusCode, (await late.JsonAsync()).Text("code")));
        await Bureau.OfferAsync(bureau.Salma.Client, bureau.Offer(bureau.Huda));
        Assert.Empty(await bureau.ActiveAsync("principal=salma"));
    }

    [Fact]
    public async Task What_would_contradict_itself_or_be_passed_on_is_refused()
    {
        var bureau = await Bureau.OfAsync(mesh);
        await bureau.AcceptedAsync(bureau.Salma, bureau.Omar);
        Assert.Equal("delegation-overlap", await RefusedAsync(bureau.Salma, bureau.Offer(bureau.Huda, 3, 5)));
        Assert.Equal("delegation-chain", await RefusedAsync(bureau.Omar, bureau.Offer(bureau.Huda)));
        Assert.Equal("delegate-away", await RefusedAsync(bureau.Huda, bureau.Offer(bureau.Salma)));
        await Bureau.OfferAsync(bureau.Salma.Client, bureau.Offer(bureau.Huda, 4, 5));

        static async Task<string?> RefusedAsync(Colleague by, Dictionary<string, object?> offer)
        {
            using var answer = await by.Client.PostAsJsonAsync(Delegations, offer);
            Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode);
            return (await answer.JsonAsync()).Text("code");
        }
    }

    [Fact]
    public async Task Of_offers_at_the_same_time_that_contradict_each_other_one_is_taken()
    {
        var bureau = await Bureau.OfAsync(mesh);
        var answers = await Task.WhenAll(new[] { bureau.Omar, bureau.Huda, bureau.Omar, bureau.Huda }.Select(each => bureau.Salma.Client.PostAsJsonAsync(Delegations, bureau.Offer(each)))
            .Append(bureau.Omar.Client.PostAsJsonAsync(Delegations, bureau.Offer(bureau.Salma))));
        Assert.Equal([201, 409, 409, 409, 409], answers.Select(answer => (int)answer.StatusCode).Order());
        foreach (var answer in answers)
            answer.Dispose();
        Assert.Single((await bureau.Admin.GetFromJsonAsync<JsonElement>($"{Delegations}?everyone=true")).GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task A_scope_of_units_reaches_those_below_only_where_it_says_so()
    {
        var bureau = await Bureau.OfAsync(mesh);
        var alone = bureau.Offer(bureau.Omar);
        alone["units"] = new[] { new { unitId = bureau.Root, subtree = false } };
        alone["actions"] = new[] { "approve" };
        await bureau.AcceptedAsync(bureau.Salma, bureau.Omar, alone);
        var below = bureau.Offer(bureau.Huda);
        below["units"] = new[] { new { unitId = bureau.Below } };
        await bureau.AcceptedAsync(bureau.Salma, bureau.Huda, below);
        Assert.Equal("omar", Assert.Single(await bureau.ActiveAsync($"principal=salma&unit={bureau.Root}&action=approve")).Text("delegate"));
        Assert.Empty(await bureau.ActiveAsync($"principal=salma&unit={bureau.Root}&action=sign"));
        Assert.Equal("huda", Assert.Single(await bureau.ActiveAsync($"principal=salma&unit={bureau.Below}&action=approve")).Text("delegate"));

        var tree = bureau.Offer(bureau.Salma);
        tree["units"] = new[] { new { unitId = bureau.Root, subtree = true } };
        tree["from"] = tree["until"] = $"{bureau.Today.AddDays(20):O}";
        await bureau.AcceptedAsync(bureau.Huda, bureau.Salma, tree);
        Assert.Single(await bureau.ActiveAsync($"principal=huda&unit={bureau.Below}&on={bureau.Today.AddDays(20):O}T12:00:00Z"));
    }

    [Fact]
    public async Task What_is_wrong_is_named_field_by_field()
    {
        var bureau = await Bureau.OfAsync(mesh);
        await WrongAsync(["delegate"], offer => offer["delegate"] = "nobody");
        await WrongAsync(["delegate"], offer => offer["delegate"] = "salma");
        await WrongAsync(["confidentiality"], offer => offer["confidentiality"] = "secret");
        await WrongAsync(["until"], offer => offer["until"] = $"{bureau.Today.AddDays(-1):O}");
        await WrongAsync(["until"], offer => (offer["from"], offer["until"]) = ("2020-01-01", "2020-01-02"));
        await WrongAsync(["until"], offer => offer["until"] = "9999-12-31");
        await WrongAsync(["units[0].unitId"], offer => offer["units"] = new[] { new { unitId = Guid.CreateVersion7() } });
        await WrongAsync(["letterTypes[1]", "timeZone"], offer => (offer["letterTypes"], offer["timeZone"]) = (new[] { "memo", "memo" }, "Mars/Olympus"));

        async Task WrongAsync(string[] fields, Action<Dictionary<string, object?>> change)
        {
            var offer = bureau.Offer(bureau.Omar);
            change(offer);
            using var refused = await bureau.Salma.Client.PostAsJsonAsync(Delegations, offer);
            Assert.Equal(fields, await refused.BadFieldsAsync());
        }
    }

    [Fact]
    public async Task A_scope_names_letter_types_that_the_organisation_has_published()
    {
        var bureau = await Bureau.OfAsync(mesh);
        using var admin = await bureau.Tenant.AdminAsync("admin");
        using var made = await admin.PostAsJsonAsync("api/admin/letter-types", new { code = "memo", form = new { nameAr = "مذكرة", nameEn = "Memo", fields = Array.Empty<object>() } });
        await TestMesh.EnsureAsync(made);
        var offer = bureau.Offer(bureau.Omar);
        offer["letterTypes"] = new[] { "memo", "lost" };
        foreach (var (language, words) in new[] { ("en", "lost is not the code of a published letter type"), ("ar", "lost ليس رمز نوع خطابات منشور") })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, Delegations) { Content = JsonContent.Create(offer), Headers = { { "Accept-Language", language } } };
            using var refused = await bureau.Salma.Client.SendAsync(request);
            // A draft is no type yet.
            Assert.Equal(["letterTypes[0]", "letterTypes[1]"], await refused.BadFieldsAsync());
            Assert.Equal(words, (await refused.JsonAsync()).GetProperty("errors").GetProperty("letterTypes[1]")[0].GetString());
        }
        using var published = await admin.PostAsync(new Uri($"api/admin/letter-types/{(await made.JsonAsync()).GetProperty("id").GetGuid()}/publication", UriKind.Relative), null);
        await TestMesh.EnsureAsync(published);
        offer["letterTypes"] = new[] { "memo" };
        await Bureau.OfferAsync(bureau.Salma.Client, offer);
    }

    [Fact]
    public async Task For_another_person_only_an_administrator_delegates()
    {
        var bureau = await Bureau.OfAsync(mesh);
        var offer = bureau.Offer(bureau.Omar);
        offer["principal"] = "salma";
        using var refused = await bureau.Huda.Client.PostAsJsonAsync(Delegations, offer);
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        var id = await Bureau.OfferAsync(bureau.Admin, offer);
        using var hidden = await bureau.Huda.Client.GetAsync(new Uri($"{Delegations}/{id}", UriKind.Relative));
        Assert.Equal(HttpStatusCode.NotFound, hidden.StatusCode);
        using var others = await bureau.Huda.Client.GetAsync(new Uri($"{Delegations}?user=salma", UriKind.Relative));
        Assert.Equal(HttpStatusCode.Forbidden, others.StatusCode);
        await Bureau.DoAsync(bureau.Omar.Client, id, "accept");
        await Bureau.DoAsync(bureau.Admin, id, "end", new { reason = "reorganisation" });
        var read = await bureau.Omar.Client.GetFromJsonAsync<JsonElement>($"{Delegations}/{id}");
        Assert.Equal(("admin", "administrator"), (read.GetProperty("history")[2].Text("actor"), read.GetProperty("history")[2].Text("cause")));
        Assert.Single((await bureau.Omar.Client.GetFromJsonAsync<JsonElement>($"{Delegations}?side=received&state=ended")).GetProperty("items").EnumerateArray());
        Assert.Empty((await bureau.Omar.Client.GetFromJsonAsync<JsonElement>($"{Delegations}?side=given")).GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task The_same_offer_with_the_same_key_is_one()
    {
        var bureau = await Bureau.OfAsync(mesh);
        bureau.Salma.Client.DefaultRequestHeaders.Add("Idempotency-Key", "leave-1");
        var offer = bureau.Offer(bureau.Omar);
        Assert.Equal(await Bureau.OfferAsync(bureau.Salma.Client, offer), await Bureau.OfferAsync(bureau.Salma.Client, offer));
        offer["reason"] = "another";
        using var reused = await bureau.Salma.Client.PostAsJsonAsync(Delegations, offer);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, reused.StatusCode);
    }

    [Fact]
    public async Task A_person_who_leaves_ends_what_stands_of_them()
    {
        var bureau = await Bureau.OfAsync(mesh);
        var given = await bureau.AcceptedAsync(bureau.Salma, bureau.Omar);
        var offered = await Bureau.OfferAsync(bureau.Omar.Client, bureau.Offer(bureau.Huda, 10, 12));
        var untouched = await bureau.AcceptedAsync(bureau.Huda, bureau.Salma, bureau.Offer(bureau.Salma, 20, 22));
        using (var identity = await bureau.Tenant.AdminAsync("identity"))
        using (var disabled = await identity.PostAsync(new Uri($"api/identity/users/{bureau.Omar.Id}/disable", UriKind.Relative), null))
            await TestMesh.EnsureAsync(disabled);
        await TestMesh.EventuallyAsync("the delegation to end", async () => await StateAsync(given) == "ended");
        Assert.Equal(("withdrawn", "accepted"), (await StateAsync(offered), await StateAsync(untouched)));
        var last = (await bureau.Admin.GetFromJsonAsync<JsonElement>($"{Delegations}/{given}")).GetProperty("history")[2];
        Assert.Equal(("admin", "person-left"), (last.Text("actor"), last.Text("cause")));

        async Task<string?> StateAsync(Guid id) => (await bureau.Admin.GetFromJsonAsync<JsonElement>($"{Delegations}/{id}")).GetProperty("delegation").Text("state");
    }

    [Fact]
    public async Task Authority_on_a_day_is_told_with_its_reasons_also_long_after()
    {
        var bureau = await Bureau.OfAsync(mesh);
        var id = await bureau.AcceptedAsync(bureau.Salma, bureau.Omar, bureau.Offer(bureau.Omar, 0, 30));
        await Bureau.DoAsync(bureau.Salma.Client, id, "end", new { reason = "رجعت من الإجازة" });
        var today = await AuthorityAsync(bureau.Nader.Client, $"{bureau.Today:O}");
        var held = Assert.Single(today, item => item.Text("basis") == "delegation");
        Assert.Equal(("omar", "restricted"), (held.Text("person"), held.Text("confidentiality")));
        Assert.Equal(5, held.GetProperty("why").GetArrayLength());
        Assert.Contains("رجعت من الإجازة", held.GetProperty("why")[2].GetString(), StringComparison.Ordinal);
        Assert.Contains("restricted", held.GetProperty("why")[4].GetString(), StringComparison.Ordinal);
        // It was ended: on the next day there is the person's own authority only.
        Assert.Equal("own", Assert.Single(await AuthorityAsync(bureau.Nader.Client, $"{bureau.Today.AddDays(1):O}")).Text("basis"));
        Assert.Empty(await AuthorityAsync(bureau.Nader.Client, "2020-01-01"));

        using var others = await bureau.Omar.Client.GetAsync(new Uri("api/delegation/authority?user=salma&on=2026-01-31", UriKind.Relative));
        Assert.Equal(HttpStatusCode.Forbidden, others.StatusCode);
        Assert.NotEmpty(await AuthorityAsync(bureau.Salma.Client, $"{bureau.Today:O}"));
        using var wrong = await bureau.Nader.Client.GetAsync(new Uri("api/delegation/authority?on=yesterday&timeZone=Mars", UriKind.Relative));
        Assert.Equal(["on", "timeZone", "user"], await wrong.BadFieldsAsync());

        static async Task<List<JsonElement>> AuthorityAsync(HttpClient client, string on) =>
            [.. (await client.GetFromJsonAsync<JsonElement>($"api/delegation/authority?user=salma&on={on}")).GetProperty("items").EnumerateArray()];
    }

    [Fact]
    public async Task A_lower_clearance_lowers_what_the_delegate_may_see_from_then_on()
    {
        var bureau = await Bureau.OfAsync(mesh);
        await bureau.AcceptedAsync(bureau.Salma, bureau.Omar);
        using (var identity = await bureau.Tenant.AdminAsync("identity"))
        using (var lowered = await identity.PutAsJsonAsync($"api/identity/users/{bureau.Omar.Id}/clearance", new { clearance = 0 }))
            await TestMesh.EnsureAsync(lowered);
        await TestMesh.EventuallyAsync("the level to be lower", async () => Assert.Single(await bureau.ActiveAsync("principal=salma")).Text("confidentiality") == "normal");
        var levels = (await bureau.Nader.Client.GetFromJsonAsync<JsonElement>($"api/delegation/authority?user=salma&on={bureau.Today:O}")).GetProperty("items").EnumerateArray()
            .Where(item => item.Text("basis") == "delegation").Select(item => item.Text("confidentiality"));
        Assert.Equal(["restricted", "normal"], levels);
    }

    [Fact]
    public async Task People_cannot_ask_as_services_do()
    {
        var bureau = await Bureau.OfAsync(mesh);
        using var refused = await bureau.Admin.GetAsync(new Uri("internal/delegations/active?principal=salma", UriKind.Relative));
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
    }
}
