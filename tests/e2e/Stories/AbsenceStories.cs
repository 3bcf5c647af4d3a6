using System.Net;
using System.Text.Json;
using Tarasol.Tests.E2e.Api;

namespace Tarasol.Tests.E2e.Stories;

[Collection(nameof(SharedMesh))]
[Trait("Scale", "large")]
public sealed class AbsenceStories(SharedMesh shared)
{
    [Fact]
    public async Task رئيس_في_إجازة_ينوب_عنه_زميله_ويبقى_في_السجل_من_عمل_عن_من()
    {
        var office = await Office.OpenAsync(shared, "story-leave", "ar");
        var (clerk, head, deputy, auditor) = (await office.HireAsync("huda", "registry-clerk"), await office.HireAsync("salem", "unit-head"), await office.HireAsync("noura", "handler"), await office.HireAsync("auditor", "auditor"));
        var (today, tomorrow) = (DateOnly.FromDateTime(DateTime.UtcNow), DateOnly.FromDateTime(DateTime.UtcNow).AddDays(1));

        var delegation = await head.DelegatesToAsync(deputy, 7, "restricted", "إجازة سنوية");
        await deputy.AcceptsDelegationAsync(delegation);
        var refused = await Assert.ThrowsAsync<RefusedException>(() => deputy.DelegatesToAsync(clerk, 3, "normal", "ظرف طارئ"));
        Assert.StartsWith("noura يعمل نيابة عن salem في العمل نفسه", refused.Answer.IsProblem(HttpStatusCode.Conflict, "delegation-chain").Text("title"), StringComparison.Ordinal);

        // Letters go to the deputy, except what is more secret than was delegated.
        var letter = await SendUntilItComesToDeputyAsync();
        var secret = await clerk.RegistersAsync(new("internal", "تحقيق إداري") { Confidentiality = "secret" });
        await clerk.SendsAsync(secret, head);
        await head.FindsAsync(secret);
        Assert.Null(await deputy.LooksForAsync(secret));
        Assert.Contains(letter.Id, await deputy.LooksAtInboxAsync("on-behalf"));
        Assert.Contains(letter.Id, await head.LooksAtInboxAsync("by-others"));
        await deputy.ApprovesAsync(letter);
        await clerk.SeesAsync(letter, "approved");
        Assert.Equal(("noura", "salem"), (await clerk.ReadsTimelineAsync(letter)).Where(each => each.Text("kind") == "step-approved").Select(each => (each.Text("actor"), each.Maybe("onBehalfOf"))).Single());

        // Back early: what is open comes back.
        var open = await SendUntilItComesToDeputyAsync();
        await head.EndsDelegationAsync(delegation, "عاد من الإجازة");
        await head.FindsAsync(open);
        Assert.Null(await deputy.LooksForAsync(open));

        // Who could act for him today, and why? And tomorrow?
        Assert.Equal([("noura", "delegation"), ("salem", "own")], (await AuthorityAsync(today)).Select(each => (each.Text("person"), each.Text("basis"))).Distinct().Order());
        var why = string.Join('\n', (await AuthorityAsync(today)).Last(each => each.Text("person") == "noura").Texts("why"));
        Assert.Matches(@"عرضه salem في .*: إجازة سنوية\nقبله noura في .*\nأنهاه salem في .* قبل موعده: عاد من الإجازة\n", why);
        Assert.Equal(["salem"], (await AuthorityAsync(tomorrow)).Select(each => each.Text("person")).Distinct());

        async Task<IReadOnlyList<JsonElement>> AuthorityAsync(DateOnly day) =>
            [.. (await auditor.DoAsync(HttpMethod.Get, $"/api/delegation/authority?user={head.Name}&on={day:yyyy-MM-dd}")).GetProperty("items").EnumerateArray()];

        // The news of a delegation takes a moment: until then a letter still comes to the head.
        async Task<Letter> SendUntilItComesToDeputyAsync()
        {
            Letter? sent = null;
            await office.UntilAsync(async () =>
            {
                sent = await clerk.RegistersAsync(new("internal", "طلب إجازة موظف") { Confidentiality = "restricted" });
                await clerk.SendsAsync(sent, head);
                var came = false;
                await office.UntilAsync(async () => (came = await deputy.LooksForAsync(sent) is not null) || await head.LooksForAsync(sent) is not null, $"letter {sent} to come to one of the two");
                return came;
            }, "the delegation to be known");
            return sent!;
        }
    }
}
