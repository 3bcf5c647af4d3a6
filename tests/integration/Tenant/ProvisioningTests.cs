using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Tarasol.Tests.Integration.Identity;
using Tarasol.Tests.Integration.Mesh;

namespace Tarasol.Tests.Integration.Tenant;

[Trait("Scale", "large")]
public sealed class ProvisioningTests
{
    private const string Password = "Admin-Pass-1";

    [Fact]
    public async Task A_service_that_is_away_holds_up_a_tenant_until_it_is_back_even_over_a_restart()
    {
        await using var mesh = new TenantMesh();
        await mesh.InitializeAsync();
        await mesh.StopAsync("directory");
        using var tenants = mesh.Client("tenant", await mesh.OperatorTokenAsync());
        var slug = TenantMesh.NewSlug();
        using var accepted = await tenants.PostAsJsonAsync("api/tenant/tenants", TenantMesh.Request(slug, Password));
        await TestMesh.EnsureAsync(accepted);

        await TestMesh.EventuallyAsync("the step of directory to fail", async () => Step(await TenantAsync(tenants, slug), "directory").GetProperty("attempts").GetInt32() > 0);
        var waiting = await TenantAsync(tenants, slug);
        Assert.Equal("provisioning", waiting.GetProperty("status").GetString());
        Assert.Equal("waiting", Step(waiting, "directory").GetProperty("state").GetString());
        Assert.NotEmpty(Step(waiting, "directory").GetProperty("lastError").GetString()!);
        Assert.Equal("waiting", Step(waiting, "first-admin").GetProperty("state").GetString());
        using var early = await mesh.RequestTokenAsync(slug, TokenAnswers.Password("admin", Password));
        Assert.Equal("tenant-not-active", await early.TextAsync("code"));
        Assert.DoesNotContain(Password, await CatalogueTextAsync(mesh), StringComparison.Ordinal);

        await mesh.StopAsync("tenant");
        await mesh.StartAsync("directory");
        await mesh.StartAsync("tenant");
        await TestMesh.EventuallyAsync("the tenant to be active", async () => (await TenantAsync(tenants, slug)).GetProperty("status").GetString() == "active");
        await mesh.TokenAsync(slug, "admin", Password);
        Assert.Equal(0L, await CountAsync(mesh, "select count(*) from tenant where admin_password is not null"));
    }

    [Fact]
    public async Task What_is_given_up_in_the_end_is_told_service_by_service_and_goes_on_when_it_is_asked_for()
    {
        await using var mesh = new ImpatientMesh();
        await mesh.InitializeAsync();
        await mesh.StopAsync("directory");
        using var tenants = mesh.Client("tenant", await mesh.OperatorTokenAsync());
        var slug = TenantMesh.NewSlug();
        using var accepted = await tenants.PostAsJsonAsync("api/tenant/tenants", TenantMesh.Request(slug, Password));
        await TestMesh.EnsureAsync(accepted);

        await TestMesh.EventuallyAsync("the step of directory to be given up", async () => Step(await TenantAsync(tenants, slug), "directory").GetProperty("state").GetString() == "failed");
        var failed = await TenantAsync(tenants, slug);
        Assert.Equal("provisioning", failed.GetProperty("status").GetString());
        Assert.Equal(ImpatientMesh.Attempts, Step(failed, "directory").GetProperty("attempts").GetInt32());
        Assert.Contains("directory", Step(failed, "directory").GetProperty("lastError").GetString()!, StringComparison.Ordinal);
        Assert.Equal("done", Step(failed, "identity").GetProperty("state").GetString());
        Assert.Equal("waiting", Step(failed, "first-admin").GetProperty("state").GetString());

        await mesh.StartAsync("directory");
        using var again = await tenants.PostAsync(new Uri($"api/tenant/tenants/{slug}/provisioning/retry", UriKind.Relative), null);
        Assert.Equal(HttpStatusCode.Accepted, again.StatusCode);
        Assert.Equal($"/api/tenant/tenants/{slug}", again.Headers.Location?.OriginalString);
        await TestMesh.EventuallyAsync("the tenant to be active", async () => (await TenantAsync(tenants, slug)).GetProperty("status").GetString() == "active");
        await mesh.TokenAsync(slug, "admin", Password);
        using var nobody = await tenants.PostAsync(new Uri("api/tenant/tenants/nobody-here/provisioning/retry", UriKind.Relative), null);
        Assert.Equal(HttpStatusCode.NotFound, nobody.StatusCode);
    }

    [Fact]
    public async Task A_service_that_joins_later_gets_the_databases_of_the_tenants_that_are_there()
    {
        await using var mesh = new TenantMesh();
        await mesh.InitializeAsync();
        var tenant = await mesh.NewTenantAsync();
        await ExecuteAsync(mesh, "delete from tenant_database where service = 'directory'; delete from provisioning_step where name = 'directory'");
        await mesh.StopAsync("tenant");
        await mesh.StartAsync("tenant");
        using var tenants = mesh.Client("tenant", await mesh.OperatorTokenAsync());
        await TestMesh.EventuallyAsync("directory's step to be done", async () =>
            await CountAsync(mesh, "select count(*) from provisioning_step where name = 'directory' and state = 'Done'") == 1);
        Assert.Equal("active", (await TenantAsync(tenants, tenant.Slug)).GetProperty("status").GetString());
        using var directory = await tenant.AdminAsync("directory");
        using var units = await directory.GetAsync(new Uri("api/directory/units", UriKind.Relative));
        await TestMesh.EnsureAsync(units);
    }

    [Fact]
    public async Task Events_tell_that_a_tenant_was_made_and_became_active()
    {
        await using var mesh = new TenantMesh();
        await mesh.InitializeAsync();
        var tenant = await mesh.NewTenantAsync();
        // Published rows are gone; what is left would be a row that the broker refused.
        await TestMesh.EventuallyAsync("the outbox to be empty", async () => await CountAsync(mesh, "select count(*) from outbox_message") == 0);
        await TestMesh.EventuallyAsync("nothing of it in dead letters", async () => await CountAsync(mesh, "select count(*) from dead_letter") == 0);
        using var directory = await tenant.AdminAsync("directory");
        using var units = await directory.GetAsync(new Uri("api/directory/units", UriKind.Relative));
        await TestMesh.EnsureAsync(units);
    }

    private static async Task<JsonElement> TenantAsync(HttpClient tenants, string slug) => await tenants.GetFromJsonAsync<JsonElement>($"api/tenant/tenants/{slug}");

    private static JsonElement Step(JsonElement tenant, string name) =>
        tenant.GetProperty("provisioning").EnumerateArray().Single(step => step.GetProperty("name").GetString() == name);

    private static string Catalogue(TestMesh mesh) => Path.Combine(mesh.Data, "tenants", "platform", "tenant.db");

    private static async Task<string> CatalogueTextAsync(TestMesh mesh)
    {
        var text = new StringBuilder();
        foreach (var file in new[] { Catalogue(mesh), Catalogue(mesh) + "-wal" }.Where(File.Exists))
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var reader = new StreamReader(stream, Encoding.Latin1);
            text.Append(await reader.ReadToEndAsync());
        }
        return text.ToString();
    }

    private static async Task<long> CountAsync(TestMesh mesh, string query) => (long)(await ExecuteAsync(mesh, query))!;

    private static async Task<object?> ExecuteAsync(TestMesh mesh, string sql)
    {
        await using var db = new SqliteConnection($"Data Source={Catalogue(mesh)}");
        await db.OpenAsync();
        await using var command = db.CreateCommand();
        command.CommandText = sql;
        return await command.ExecuteScalarAsync();
    }
}
