using System.Net;
using Tarasol.Tests.E2e.Api;

namespace Tarasol.Tests.E2e.Stories;

[Collection(nameof(SharedMesh))]
[Trait("Scale", "large")]
public sealed class CorrectionStories(SharedMesh shared)
{
    [Fact]
    public async Task خطاب_موقع_لا_يعدل_بل_يحل_محله_خطاب_آخر()
    {
        var office = await Office.OpenAsync(shared, "story-supersede", "ar");
        var (clerk, director) = (await office.HireAsync("huda", "registry-clerk"), await office.HireAsync("director", "signatory"));
        await office.PublishCircuitAsync("outgoing", "مسار الصادر", "Outgoing letters", Circuit.Step("signature", "sign", director));
        var first = await clerk.RegistersAsync(new("outgoing", "تعميم بمواعيد العمل من الثامنة"));
        await Office.IsInvalidAsync("links[0].letterId", "لم يوقع بعد؛ عدّله بدلا من ذلك", () => clerk.RegistersAsync(new("outgoing", "تعميم مصحح") { Links = [new("supersedes", first.Id)] }));
        await clerk.SendsAsync(first, "outgoing");
        await director.SignsAsync(first);
        var signed = await clerk.SeesAsync(first, "approved");

        await Office.IsRefusedAsync(HttpStatusCode.Conflict, "letter-final", "حالة هذا الخطاب نهائية (approved): لا يعدل ولا يحال بعدها؛ سجل خطابا يحل محله.", () => clerk.CorrectsAsync(first, new { subject = "تعميم بمواعيد العمل من السابعة" }));
        var second = await clerk.RegistersAsync(new("outgoing", "تعميم بمواعيد العمل من السابعة") { Links = [new("supersedes", first.Id)] });
        await clerk.SendsAsync(second, "outgoing");
        await director.SignsAsync(second);

        // Both stay, each with its own number, and each says what it is to the other.
        Assert.Equal($"OUT/REG/{DateTime.UtcNow.Year}/00002", (await clerk.SeesAsync(second, "approved")).Text("referenceNumber"));
        Assert.Equal(("تعميم بمواعيد العمل من الثامنة", signed.Text("referenceNumber")), ((await clerk.ReadsAsync(first)).Text("subject"), (await clerk.ReadsAsync(first)).Text("referenceNumber")));
        Assert.Equal([("superseded-by", second.Id)], await clerk.ListsLinksAsync(first));
        Assert.Equal([("supersedes", first.Id)], await clerk.ListsLinksAsync(second));
        var link = (await clerk.ListsAsync($"/api/correspondence/letters/{second}/links"))[0].Text("linkId");
        await Office.IsRefusedAsync(HttpStatusCode.Conflict, "link-permanent", "الخطاب الذي يحل محل غيره يبقى كذلك.", () => clerk.DoAsync(HttpMethod.Delete, $"/api/correspondence/letters/{second}/links/{link}"));
    }

    [Fact]
    public async Task معاملة_مغلقة_يعاد_فتحها_بسبب_ولا_يعاد_فتح_غير_المغلق()
    {
        var office = await Office.OpenAsync(shared, "story-reopen", "ar");
        var (clerk, head) = (await office.HireAsync("huda", "registry-clerk"), await office.HireAsync("salem", "unit-head"));
        var (good, poor) = (await clerk.RegistersAsync(new("internal", "خطة التدريب")), await clerk.RegistersAsync(new("internal", "طلب سيارة")));
        await clerk.SendsAsync(good, head);
        await Office.IsRefusedAsync(HttpStatusCode.Conflict, "routing-under-way", "لهذا الخطاب إحالة جارية.", () => clerk.ClosesAsync(good, "filed"));
        await head.ApprovesAsync(good);
        var number = (await clerk.SeesAsync(good, "approved")).Text("referenceNumber");
        await clerk.SendsAsync(poor, head);
        await head.RejectsAsync(poor, "لا حاجة");
        await clerk.SeesAsync(poor, "rejected");

        await clerk.ClosesAsync(good, "filed", "حفظت في الملف 12");
        await Office.IsRefusedAsync(HttpStatusCode.Conflict, "letter-closed", "هذا الخطاب مغلق (filed)؛ أعد فتحه أولا.", () => clerk.ClosesAsync(good, "withdrawn"));
        await Office.IsRefusedAsync(HttpStatusCode.Conflict, "letter-final", "حالة هذا الخطاب نهائية (closed): لا يعدل ولا يحال بعدها؛ سجل خطابا يحل محله.", () => clerk.SendsAsync(good, head));
        await Office.IsInvalidAsync("reason", "مطلوب", () => clerk.ReopensAsync(good, ""));
        await clerk.ReopensAsync(good, "وردت مخاطبة جديدة");
        await Office.IsRefusedAsync(HttpStatusCode.Conflict, "letter-not-closed", "لا يعاد فتح إلا خطاب مغلق؛ حالة هذا الخطاب rejected.", () => clerk.ReopensAsync(poor, "تظلم"));

        // It is what it was, and its record says all of it.
        Assert.Equal(("approved", number), ((await clerk.ReadsAsync(good)).Text("status"), (await clerk.ReadsAsync(good)).Text("referenceNumber")));
        var told = await clerk.ReadsTimelineAsync(good);
        Assert.Equal([("closed", "حفظت في الملف 12"), ("reopened", "وردت مخاطبة جديدة")], told.TakeLast(2).Select(each => (each.Text("kind"), each.Text("comment"))));
    }
}
