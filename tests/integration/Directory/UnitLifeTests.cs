using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Tarasol.Tests.Integration.Correspondence;
using Tarasol.Tests.Integration.Mesh;

namespace Tarasol.Tests.Integration.Directories;

[Collection(RegistryCollection.Name)]
[Trait("Scale", "large")]
public class UnitLifeTests(RegistryMesh mesh)
{
    private const string Units = "api/directory/units";
    private static readonly DateOnly Today = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime);

    [Fact]
    public async Task The_tree_of_a_day_shows_names_and_places_as_they_were()
    {
        var tenant = await mesh.NewTenantAsync();
        using var admin = await tenant.AdminAsync("directory");
        var (root, finance) = (await CreateAsync(admin, "ROOT"), await CreateAsync(admin, "FIN"));
        var accounts = await CreateAsync(admin, "ACC", finance);
        using (var moved = await admin.PatchAsJsonAsync($"{Units}/{accounts}", new { nameEn = "Accounting", parentId = root, on = $"{Today.AddDays(-3):O}" }))
            Assert.Equal(root, (await moved.JsonAsync()).GetProperty("parentId").GetGuid());

        Assert.Equal(("Accounting", root), await OnAsync(Today));
        Assert.Equal(("Accounting", root), await OnAsync(Today.AddDays(-3)));
        Assert.Equal(("Unit", finance), await OnAsync(Today.AddDays(-4)));

        async Task<(string?, Guid)> OnAsync(DateOnly day)
        {
            var page = await admin.GetFromJsonAsync<JsonElement>($"{Units}?on={day:O}");
            var unit = page.GetProperty("items").EnumerateArray().Single(item => item.GetProperty("id").GetGuid() == accounts);
            return (unit.Text("nameEn"), unit.GetProperty("parentId").GetGuid());
        }
    }

    [Fact]
    public async Task A_unit_that_closes_hands_its_work_its_units_and_no_position_on()
    {
        var tenant = await mesh.NewTenantAsync();
        using var admin = await tenant.AdminAsync("directory");
        await tenant.NewUserAsync("salma", ["unit-head"]);
        await tenant.NewUserAsync("omar", ["unit-head"]);
        var (old, next) = (await CreateAsync(admin, "OLD"), await CreateAsync(admin, "NEW"));
        var child = await CreateAsync(admin, "CHILD", old);
        var oldHead = await HeadAsync(admin, old, "salma");
        await HeadAsync(admin, next, "omar");
        var close = new { successorId = next, reason = "دمج الإدارتين" };
        using (var closed = await admin.PostAsJsonAsync($"{Units}/{old}/close", close))
            Assert.Equal(HttpStatusCode.NoContent, closed.StatusCode);
        using (var again = await admin.PostAsJsonAsync($"{Units}/{old}/close", close))
            Assert.Equal(HttpStatusCode.NoContent, again.StatusCode);

        Assert.Equal(next, (await admin.GetFromJsonAsync<JsonElement>($"{Units}/{child}")).GetProperty("parentId").GetGuid());
        var listed = await admin.GetFromJsonAsync<JsonElement>(Units);
        Assert.DoesNotContain(listed.GetProperty("items").EnumerateArray(), unit => unit.Text("code") == "OLD");
        Assert.Contains((await admin.GetFromJsonAsync<JsonElement>($"{Units}?closed=true")).GetProperty("items").EnumerateArray(), unit => unit.Text("code") == "OLD");
        var position = await admin.GetFromJsonAsync<JsonElement>($"api/directory/positions/{oldHead}");
        Assert.Equal($"{Today:O}", position.Text("closedOn"));
        Assert.Equal("unit-closed", Assert.Single(position.GetProperty("holders").EnumerateArray()).Text("endCause"));

        using var service = mesh.Client("directory", await mesh.ServiceTokenAsync("tenant"), tenant.Slug);
        Assert.Equal("omar", (await service.GetFromJsonAsync<JsonElement>($"internal/units/{old}/head")).Text("userName"));
        Assert.Equal("omar", (await service.GetFromJsonAsync<JsonElement>($"internal/units/{child}/head?up=true")).Text("userName"));
        var told = await service.GetFromJsonAsync<JsonElement>($"internal/units/{old}");
        Assert.Equal((false, next), (told.GetProperty("isOpen").GetBoolean(), told.GetProperty("successorId").GetGuid()));
        Assert.Equal(new HashSet<Guid> { next, old, child }, (await service.GetFromJsonAsync<List<Guid>>($"internal/units/{next}/below"))!.ToHashSet());

        // Nothing new goes under it.
        using var below = await admin.PostAsJsonAsync(Units, new { code = "LATE", nameAr = "وحدة", nameEn = "Unit", parentId = old });
        Assert.Equal(["parentId"], await below.BadFieldsAsync());
        using var changed = await admin.PatchAsJsonAsync($"{Units}/{old}", new { nameEn = "Other" });
        Assert.Equal((HttpStatusCode.Conflict, "unit-closed"), (changed.StatusCode, (await changed.JsonAsync()).Text("code")));
    }

    [Fact]
    public async Task Several_units_merge_into_one_or_none_of_them_does()
    {
        var tenant = await mesh.NewTenantAsync();
        using var admin = await tenant.AdminAsync("directory");
        var (one, other, into) = (await CreateAsync(admin, "ONE"), await CreateAsync(admin, "TWO"), await CreateAsync(admin, "INTO"));
        var below = await CreateAsync(admin, "BELOW", other);
        using (var refused = await admin.PostAsJsonAsync($"{Units}/merge", new { unitIds = new[] { one, other }, successorId = below, reason = "x" }))
            Assert.Equal((HttpStatusCode.Conflict, "unit-successor-below"), (refused.StatusCode, (await refused.JsonAsync()).Text("code")));
        using (var refused = await admin.PostAsJsonAsync($"{Units}/merge", new { unitIds = new[] { one, Guid.CreateVersion7() }, successorId = one, reason = "x" }))
            Assert.Equal(["unitIds[1]"], await refused.BadFieldsAsync());
        using (var early = await admin.PostAsJsonAsync($"{Units}/merge", new { unitIds = new[] { one }, successorId = into, reason = "x", on = $"{Today.AddDays(1):O}" }))
            Assert.Equal(["on"], await early.BadFieldsAsync());
        Assert.Equal(4, await CountAsync());
        using (var merged = await admin.PostAsJsonAsync($"{Units}/merge", new { unitIds = new[] { one, other }, successorId = into, reason = "one department" }))
            Assert.Equal(HttpStatusCode.NoContent, merged.StatusCode);
        Assert.Equal(2, await CountAsync());

        async Task<int> CountAsync() => (await admin.GetFromJsonAsync<JsonElement>(Units)).GetProperty("items").GetArrayLength();
    }

    [Fact]
    public async Task A_unit_never_gets_below_itself()
    {
        var tenant = await mesh.NewTenantAsync();
        using var admin = await tenant.AdminAsync("directory");
        var top = await CreateAsync(admin, "TOP");
        var middle = await CreateAsync(admin, "MID", top);
        var low = await CreateAsync(admin, "LOW", middle);
        using var refused = await admin.PatchAsJsonAsync($"{Units}/{top}", new { parentId = low });
        Assert.Equal(["parentId"], await refused.BadFieldsAsync());
        // Two moves at the same time that together would make a circle.
        var other = await CreateAsync(admin, "OTHER");
        var answers = await Task.WhenAll(admin.PatchAsJsonAsync($"{Units}/{other}", new { parentId = low }), admin.PatchAsJsonAsync($"{Units}/{top}", new { parentId = other }));
        Assert.Single(answers, answer => answer.IsSuccessStatusCode);
        foreach (var answer in answers)
            answer.Dispose();
    }

    [Fact]
    public async Task Units_are_found_by_the_beginnings_of_words_however_they_are_written()
    {
        var tenant = await mesh.NewTenantAsync();
        using var admin = await tenant.AdminAsync("directory");
        using (var made = await admin.PostAsJsonAsync(Units, new { code = "HR", nameAr = "إدارة الموارد البشرية", nameEn = "Human Resources" }))
            await TestMesh.EnsureAsync(made);
        await CreateAsync(admin, "FIN");
        foreach (var text in new[] { "اداره موارد", "الْبَشَرِيّة", "human res", "hr" })
            Assert.Equal("HR", Assert.Single((await admin.GetFromJsonAsync<JsonElement>($"{Units}?text={Uri.EscapeDataString(text)}")).GetProperty("items").EnumerateArray()).Text("code"));
    }

    internal static async Task<Guid> CreateAsync(HttpClient client, string code, Guid? parent = null)
    {
        using var made = await client.PostAsJsonAsync(Units, new { code, nameAr = "وحدة", nameEn = "Unit", parentId = parent, openedOn = "2020-01-01" });
        await TestMesh.EnsureAsync(made);
        return (await made.JsonAsync()).GetProperty("id").GetGuid();
    }

    internal static async Task<Guid> HeadAsync(HttpClient client, Guid unit, string userName)
    {
        using var made = await client.PostAsJsonAsync("api/directory/positions", new { unitId = unit, role = "head", titleAr = "رئيس الوحدة", titleEn = "Head of unit" });
        await TestMesh.EnsureAsync(made);
        var id = (await made.JsonAsync()).GetProperty("id").GetGuid();
        using var filled = await client.PostAsJsonAsync($"api/directory/positions/{id}/fill", new { userName, from = "2025-01-01" });
        await TestMesh.EnsureAsync(filled);
        return id;
    }
}
