using System.Net;
using Tarasol.Tests.E2e.Api;

namespace Tarasol.Tests.E2e.Stories;

[Collection(nameof(SharedMesh))]
[Trait("Scale", "large")]
public sealed class ReferralStories(SharedMesh shared)
{
    [Fact]
    public async Task إحالة_تسترد_قبل_قبولها_ولا_تسترد_بعده()
    {
        var office = await Office.OpenAsync(shared, "story-recall", "ar");
        var (clerk, handler) = (await office.HireAsync("huda", "registry-clerk"), await office.HireAsync("fahad", "handler"));
        var letter = await clerk.RegistersAsync(new("incoming", "شكوى من مستفيد"));

        // Sent to the wrong person: it is taken back, and was never there.
        var wrong = (await clerk.RefersAsync(letter, "action", "لاتخاذ اللازم", handler))[0];
        await handler.FindsAsync(letter, "referral");
        await clerk.RecallsAsync(wrong);
        await Office.IsRefusedAsync(HttpStatusCode.NotFound, "not-found", "لا يوجد هنا ما طلبته.", () => handler.AcceptsAsync(wrong));
        await office.UntilAsync(async () => await handler.LooksForAsync(letter) is null, "the recalled referral to leave the inbox");

        // Whoever has accepted one has it.
        var right = (await clerk.RefersAsync(letter, "study", "للدراسة والإفادة", handler))[0];
        await handler.AcceptsAsync(right);
        await Office.IsRefusedAsync(HttpStatusCode.Conflict, "referral-not-now", "حالة الإحالة accepted ولا يمكن هذا الإجراء بعدها.", () => clerk.RecallsAsync(right));
        Assert.Equal("accepted", (await clerk.ReadsReferralAsync(right)).Text("state"));
        Assert.Equal(
            ["registered", "numbered", "referral-sent", "referral-recalled", "referral-sent", "referral-accepted"], (await clerk.ReadsTimelineAsync(letter)).Select(each => each.Text("kind")));
    }

    [Fact]
    public async Task A_referral_that_was_passed_on_ends_for_all_below_when_its_sender_closes_it()
    {
        var office = await Office.OpenAsync(shared, "story-passed-on", "en");
        var (clerk, handler, colleague) = (await office.HireAsync("huda", "registry-clerk"), await office.HireAsync("fahad", "handler"), await office.HireAsync("reem", "handler"));
        var letter = await clerk.RegistersAsync(new("incoming", "A complaint") { Language = "en" });
        var referral = (await clerk.RefersAsync(letter, "action", "Please see to it", handler))[0];

        await Office.IsInvalidAsync("parentId", "is not a referral that you have accepted", () => handler.PassesOnAsync(letter, referral, colleague));
        await handler.AcceptsAsync(referral);
        var below = await handler.PassesOnAsync(letter, referral, colleague);
        await colleague.FindsAsync(letter, "referral");

        await clerk.ClosesReferralAsync(referral);
        Assert.Equal("closed", (await handler.ReadsReferralAsync(below)).Text("state"));
        await office.UntilAsync(async () => await colleague.LooksForAsync(letter) is null && await handler.LooksForAsync(letter) is null, "the closed referrals to leave both inboxes");
        await Office.IsRefusedAsync(HttpStatusCode.Conflict, "referral-not-now", "The referral is closed; this cannot be done any more.", () => colleague.AnswersAsync(below, "Too late"));
    }
}
