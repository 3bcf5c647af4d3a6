using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Tarasol.Tests.Integration.Mesh;

namespace Tarasol.Tests.Integration.Correspondence;

[Collection(nameof(CorrespondenceMesh))]
public sealed class ReferralsTests(CorrespondenceMesh mesh)
{
    private const string Referrals = "api/correspondence/referrals";

    [Fact]
    public async Task A_referral_is_seen_accepted_passed_on_and_answered_and_nobody_else_knows_of_it()
    {
        var office = await mesh.NewOfficeAsync();
        var letter = await office.RegisterAsync();
        var (toHead, toSignatory) = await SendAsync(office, letter);
        await TestMesh.EventuallyAsync("the referral to be in the inbox", async () =>
            (await office.Head.Tasks.GetFromJsonAsync<JsonElement>("api/task/inbox?kind=referral")).GetProperty("items").GetArrayLength() == 1);
        var read = await office.Head.Letters.GetFromJsonAsync<JsonElement>($"{Referrals}/{toHead}");
        Assert.Equal(("action", "بيني وبينك", "sent"), (read.Text("purpose"), read.Text("note"), read.Text("state")));
        foreach (var other in new[] { office.Admin, office.Signatory })
        {
            using var hidden = await other.Letters.GetAsync($"{Referrals}/{toHead}");
            Assert.Equal(HttpStatusCode.NotFound, hidden.StatusCode);
            await ActAsync(other, toHead, "accept", HttpStatusCode.NotFound);
        }
        using (var early = await office.Head.Letters.PostAsJsonAsync($"{Office.Letters}/{letter}/referrals", new { items = new[] { new { purpose = "study", user = "admin" } }, parentId = toHead }))
            Assert.Equal(["parentId"], await early.BadFieldsAsync());
        await ActAsync(office.Head, toHead, "seen");
        await ActAsync(office.Head, toHead, "accept");
        await ActAsync(office.Head, toHead, "accept");
        await ActAsync(office.Clerk, toHead, "recall", HttpStatusCode.Conflict);
        using var passed = await office.Head.Letters.PostAsJsonAsync($"{Office.Letters}/{letter}/referrals", new { items = new[] { new { purpose = "study", user = "admin" } }, parentId = toHead });
        var below = (await passed.JsonAsync()).GetProperty("items")[0].GetProperty("id").GetGuid();
        await ActAsync(office.Head, toHead, "answer", HttpStatusCode.NoContent, new { answer = "تم" });
        await ActAsync(office.Signatory, toSignatory, "decline", HttpStatusCode.NoContent, new { reason = "ليس من اختصاصي" });
        Assert.Equal("ليس من اختصاصي", (await office.Clerk.Letters.GetFromJsonAsync<JsonElement>($"{Referrals}/{toSignatory}")).Text("answer"));
        await ActAsync(office.Clerk, toHead, "close");
        Assert.Equal("closed", (await office.Admin.Letters.GetFromJsonAsync<JsonElement>($"{Referrals}/{below}")).Text("state"));
        Assert.Equal(
            ["referral-sent", "referral-sent", "referral-seen", "referral-accepted", "referral-sent", "referral-answered", "referral-declined", "referral-closed", "referral-closed"],
            (await office.KindsAsync(letter)).Where(kind => kind!.StartsWith("referral", StringComparison.Ordinal)));
        Assert.DoesNotContain("بيني", (await office.TimelineAsync(letter)).Select(entry => entry.GetRawText()).Aggregate(string.Concat), StringComparison.Ordinal);
        await TestMesh.EventuallyAsync("the inbox to be empty again", async () =>
            (await office.Head.Tasks.GetFromJsonAsync<JsonElement>("api/task/inbox?kind=referral")).GetProperty("items").GetArrayLength() == 0);
    }

    [Fact]
    public async Task A_recalled_referral_was_never_there_for_its_receiver()
    {
        var office = await mesh.OfficeAsync();
        var letter = await office.RegisterAsync();
        var (toHead, _) = await SendAsync(office, letter);
        await ActAsync(office.Head, toHead, "seen");
        await ActAsync(office.Clerk, toHead, "recall");
        await ActAsync(office.Head, toHead, "accept", HttpStatusCode.NotFound);
        using var gone = await office.Head.Letters.GetAsync($"{Referrals}/{toHead}");
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
        Assert.Equal("recalled", (await office.Clerk.Letters.GetFromJsonAsync<JsonElement>($"{Referrals}/{toHead}")).Text("state"));
    }

    [Fact]
    public async Task Whoever_is_not_cleared_is_not_referred_to_and_bad_receivers_are_named()
    {
        var office = await mesh.OfficeAsync();
        using var made = await office.Admin.Letters.PostAsJsonAsync(Office.Letters, office.Letter(confidentiality: "secret"));
        var letter = (await made.JsonAsync()).GetProperty("id").GetGuid();
        var items = new object[]
        {
            new { purpose = "action", user = "signatory" }, new { purpose = "action", user = "nobody" }, new { purpose = "action", user = "admin" },
            new { purpose = "action", user = "head" }, new { purpose = "action", user = "head" }, new { purpose = "action", unitId = Guid.NewGuid() },
        };
        using var answer = await office.Admin.Letters.PostAsJsonAsync($"{Office.Letters}/{letter}/referrals", new { items });
        Assert.Equal(["items[0].user", "items[1].user", "items[2].user", "items[4].user", "items[5].unitId"], (await answer.BadFieldsAsync()).Order(StringComparer.Ordinal));
        using var hidden = await office.Clerk.Letters.PostAsJsonAsync($"{Office.Letters}/{letter}/referrals", new { items = new[] { new { purpose = "action", user = "head" } } });
        Assert.Equal(HttpStatusCode.NotFound, hidden.StatusCode);
    }

    private static async Task<(Guid ToHead, Guid ToSignatory)> SendAsync(Office office, Guid letter)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{Office.Letters}/{letter}/referrals")
        {
            Content = JsonContent.Create(new
            {
                items = new object[]
                {
                    new { purpose = "action", user = "head", instruction = "لاتخاذ اللازم", note = "بيني وبينك", dueAt = DateTimeOffset.UtcNow.AddDays(2) },
                    new { purpose = "information", user = "signatory" },
                },
            }),
            Headers = { { "Idempotency-Key", $"refer-{letter}" } },
        };
        using var answer = await office.Clerk.Letters.SendAsync(request);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        var items = (await answer.JsonAsync()).GetProperty("items");
        return (items[0].GetProperty("id").GetGuid(), items[1].GetProperty("id").GetGuid());
    }

    private static async Task ActAsync(Person person, Guid referral, string act, HttpStatusCode expected = HttpStatusCode.NoContent, object? body = null)
    {
        using var answer = await person.Letters.PostAsync($"{Referrals}/{referral}/{act}", body is null ? null : JsonContent.Create(body));
        Assert.Equal(expected, answer.StatusCode);
    }
}
