using System.Net;
using Tarasol.Tests.E2e.Api;

namespace Tarasol.Tests.E2e.Stories;

[Collection(nameof(SharedMesh))]
[Trait("Scale", "large")]
public sealed class CircuitStories(SharedMesh shared)
{
    [Fact]
    public async Task خطاب_صادر_يعتمده_اثنان_من_ثلاثة_ويوقعه_المدير_فيأخذ_رقمه()
    {
        var office = await Office.OpenAsync(shared, "story-quorum", "ar");
        var (clerk, director) = (await office.HireAsync("huda", "registry-clerk"), await office.HireAsync("director", "signatory"));
        var members = new[] { await office.HireAsync("salem", "unit-head"), await office.HireAsync("noura", "unit-head"), await office.HireAsync("faisal", "unit-head") };
        await office.PublishCircuitAsync("outgoing", "مسار الصادر", "Outgoing letters",
            new { key = "committee", quorum = "count", count = 2, items = members.Select(each => Circuit.Item("approve", each)) },
            Circuit.Step("signature", "sign", director));

        var letter = await clerk.RegistersAsync(new("outgoing", "الرد على طلب الإحصاءات"));
        Assert.Null(letter.Number);
        await clerk.SendsAsync(letter, "outgoing");
        await members[0].ApprovesAsync(letter, "موافق");
        Assert.Null(await director.LooksForAsync(letter));
        await members[2].ApprovesAsync(letter, "موافق");

        // Two of three are enough: the third is not asked any more.
        await director.SignsAsync(letter);
        Assert.Equal($"OUT/REG/{DateTime.UtcNow.Year}/00001", (await clerk.SeesAsync(letter, "approved")).Text("referenceNumber"));
        await office.UntilAsync(async () => await members[1].LooksForAsync(letter) is null, "the third member's task to go away");
        await Office.IsRefusedAsync(HttpStatusCode.Conflict, "letter-final", "حالة هذا الخطاب نهائية (approved): لا يعدل ولا يحال بعدها؛ سجل خطابا يحل محله.", () => clerk.CorrectsAsync(letter, new { subject = "غيره" }));
    }

    [Fact]
    public async Task A_letter_is_returned_to_its_author_who_changes_it_and_sends_it_again()
    {
        var office = await Office.OpenAsync(shared, "story-returned", "en");
        var (clerk, head, director) = (await office.HireAsync("huda", "registry-clerk"), await office.HireAsync("salem", "unit-head"), await office.HireAsync("director", "signatory"));
        await office.PublishCircuitAsync("memo", "مسار المذكرات", "Memos",
            Circuit.Step("head", "approve", head),
            Circuit.Step("signature", "sign", director));
        var letter = await clerk.RegistersAsync(new("internal", "Working hours in Ramadn") { Language = "en" });

        await clerk.SendsAsync(letter, "memo");
        await Office.IsRefusedAsync(HttpStatusCode.Conflict, "routing-under-way", "A routing of this letter is under way.", () => clerk.CorrectsAsync(letter, new { subject = "Too early" }));
        await head.ApprovesAsync(letter);
        await director.ReturnsAsync(letter, "Spelling: Ramadan");
        Assert.Equal("returned", (await clerk.SeesAsync(letter, "returned")).Text("status"));

        await clerk.CorrectsAsync(letter, new { subject = "Working hours in Ramadan" });
        await clerk.SendsAsync(letter, "memo");
        await head.ApprovesAsync(letter);
        Assert.Equal("Working hours in Ramadan", (await director.FindsAsync(letter)).Text("subject"));
        await director.SignsAsync(letter);
        Assert.Equal($"INT/REG/{DateTime.UtcNow.Year}/00001", (await clerk.SeesAsync(letter, "approved")).Text("referenceNumber"));
        var told = await clerk.ReadsTimelineAsync(letter);
        Assert.Equal(["registered", "routed", "step-approved", "step-returned", "completed", "changed", "routed", "step-approved", "step-signed", "numbered", "completed"], told.Select(each => each.Text("kind")));
        Assert.Equal("Spelling: Ramadan", told[3].Text("comment"));
    }

    [Fact]
    public async Task خطاب_مرفوض_يقف_عند_رافضه_ولا_يمضي_بعده_شيء()
    {
        var office = await Office.OpenAsync(shared, "story-rejected", "ar");
        var (clerk, head, director) = (await office.HireAsync("huda", "registry-clerk"), await office.HireAsync("salem", "unit-head"), await office.HireAsync("director", "signatory"));
        await office.PublishCircuitAsync("outgoing", "مسار الصادر", "Outgoing letters", Circuit.Step("head", "approve", head), Circuit.Step("signature", "sign", director));
        var letter = await clerk.RegistersAsync(new("outgoing", "طلب صرف مكافأة استثنائية"));
        await clerk.SendsAsync(letter, "outgoing");

        await Office.IsInvalidAsync("comment", "مطلوب عند الرفض أو الإعادة أو التعليق", () => head.RejectsAsync(letter, ""));
        await head.RejectsAsync(letter, "لا يوجد بند مالي");
        Assert.Null((await clerk.SeesAsync(letter, "rejected")).Maybe("referenceNumber"));

        Assert.Null(await director.LooksForAsync(letter));
        await Office.IsRefusedAsync(HttpStatusCode.Conflict, "letter-final", "حالة هذا الخطاب نهائية (rejected): لا يعدل ولا يحال بعدها؛ سجل خطابا يحل محله.", () => clerk.SendsAsync(letter, "outgoing"));
        await Office.IsRefusedAsync(HttpStatusCode.Conflict, "letter-final", "حالة هذا الخطاب نهائية (rejected): لا يعدل ولا يحال بعدها؛ سجل خطابا يحل محله.", () => clerk.CorrectsAsync(letter, new { subject = "طلب آخر" }));
        var told = await clerk.ReadsTimelineAsync(letter);
        Assert.Equal(["registered", "routed", "step-rejected", "completed"], told.Select(each => each.Text("kind")));
        Assert.Equal(("salem", "لا يوجد بند مالي"), (told[2].Text("actor"), told[2].Text("comment")));
    }

