using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Tarasol.Tests.Integration.Directories;

[Collection(RegistryCollection.Name)]
public class UnitsTests(RegistryMesh mesh)
{
    private const string Units = "api/directory/units";

    [Fact]
    public async Task A_unit_is_created_found_and_listed()
    {
        var tenant = await mesh.NewTenantAsync();
        using var admin = await tenant.AdminAsync("directory");
        var root = await CreateAsync(admin, "FIN", null);
        using var made = await admin.PostAsJsonAsync(Units, new { code = "ACC", nameAr = "المحاسبة", nameEn = "Accounts", parentId = root });
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        var id = (await made.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetGuid();
        Assert.Equal($"/{Units}/{id}", made.Headers.Location?.ToString());

        var unit = await admin.GetFromJsonAsync<JsonElement>($"{Units}/{id}");
        Assert.Equal(("ACC", "المحاسبة", "Accounts", root), (
            unit.GetProperty("code").GetString(), unit.GetProperty("nameAr").GetString(), unit.GetProperty("nameEn").GetString(), unit.GetProperty("parentId").GetGuid()));

        var list = await admin.GetFromJsonAsync<JsonElement>(Units);
        Assert.Equal([root, id], list.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("id").GetGuid()));
        Assert.Equal(JsonValueKind.Null, list.GetProperty("next").ValueKind);
    }

    [Fact]
    public async Task Pages_of_units_follow_each_other()
    {
        var tenant = await mesh.NewTenantAsync();
        using var admin = await tenant.AdminAsync("directory");
        var made = new List<Guid>();
        for (var each = 0; each < 5; each++)
            made.Add(await CreateAsync(admin, $"U{each}", null));
        var (seen, cursor) = (new List<Guid>(), "");
        do
        {
            var page = await admin.GetFromJsonAsync<JsonElement>($"{Units}?limit=2&cursor={cursor}");
            seen.AddRange(page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("id").GetGuid()));
            cursor = page.GetProperty("next").GetString();
        }
        while (cursor is not null);
        Assert.Equal(made.Order(), seen.Order());
        Assert.Equal(5, seen.Distinct().Count());
    }

    [Fact]
    public async Task A_code_is_there_once_in_a_tenant_also_when_two_ask_at_the_same_time()
    {
        var tenant = await mesh.NewTenantAsync();
        using var admin = await tenant.AdminAsync("directory");
        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => admin.PostAsJsonAsync(Units, new { code = "FIN", nameAr = "المالية", nameEn = "Finance" })));
        Assert.Equal([201, 409, 409, 409], answers.Select(answer => (int)answer.StatusCode).Order());
        var problem = await answers.First(answer => answer.StatusCode == HttpStatusCode.Conflict).Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal("unit-code-taken", problem.GetProperty("code").GetString());
        foreach (var answer in answers)
            answer.Dispose();
    }

    [Fact]
    public async Task A_parent_must_be_a_unit_of_the_same_tenant()
    {
        var (here, there) = (await mesh.NewTenantAsync(), await mesh.NewTenantAsync());
        using var other = await there.AdminAsync("directory");
        var foreign = await CreateAsync(other, "FIN", null);
        using var admin = await here.AdminAsync("directory");
        using var refused = await admin.PostAsJsonAsync(Units, new { code = "ACC", nameAr = "المحاسبة", nameEn = "Accounts", parentId = foreign });
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.True((await refused.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors").TryGetProperty("parentId", out _));
    }

    [Fact]
    public async Task A_unit_of_another_tenant_does_not_exist()
    {
        var (here, there) = (await mesh.NewTenantAsync(), await mesh.NewTenantAsync());
        using var other = await there.AdminAsync("directory");
        var foreign = await CreateAsync(other, "FIN", null);
        using var admin = await here.AdminAsync("directory");
        using var byId = await admin.GetAsync(new Uri($"{Units}/{foreign}", UriKind.Relative));
        Assert.Equal(HttpStatusCode.NotFound, byId.StatusCode);
        Assert.Empty((await admin.GetFromJsonAsync<JsonElement>(Units)).GetProperty("items").EnumerateArray());
        await CreateAsync(admin, "FIN", null);
    }

    [Fact]
    public async Task What_is_wrong_is_named_field_by_field_in_the_callers_language()
    {
        var tenant = await mesh.AnyTenantAsync();
        using var admin = await tenant.AdminAsync("directory");
        admin.DefaultRequestHeaders.AcceptLanguage.ParseAdd("ar");
        using var refused = await admin.PostAsJsonAsync(Units, new { code = "F/N", nameAr = "", colour = 1 });
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        var problem = await refused.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(["code", "colour", "nameAr", "nameEn"], problem.GetProperty("errors").EnumerateObject().Select(error => error.Name).Order());
        Assert.Equal("مطلوب", problem.GetProperty("errors").GetProperty("nameEn")[0].GetString());
        Assert.NotEqual("", problem.GetProperty("traceId").GetString());
    }

    [Fact]
    public async Task Whoever_may_only_read_creates_nothing()
    {
        var tenant = await mesh.AnyTenantAsync();
        var (_, token) = await tenant.NewUserAsync("reader", ["handler"]);
        using var handler = mesh.Client("directory", token);
        using var refused = await handler.PostAsJsonAsync(Units, new { code = "FIN", nameAr = "المالية", nameEn = "Finance" });
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        using var list = await handler.GetAsync(new Uri(Units, UriKind.Relative));
        Assert.Equal(HttpStatusCode.OK, list.StatusCode);
    }

    [Fact]
    public async Task Without_a_token_or_with_another_tenants_nothing_is_shown()
    {
        var tenant = await mesh.AnyTenantAsync();
        var other = await mesh.NewTenantAsync();
        using var nobody = mesh.Client("directory", tenant: tenant.Slug);
        using var unauthenticated = await nobody.GetAsync(new Uri(Units, UriKind.Relative));
        Assert.Equal(HttpStatusCode.Unauthorized, unauthenticated.StatusCode);
        using var foreign = mesh.Client("directory", await other.AdminTokenAsync(), tenant.Slug);
        using var mismatch = await foreign.GetAsync(new Uri(Units, UriKind.Relative));
        Assert.Equal(HttpStatusCode.Forbidden, mismatch.StatusCode);
    }

    [Fact]
    public async Task Other_services_learn_a_unit_and_people_cannot_ask_that_way()
    {
        var tenant = await mesh.AnyTenantAsync();
        using var admin = await tenant.AdminAsync("directory");
        var id = await CreateAsync(admin, "LEGAL", null);
        using var service = mesh.Client("directory", await mesh.ServiceTokenAsync("tenant"), tenant.Slug);
        Assert.Equal("LEGAL", (await service.GetFromJsonAsync<JsonElement>($"internal/units/{id}")).GetProperty("code").GetString());
        using var refused = await admin.GetAsync(new Uri($"internal/units/{id}", UriKind.Relative));
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
    }

    private static async Task<Guid> CreateAsync(HttpClient client, string code, Guid? parent)
    {
        using var made = await client.PostAsJsonAsync(Units, new { code, nameAr = "وحدة", nameEn = "Unit", parentId = parent });
        await Mesh.TestMesh.EnsureAsync(made);
        return (await made.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetGuid();
    }
}
