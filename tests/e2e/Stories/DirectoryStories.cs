using System.Net;
using System.Text.Json;
using Tarasol.Tests.E2e.Api;

namespace Tarasol.Tests.E2e.Stories;

[Collection(nameof(SharedMesh))]
[Trait("Scale", "large")]
public sealed class DirectoryStories(SharedMesh shared)
{
    [Fact]
    public async Task وحدتان_تدمجان_في_ثالثة_فتنتقل_إليها_فروعهما_ويبقى_أثرهما()
    {
        var office = await Office.OpenAsync(shared, "story-units", "ar");
        var (admin, clerk) = (office.Administrator, await office.HireAsync("huda", "registry-clerk"));
        var (legal, finance, joint) = (await office.AddUnitAsync("LEG", "الشؤون القانونية", "Legal"), await office.AddUnitAsync("FIN", "الشؤون المالية", "Finance"), await office.AddUnitAsync("JNT", "الشؤون القانونية والمالية", "Legal and Finance"));
        var contracts = await office.AddUnitAsync("CON", "العقود", "Contracts", above: legal);
        await office.HireAsync("noura", "unit-head", legal);
        var post = (await admin.DoAsync(HttpMethod.Post, "/api/directory/positions", new { unitId = legal, role = "head", titleAr = "مدير الشؤون القانونية", titleEn = "Head of Legal" })).Text("id");
        await admin.DoAsync(HttpMethod.Post, $"/api/directory/positions/{post}/fill", new { userName = "noura" });

        await Office.IsInvalidAsync("successorId", "هي الوحدة المغلقة نفسها", () => MergeAsync(legal));
        await Office.IsRefusedAsync(HttpStatusCode.Conflict, "unit-successor-below", "تقع CON تحت LEG: انقلها أولا.", () => MergeAsync(contracts));
        await MergeAsync(joint);

        Assert.Equal(["CON", "JNT", "REG"], (await admin.ListsAsync("/api/directory/units")).Select(unit => unit.Text("code")).Order());
        Assert.Equal(joint, (await admin.DoAsync(HttpMethod.Get, $"/api/directory/units/{contracts}")).Text("parentId"));
        var closed = await admin.DoAsync(HttpMethod.Get, $"/api/directory/units/{legal}");
        Assert.Equal((joint, "إعادة هيكلة"), (closed.Text("successorId"), closed.Text("closeReason")));
        var holder = (await admin.DoAsync(HttpMethod.Get, $"/api/directory/positions/{post}")).GetProperty("holders")[0];
        Assert.Equal(("noura", "unit-closed"), (holder.Text("userName"), holder.Text("endCause")));

        // Nothing begins in a unit that is gone.
        await Office.IsInvalidAsync("parentId", "ليست وحدة قائمة في هذه الجهة", () => office.AddUnitAsync("NEW", "وحدة جديدة", "New", above: legal));
        Assert.Equal($"IN/JNT/{DateTime.UtcNow.Year}/00001", (await clerk.RegistersAsync(new("incoming", "مطالبة مالية") { OwnerUnitId = joint })).Number);

        Task<JsonElement> MergeAsync(string successor) => admin.DoAsync(HttpMethod.Post, "/api/directory/units/merge", new { unitIds = new[] { legal, finance }, successorId = successor, reason = "إعادة هيكلة" });
    }

    [Fact]
    public async Task جهتان_هما_واحدة_تدمجان_ثم_يتبين_أنهما_اثنتان()
    {
        var office = await Office.OpenAsync(shared, "story-parties", "ar");
        var clerk = await office.HireAsync("huda", "registry-clerk");
        var first = (await AddAsync("مؤسسة الأفق للتجارة", "cr", "1010")).Text("id");
        var added = await AddAsync("مؤسسه الافق للتجاره", "vat", "2020");
        var second = added.Text("id");
        Assert.Equal([first], added.GetProperty("likelyDuplicates").EnumerateArray().Select(each => each.Text("id")));

        // The registry only tells; the administrator decides that they are one.
        await Office.IsRefusedAsync(HttpStatusCode.Forbidden, "forbidden", "لا تملك صلاحية هذا الإجراء.", () => clerk.DoAsync(HttpMethod.Post, $"/api/directory/parties/{first}/merge", new { other = second }));
        await Office.IsInvalidAsync("other", "هي الجهة نفسها", () => office.Administrator.DoAsync(HttpMethod.Post, $"/api/directory/parties/{first}/merge", new { other = first }));
        var merge = (await office.Administrator.DoAsync(HttpMethod.Post, $"/api/directory/parties/{first}/merge", new { other = second, reason = "السجل نفسه" })).Text("mergeId");
        Assert.Equal([first], await FoundAsync());
        var kept = await clerk.DoAsync(HttpMethod.Get, $"/api/directory/parties/{first}");
        Assert.Equal(["مؤسسه الافق للتجاره"], kept.Texts("aliases"));
        Assert.Equal(["1010", "2020"], kept.GetProperty("identifiers").EnumerateArray().Select(each => each.Text("value")).Order());

        await office.Administrator.DoAsync(HttpMethod.Post, $"/api/directory/parties/{first}/merges/{merge}/undo");
        Assert.Equal(new[] { first, second }.Order(), (await FoundAsync()).Order());
        Assert.Empty((await clerk.DoAsync(HttpMethod.Get, $"/api/directory/parties/{first}")).Texts("aliases"));
        var record = (await clerk.ListsAsync($"/api/directory/parties/{second}/merges")).Single();
        Assert.Equal(("السجل نفسه", "admin", "admin"), (record.Text("reason"), record.Text("mergedBy"), record.Text("undoneBy")));

        Task<JsonElement> AddAsync(string nameAr, string scheme, string value) =>
            clerk.DoAsync(HttpMethod.Post, "/api/directory/parties", new { kind = "company", nameAr, identifiers = new[] { new { scheme, value } } });

        async Task<IReadOnlyList<string>> FoundAsync() => [.. (await clerk.ListsAsync($"/api/directory/parties?text={Uri.EscapeDataString("الأفق")}")).Select(each => each.Text("id"))];
    }
}