    [Fact]
    public async Task A_letter_that_was_sent_by_mistake_is_stopped_on_its_way_and_sent_anew()
    {
        var office = await Office.OpenAsync(shared, "story-stopped", "en");
        var (clerk, head, director) = (await office.HireAsync("huda", "registry-clerk"), await office.HireAsync("salem", "unit-head"), await office.HireAsync("director", "signatory"));
        var letter = await clerk.RegistersAsync(new("internal", "Leave of the head of the unit") { Language = "en" });
        var routing = await clerk.SendsAsync(letter, head);
        await head.FindsAsync(letter);

        await clerk.StopsAsync(letter, routing, "He cannot approve his own leave");
        Assert.Equal("registered", (await clerk.ReadsAsync(letter)).Text("status"));
        await office.UntilAsync(async () => await head.LooksForAsync(letter) is null, "the head to be asked no more");

        await clerk.SendsAsync(letter, director);
        await director.ApprovesAsync(letter);
        await clerk.SeesAsync(letter, "approved");
        await Office.IsRefusedAsync(HttpStatusCode.Conflict, "letter-final", "This letter is approved, which is final: it is neither changed nor routed any more; register a letter that supersedes it.", () => clerk.SendsAsync(letter, head));
        var told = await clerk.ReadsTimelineAsync(letter);
        Assert.Equal(["registered", "routed", "routing-interrupted", "routed", "step-approved", "numbered", "completed"], told.Select(each => each.Text("kind")));
        Assert.Equal("He cannot approve his own leave", told[2].Text("comment"));
    }

    [Fact]
    public async Task مسار_قد_يتوقف_فيه_خطاب_لا_ينشر_ويقال_أين_الخلل()
    {
        var office = await Office.OpenAsync(shared, "story-unsound", "ar");
        var (admin, clerk, director) = (office.Administrator, await office.HireAsync("huda", "registry-clerk"), await office.HireAsync("director", "signatory"));
        object[] chosen = [new { key = "review", items = new[] { new { kind = "approve", assignee = new { type = "chosen", slot = "reviewer" } } } }, Circuit.Step("signature", "sign", director)];
        var circuit = (await admin.DoAsync(HttpMethod.Post, "/api/correspondence/circuits", new
        {
            code = "outgoing", nameAr = "مسار الصادر", nameEn = "Outgoing letters",
            steps = new object[] { new { key = "review", quorum = "count", count = 3, items = new[] { new { kind = "approve", assignee = new { type = "user", user = "nobody" } } } } },
        })).Text("id");

        var refused = await Assert.ThrowsAsync<RefusedException>(() => admin.DoAsync(HttpMethod.Post, $"/api/correspondence/circuits/{circuit}/publish"));
        var problem = refused.Answer.IsProblem(HttpStatusCode.Conflict, "circuit-unsound");
        Assert.Equal("قد يتوقف خطاب في هذا المسار؛ انظر الأخطاء لكل موضع.", problem.Text("title"));
        Assert.Equal(["لا يوجد مستخدم بهذا الاسم"], problem.GetProperty("errors").Texts("steps[0].items[0].assignee"));
        Assert.Equal(["يلزم موافقة 3 بينما يُسأل 1 فقط"], problem.GetProperty("errors").Texts("steps[0].count"));

        // Mended: now the reviewer is named whenever a letter is sent.
        await admin.DoAsync(HttpMethod.Put, $"/api/correspondence/circuits/{circuit}", new { nameAr = "مسار الصادر", nameEn = "Outgoing letters", steps = chosen });
        await admin.DoAsync(HttpMethod.Post, $"/api/correspondence/circuits/{circuit}/publish");
        var letter = await clerk.RegistersAsync(new("outgoing", "الرد على الاستفسار"));
        await Office.IsInvalidAsync("chosen.reviewer", "يجب أن يسمي المكلف", () => clerk.SendsAsync(letter, "outgoing"));
        await clerk.SendsAsync(letter, "outgoing", new() { ["reviewer"] = clerk.Name });
        await clerk.ApprovesAsync(letter);
        await director.SignsAsync(letter);
        await clerk.SeesAsync(letter, "approved");
    }
}
