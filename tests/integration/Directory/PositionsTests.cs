using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Tarasol.Tests.Integration.Correspondence;
using Tarasol.Tests.Integration.Mesh;

namespace Tarasol.Tests.Integration.Directories;

[Collection(RegistryCollection.Name)]
[Trait("Scale", "large")]
public class PositionsTests(RegistryMesh mesh)
{
    private const string Positions = "api/directory/positions";

    [Fact]
    public async Task A_position_of_another_tenant_does_not_exist()
    {
        var (here, there) = (await mesh.NewTenantAsync(), await mesh.NewTenantAsync());
        using var other = await there.AdminAsync("directory");
        await there.NewUserAsync("salma", ["handler"]);
        var foreign = await UnitLifeTests.HeadAsync(other, await UnitLifeTests.CreateAsync(other, "FIN"), "salma");
        using var admin = await here.AdminAsync("directory");
        using var read = await admin.GetAsync(new Uri($"{Positions}/{foreign}", UriKind.Relative));
        using var filled = await admin.PostAsJsonAsync($"{Positions}/{foreign}/fill", new { userName = "admin" });
        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.NotFound), (read.StatusCode, filled.StatusCode));
        Assert.Empty((await admin.GetFromJsonAsync<JsonElement>(Positions)).GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task One_person_at_a_time_holds_a_position_and_everybody_who_did_stays_known()
    {
        var tenant = await mesh.NewTenantAsync();
        using var admin = await tenant.AdminAsync("directory");
        await tenant.NewUserAsync("salma", ["handler"]);
        await tenant.NewUserAsync("omar", ["handler"]);
        var unit = await UnitLifeTests.CreateAsync(admin, "FIN");
        var head = await UnitLifeTests.HeadAsync(admin, unit, "salma");
        using (var occupied = await admin.PostAsJsonAsync($"{Positions}/{head}/fill", new { userName = "omar", from = "2025-06-01" }))
            Assert.Equal((HttpStatusCode.Conflict, "position-occupied"), (occupied.StatusCode, (await occupied.JsonAsync()).Text("code")));
        using (var second = await admin.PostAsJsonAsync(Positions, new { unitId = unit, role = "head", titleAr = "رئيس", titleEn = "Head" }))
            Assert.Equal("head-position-exists", (await second.JsonAsync()).Text("code"));
        using (var vacated = await admin.PostAsJsonAsync($"{Positions}/{head}/vacate", new { on = "2025-06-01" }))
            await TestMesh.EnsureAsync(vacated);
        using (var filled = await admin.PostAsJsonAsync($"{Positions}/{head}/fill", new { userName = "OMAR", from = "2025-06-01", until = "2025-12-31" }))
            await TestMesh.EnsureAsync(filled);

        Assert.Equal([("salma", "2025-01-01", "2025-06-01"), ("omar", "2025-06-01", "2026-01-01")],
            (await admin.GetFromJsonAsync<JsonElement>($"{Positions}/{head}")).GetProperty("holders").EnumerateArray().Select(held => (held.Text("userName")!, held.Text("from")!, held.Text("until")!)));
        using var service = mesh.Client("directory", await mesh.ServiceTokenAsync("tenant"), tenant.Slug);
        foreach (var (day, holder) in new[] { ("2025-05-31", "salma"), ("2025-06-01", "omar"), ("2025-12-31", "omar") })
        {
            Assert.Equal(holder, (await service.GetFromJsonAsync<JsonElement>($"internal/units/{unit}/head?on={day}")).Text("userName"));
            Assert.Equal(holder, (await admin.GetFromJsonAsync<JsonElement>($"{Positions}?unitId={unit}&on={day}")).GetProperty("items")[0].GetProperty("holder").Text("userName"));
        }
        using var nobody = await service.GetAsync(new Uri($"internal/units/{unit}/head?on=2026-01-01", UriKind.Relative));
        Assert.Equal((HttpStatusCode.NotFound, "no-head"), (nobody.StatusCode, (await nobody.JsonAsync()).Text("code")));
        Assert.Equal("head", Assert.Single((await service.GetFromJsonAsync<JsonElement>("internal/people/omar/positions?on=2025-07-01")).GetProperty("items").EnumerateArray()).Text("role"));
        Assert.Empty((await service.GetFromJsonAsync<JsonElement>("internal/people/omar/positions?on=2026-07-01")).GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task A_role_in_a_unit_can_have_several_people_each_in_a_position_of_their_own()
    {
        var tenant = await mesh.NewTenantAsync();
        using var admin = await tenant.AdminAsync("directory");
        var unit = await UnitLifeTests.CreateAsync(admin, "FIN");
        foreach (var userName in new[] { "salma", "omar" })
        {
            await tenant.NewUserAsync(userName, ["handler"]);
            using var made = await admin.PostAsJsonAsync(Positions, new { unitId = unit, role = "secretary", titleAr = "أمين سر", titleEn = "Secretary" });
            using var filled = await admin.PostAsJsonAsync($"{Positions}/{(await made.JsonAsync()).Text("id")}/fill", new { userName });
            await TestMesh.EnsureAsync(filled);
        }
        using var service = mesh.Client("directory", await mesh.ServiceTokenAsync("tenant"), tenant.Slug);
        Assert.Equal(["salma", "omar"], (await service.GetFromJsonAsync<JsonElement>($"internal/units/{unit}/roles/secretary")).GetProperty("items").EnumerateArray().Select(held => held.Text("userName")));
        Assert.Empty((await service.GetFromJsonAsync<JsonElement>($"internal/units/{unit}/roles/deputy")).GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task Whoever_is_disabled_holds_nothing_any_more()
    {
        var tenant = await mesh.NewTenantAsync();
        using var admin = await tenant.AdminAsync("directory");
        var (id, _) = await tenant.NewUserAsync("salma", ["handler"]);
        var head = await UnitLifeTests.HeadAsync(admin, await UnitLifeTests.CreateAsync(admin, "FIN"), "salma");
        using (var identity = await tenant.AdminAsync("identity"))
        using (var disabled = await identity.PostAsync(new Uri($"api/identity/users/{id}/disable", UriKind.Relative), null))
            await TestMesh.EnsureAsync(disabled);
        await TestMesh.EventuallyAsync("the position to be vacant", async () =>
            (await admin.GetFromJsonAsync<JsonElement>($"{Positions}?userName=salma")).GetProperty("items").GetArrayLength() == 0);
        Assert.Equal("person-left", (await admin.GetFromJsonAsync<JsonElement>($"{Positions}/{head}")).GetProperty("holders")[0].Text("endCause"));
        using var refilled = await admin.PostAsJsonAsync($"{Positions}/{head}/fill", new { userName = "salma" });
        Assert.Equal(["userName"], await refilled.BadFieldsAsync());
    }
}
