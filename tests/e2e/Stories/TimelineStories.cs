using Tarasol.Tests.E2e.Api;

namespace Tarasol.Tests.E2e.Stories;

[Collection(nameof(SharedMesh))]
[Trait("Scale", "large")]
public sealed class TimelineStories(SharedMesh shared)
{
    [Fact]
    public async Task The_timeline_tells_every_act_in_order_with_what_was_before_and_after()
    {
        var office = await Office.OpenAsync(shared, "story-timeline", "en");
        var (clerk, head, auditor) = (await office.HireAsync("huda", "registry-clerk"), await office.HireAsync("salem", "unit-head"), await office.HireAsync("auditor", "auditor"));
        var earlier = await clerk.RegistersAsync(new("incoming", "The first question") { Language = "en" });
        var letter = await clerk.RegistersAsync(new("incoming", "The secnd question") { Language = "en" });
        await clerk.CorrectsAsync(letter, new { subject = "The second question", urgency = "urgent" });
        await clerk.LinksAsync(letter, "relates", earlier);
        var referral = (await clerk.RefersAsync(letter, "reply", "Please answer", head))[0];
        await head.DoAsync(HttpMethod.Post, $"/api/correspondence/referrals/{referral}/seen");
        await head.AcceptsAsync(referral);
        await head.AnswersAsync(referral, "Answered by telephone");
        await clerk.SendsAsync(letter, head);
        await head.ApprovesAsync(letter, "Good");
        await clerk.SeesAsync(letter, "approved");
        await clerk.ClosesAsync(letter, "answered");

        var told = await clerk.ReadsTimelineAsync(letter);
        Assert.Equal(
            [
                ("registered", "huda"), ("numbered", "huda"), ("changed", "huda"), ("linked", "huda"), ("referral-sent", "huda"), ("referral-seen", "salem"), ("referral-accepted", "salem"),
                ("referral-answered", "salem"), ("routed", "huda"), ("step-approved", "salem"), ("completed", "salem"), ("closed", "huda"),
            ], told.Select(each => (each.Text("kind"), each.Text("actor"))));
        var times = told.Select(each => each.GetProperty("at").GetDateTimeOffset()).ToList();
        Assert.Equal(times.Order(), times);
        Assert.Equal(
            [("subject", "The secnd question", "The second question"), ("urgency", "normal", "urgent")],
            told[2].GetProperty("changes").EnumerateArray().Select(change => (change.Text("field"), change.Text("before"), change.Text("after"))));

        // What is in the timeline is in the evidence too, which nobody can change.
        string[] acts = ["letter-registered", "letter-numbered", "letter-changed", "referral-sent", "referral-seen", "referral-accepted", "referral-answered", "letter-routed", "step-decided", "routing-completed", "letter-closed"];
        await auditor.SeesInTrailAsync(letter, [.. acts.Select(act => $"correspondence.{act}.v1")]);
        Assert.True((await auditor.DoAsync(HttpMethod.Get, "/api/audit/verify")).GetProperty("verified").GetBoolean());
    }
}
