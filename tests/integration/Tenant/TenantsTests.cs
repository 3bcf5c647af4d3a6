using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Tarasol.Tests.Integration.Identity;
using Tarasol.Tests.Integration.Mesh;

namespace Tarasol.Tests.Integration.Tenant;

public sealed class TenantsTests(TenantMesh mesh) : IClassFixture<TenantMesh>
{
    [Fact]
    public async Task A_tenant_is_accepted_then_active_and_its_admin_signs_in_at_once()
    {
        using var tenants = await OperatorAsync();
        var slug = TenantMesh.NewSlug();
        using var accepted = await tenants.PostAsJsonAsync("api/tenant/tenants", TenantMesh.Request(slug));
        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
        Assert.Equal($"/api/tenant/tenants/{slug}", accepted.Headers.Location?.OriginalString);
        Assert.Equal("provisioning", await accepted.TextAsync("status"));

        await TestMesh.EventuallyAsync("the tenant to be active", async () => await StatusAsync(tenants, slug) == "active");
        using var identity = mesh.Client("identity", await mesh.TokenAsync(slug, "admin", "Admin-Pass-1"));
        var me = await identity.GetFromJsonAsync<JsonElement>("api/identity/me");
        Assert.Equal(3, me.GetProperty("clearance").GetInt32());
        Assert.Equal(["tenant-admin"], me.GetProperty("roles").EnumerateArray().Select(role => role.GetString()));
        var tenant = await tenants.GetFromJsonAsync<JsonElement>($"api/tenant/tenants/{slug}");
        Assert.False(tenant.TryGetProperty("provisioning", out _));
    }

    [Fact]
    public async Task A_slug_is_taken_once_and_for_all()
    {
        using var tenants = await OperatorAsync();
        var slug = TenantMesh.NewSlug();
        using var first = await tenants.PostAsJsonAsync("api/tenant/tenants", TenantMesh.Request(slug));
        await TestMesh.EnsureAsync(first);
        using var second = await tenants.PostAsJsonAsync("api/tenant/tenants", TenantMesh.Request(slug));
        Assert.Equal(HttpStatusCode.Conflict, second.StatusCode);
        Assert.Equal("tenant-slug-taken", await second.TextAsync("code"));
    }

    [Fact]
    public async Task The_same_request_with_its_key_gets_the_same_answer()
    {
        using var tenants = await OperatorAsync();
        tenants.DefaultRequestHeaders.Add("Idempotency-Key", Guid.NewGuid().ToString());
        var slug = TenantMesh.NewSlug();
        using var first = await tenants.PostAsJsonAsync("api/tenant/tenants", TenantMesh.Request(slug));
        using var again = await tenants.PostAsJsonAsync("api/tenant/tenants", TenantMesh.Request(slug));
        await TestMesh.EventuallyAsync("the tenant to be active", async () => await StatusAsync(tenants, slug) == "active");
        using var later = await tenants.PostAsJsonAsync("api/tenant/tenants", TenantMesh.Request(slug));
        foreach (var answer in new[] { first, again, later })
        {
            Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
            Assert.Equal(first.Headers.Location, answer.Headers.Location);
            Assert.Equal(await first.Content.ReadAsStringAsync(), await answer.Content.ReadAsStringAsync());
        }
        using var different = await tenants.PostAsJsonAsync("api/tenant/tenants", TenantMesh.Request(slug, "Other-Pass-1"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, different.StatusCode);
        Assert.Equal("idempotency-key-reused", await different.TextAsync("code"));
    }

    [Theory]
    [InlineData("Upper", "Admin-Pass-1", "slug")]
    [InlineData("a", "Admin-Pass-1", "slug")]
    [InlineData("ends-", "Admin-Pass-1", "slug")]
    [InlineData("../../etc", "Admin-Pass-1", "slug")]
    [InlineData("platform", "Admin-Pass-1", "slug")]
    [InlineData("weak-password", "weak", "adminPassword")]
    public async Task A_request_that_cannot_work_is_refused_before_anything_is_made(string slug, string password, string field)
    {
        using var tenants = await OperatorAsync();
        using var answer = await tenants.PostAsJsonAsync("api/tenant/tenants", TenantMesh.Request(slug, password));
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal([field], (await answer.JsonAsync()).GetProperty("errors").EnumerateObject().Select(error => error.Name));
        using var missing = await tenants.GetAsync(new Uri("api/tenant/tenants/weak-password", UriKind.Relative));
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
    }

    [Fact]
    public async Task Only_the_platforms_people_see_the_catalogue()
    {
        var tenant = await mesh.NewTenantAsync();
        using var admin = await tenant.AdminAsync("tenant");
        using var list = await admin.GetAsync(new Uri("api/tenant/tenants", UriKind.Relative));
        Assert.Equal(HttpStatusCode.Forbidden, list.StatusCode);
        using var made = await admin.PostAsJsonAsync("api/tenant/tenants", TenantMesh.Request(TenantMesh.NewSlug()));
        Assert.Equal(HttpStatusCode.Forbidden, made.StatusCode);
        using var anonymous = mesh.Client("tenant");
        using var refused = await anonymous.GetAsync(new Uri("api/tenant/tenants", UriKind.Relative));
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
    }

    [Fact]
    public async Task A_list_holds_every_tenant_once_page_by_page()
    {
        var mine = new[] { (await mesh.NewTenantAsync()).Slug, (await mesh.NewTenantAsync()).Slug };
        using var tenants = await OperatorAsync();
        var slugs = new List<string>();
        for (string? next = ""; next is not null;)
        {
            var page = await tenants.GetFromJsonAsync<JsonElement>($"api/tenant/tenants?limit=1&cursor={next}");
            slugs.AddRange(page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("slug").GetString()!));
            next = page.GetProperty("next").GetString();
        }
        Assert.Equal("platform", slugs[0]);
        Assert.Equal(slugs.Count, slugs.Distinct().Count());
        Assert.Equal(mine, slugs.Where(mine.Contains));
    }

    [Fact]
    public async Task Services_learn_where_a_tenants_data_is()
    {
        var tenant = await mesh.NewTenantAsync();
        using var service = mesh.Client("tenant", await mesh.ServiceTokenAsync("directory"));
        var entry = await service.GetFromJsonAsync<JsonElement>($"internal/tenants/{tenant.Slug}/databases/directory");
        Assert.Equal("active", entry.GetProperty("status").GetString());
        Assert.Equal($"tenants/{tenant.Slug}/directory.db", entry.GetProperty("database").GetProperty("database").GetString());
        var active = await service.GetFromJsonAsync<List<string>>("internal/tenants");
        Assert.Contains("platform", active!);
        Assert.Contains(tenant.Slug, active!);
        using var unknown = await service.GetAsync(new Uri("internal/tenants/nobody/databases/directory", UriKind.Relative));
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
        using var person = await OperatorAsync();
        using var refused = await person.GetAsync(new Uri("internal/tenants", UriKind.Relative));
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
    }

    private async Task<HttpClient> OperatorAsync() => mesh.Client("tenant", await mesh.OperatorTokenAsync());

    private static async Task<string?> StatusAsync(HttpClient tenants, string slug) =>
        (await tenants.GetFromJsonAsync<JsonElement>($"api/tenant/tenants/{slug}")).GetProperty("status").GetString();
}
