using Tarasol.Tests.E2e.Api;

namespace Tarasol.Tests.E2e.Stories;

[Collection(nameof(SharedMesh))]
public sealed class IncomingLetterStories(SharedMesh shared)
{
    [Fact]
    public async Task خطاب_وارد_يسجل_ويرقم_ويحال_إلى_ثلاث_وحدات_فتجيب_ثم_يغلق()
    {
        var office = await Office.OpenAsync(shared, "story-incoming", "ar");
        var (legal, finance, services) = (await office.AddUnitAsync("LEG", "الشؤون القانونية", "Legal"), await office.AddUnitAsync("FIN", "الشؤون المالية", "Finance"), await office.AddUnitAsync("SRV", "خدمات المستفيدين", "Services"));
        var clerk = await office.HireAsync("huda", "registry-clerk");
        var heads = new[] { await office.HireAsync("salem", "unit-head", legal), await office.HireAsync("noura", "unit-head", finance), await office.HireAsync("faisal", "unit-head", services) };

        var letter = await clerk.RegistersAsync(new("incoming", "طلب تزويد بإحصاءات المراجعين") { SenderReference = "م/1447/88" });
        Assert.Equal($"IN/REG/{DateTime.UtcNow.Year}/00001", letter.Number);

        var referrals = await clerk.RefersToUnitsAsync(letter, "reply", "للإفادة خلال ثلاثة أيام", legal, finance, services);
        foreach (var (head, referral) in heads.Zip(referrals))
        {
            Assert.Equal("طلب تزويد بإحصاءات المراجعين", (await head.FindsAsync(letter, "referral")).Text("subject"));
            await head.AcceptsAsync(referral);
            await head.AnswersAsync(referral, $"لا مانع لدى وحدة {head.Name}");
        }
        foreach (var referral in referrals)
            Assert.Equal("answered", (await clerk.ReadsReferralAsync(referral)).Text("state"));
        Assert.Equal("لا مانع لدى وحدة noura", (await clerk.ReadsReferralAsync(referrals[1])).Text("answer"));

        await clerk.ClosesAsync(letter, "answered", "أرسل الرد إلى المركز");
        Assert.Equal(("closed", letter.Number), ((await clerk.ReadsAsync(letter)).Text("status"), (await clerk.ReadsAsync(letter)).Text("referenceNumber")));
        await office.UntilAsync(async () => await heads[0].LooksForAsync(letter) is null, "the answered referral to leave the inbox");
    }

    [Fact]
    public async Task The_registry_is_told_when_a_letter_has_come_in_before()
    {
        var office = await Office.OpenAsync(shared, "story-duplicate", "en");
        var clerk = await office.HireAsync("huda", "registry-clerk");
        var paper = new Paper("incoming", "Request for the statistics of 2025") { Language = "en", Sender = new("Statistics Centre"), SenderReference = "SC/77" };
        var first = await clerk.RegistersAsync(paper);
        Assert.Empty(first.Duplicates);

        // The same one comes again by mail; then somebody types it in anew without its reference; then there is a letter about another year.
        var second = await clerk.RegistersAsync(paper with { Subject = "Statistics", SenderReference = "sc/77" });
        Assert.Equal([(first.Id, "sender-reference")], second.Duplicates);
        var third = await clerk.RegistersAsync(paper with { Subject = "Request for statistics of 2025", SenderReference = null });
        Assert.Equal([(first.Id, "subject")], third.Duplicates);
        Assert.Empty((await clerk.RegistersAsync(paper with { Subject = "Request for the statistics of 2024", SenderReference = "SC/78" })).Duplicates);

        // It was told, not refused: the clerk says that it is one, and closes it.
        Assert.Equal($"IN/REG/{DateTime.UtcNow.Year}/00002", second.Number);
        await clerk.LinksAsync(second, "duplicates", first);
        await clerk.ClosesAsync(second, "duplicate");
        Assert.Equal([("duplicated-by", second.Id)], await clerk.ListsLinksAsync(first));
    }
}
