using System.IO.Compression;
using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Tarasol.Tests.Integration.Correspondence;
using Tarasol.Tests.Integration.Identity;
using Tarasol.Tests.Integration.Mesh;

namespace Tarasol.Tests.Integration.Tenant;

[Collection(nameof(LifeMesh))]
[Trait("Scale", "large")]
public sealed class ArchiveTests(LifeMesh mesh)
{
    [Fact]
    public async Task A_tenant_is_closed_for_good_and_its_data_comes_in_one_file_without_secrets()
    {
        var (tenant, other) = (await mesh.NewTenantAsync(), await mesh.NewTenantAsync());
        using (var directory = await tenant.AdminAsync("directory"))
        using (var unit = await directory.PostAsJsonAsync("api/directory/units", new { code = "FIN", nameAr = "المالية", nameEn = "Finance" }))
            await TestMesh.EnsureAsync(unit);
        await tenant.NewUserAsync("salma", ["handler"]);
        var token = await tenant.AdminTokenAsync();
        using var tenants = mesh.Outside(token: await mesh.OperatorTokenAsync());

        using var none = await tenants.GetAsync(Of(tenant, "/archive"));
        Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
        using var asked = await tenants.PostAsync(Of(tenant, "/archive"), null);
        Assert.Equal(HttpStatusCode.Accepted, asked.StatusCode);
        Assert.Equal($"/api/tenant/tenants/{tenant.Slug}/archive", asked.Headers.Location?.OriginalString);
        var begun = await Answers.JsonAsync(asked);
        Assert.Equal(("running", "operator"), (begun.Text("state"), begun.Text("requestedBy")));
        Assert.Equal(["audit", "directory", "identity", "tenant"], begun.GetProperty("services").EnumerateArray().Select(part => part.Text("service")));
        using (var early = await tenants.GetAsync(Of(tenant, "/archive/file")))
            Assert.Equal("archive-file-missing", (await Answers.JsonAsync(early)).Text("code"));
        using (var back = await tenants.PostAsync(Of(tenant, "/resume"), null))
            Assert.Equal("tenant-archiving", (await Answers.JsonAsync(back)).Text("code"));

        await TestMesh.EventuallyAsync("the tenant to be archived", async () => (await tenants.GetFromJsonAsync<JsonElement>(Of(tenant))).Text("status") == "archived");
        var done = await tenants.GetFromJsonAsync<JsonElement>(Of(tenant, "/archive"));
        Assert.Equal("done", done.Text("state"));
        using var signedIn = mesh.Client("directory", token);
        await TestMesh.EventuallyAsync("the token to be refused", async () =>
        {
            using var refused = await signedIn.GetAsync(new Uri("api/directory/units", UriKind.Relative));
            return refused.StatusCode == HttpStatusCode.Forbidden && (await Answers.JsonAsync(refused)).Text("code") == "tenant-not-active";
        });
        using (var signIn = await mesh.RequestTokenAsync(tenant.Slug, TokenAnswers.Password(tenant.AdminUserName, tenant.AdminPassword)))
            Assert.Equal("tenant-not-active", await signIn.TextAsync("code"));
        using (var resumed = await tenants.PostAsync(Of(tenant, "/resume"), null))
            Assert.Equal((HttpStatusCode.Conflict, "tenant-status"), (resumed.StatusCode, (await Answers.JsonAsync(resumed)).Text("code")));
        using (var again = await tenants.PostAsync(Of(tenant, "/archive"), null))
            Assert.Equal("done", (await Answers.JsonAsync(again)).Text("state"));

        var zip = await tenants.GetByteArrayAsync(Of(tenant, "/archive/file"));
        Assert.Equal(done.Text("sha256"), Convert.ToHexStringLower(SHA256.HashData(zip)));
        var files = Unpack(zip);
        var manifest = JsonElement.Parse(files["manifest.json"]);
        Assert.Equal(tenant.Slug, manifest.GetProperty("tenant").Text("slug"));
        Assert.Equal(files.Keys.Where(name => name != "manifest.json").Order(), manifest.GetProperty("files").EnumerateArray().Select(file => file.Text("file")));
        foreach (var file in manifest.GetProperty("files").EnumerateArray())
        {
            var bytes = files[file.Text("file")!];
            Assert.Equal(file.Text("sha256"), Convert.ToHexStringLower(SHA256.HashData(bytes)));
            Assert.Equal(file.GetProperty("rows").GetInt64(), bytes.Count(each => each == '\n') - 2);
            Assert.Equal(file.GetProperty("rows").GetInt64(), file.GetProperty("tables").EnumerateObject().Sum(table => table.Value.GetInt64()));
        }

        var units = Rows(files["directory.jsonl"], "unit");
        Assert.Equal(["FIN"], units.Select(row => row.Text("code")));
        var accounts = Rows(files["identity.jsonl"], "account");
        Assert.Equal(["admin", "salma"], accounts.Select(row => row.Text("user_name")).Order());
        Assert.All(accounts, row => Assert.False(row.TryGetProperty("password_hash", out _)));
        Assert.NotEmpty(Rows(files["audit.jsonl"], "audit_entry"));
        var hashes = await SecretsAsync(tenant);
        Assert.NotEmpty(hashes);
        Assert.All(files.Values.Select(System.Text.Encoding.UTF8.GetString), text => Assert.DoesNotContain(hashes, hash => text.Contains(hash, StringComparison.Ordinal)));

        using var admin = mesh.Outside(token: await other.AdminTokenAsync());
        foreach (var path in new[] { "/archive", "/archive/file" })
        {
            using var forbidden = await admin.GetAsync(Of(tenant, path));
            Assert.Equal(HttpStatusCode.Forbidden, forbidden.StatusCode);
        }
        using var platform = await tenants.PostAsync(new Uri("api/tenant/tenants/platform/archive", UriKind.Relative), null);
        Assert.Equal("tenant-is-platform", (await Answers.JsonAsync(platform)).Text("code"));
    }

    [Fact]
    public async Task A_service_gives_no_data_of_a_tenant_that_is_in_use_and_none_to_people()
    {
        var tenant = await mesh.NewTenantAsync();
        using var service = mesh.Client("directory", await mesh.ServiceTokenAsync("tenant"), tenant.Slug);
        using var busy = await service.PostAsync(new Uri($"internal/tenancy/{tenant.Slug}/export", UriKind.Relative), null);
        Assert.Equal((HttpStatusCode.Conflict, "tenant-in-use"), (busy.StatusCode, (await Answers.JsonAsync(busy)).Text("code")));
        using var person = await tenant.AdminAsync("directory");
        using var refused = await person.PostAsync(new Uri($"internal/tenancy/{tenant.Slug}/export", UriKind.Relative), null);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
    }

    [Fact]
    public async Task An_archive_that_a_service_holds_up_is_given_up_by_its_name_and_can_be_asked_for_again()
    {
        await using var impatient = new ImpatientMesh();
        await impatient.InitializeAsync();
        var tenant = await impatient.NewTenantAsync();
        using var tenants = impatient.Client("tenant", await impatient.OperatorTokenAsync());
        await impatient.StopAsync("directory");
        using var asked = await tenants.PostAsync(Of(tenant, "/archive"), null);
        await TestMesh.EnsureAsync(asked);
        // A kill in the middle: the workflow goes on.
        await impatient.StopAsync("tenant");
        await impatient.StartAsync("tenant");

        await TestMesh.EventuallyAsync("the archive to be given up", async () => (await tenants.GetFromJsonAsync<JsonElement>(Of(tenant, "/archive"))).Text("state") == "failed");
        var failed = (await tenants.GetFromJsonAsync<JsonElement>(Of(tenant, "/archive"))).GetProperty("services").EnumerateArray().ToDictionary(part => part.Text("service")!);
        Assert.Equal("failed", failed["directory"].Text("state"));
        Assert.NotEmpty(failed["directory"].Text("lastError")!);
        Assert.Equal("done", failed["identity"].Text("state"));
        Assert.Equal("suspended", (await tenants.GetFromJsonAsync<JsonElement>(Of(tenant))).Text("status"));

        await impatient.StartAsync("directory");
        using var again = await tenants.PostAsync(Of(tenant, "/archive"), null);
        Assert.Equal("running", (await Answers.JsonAsync(again)).Text("state"));
        await TestMesh.EventuallyAsync("the tenant to be archived", async () => (await tenants.GetFromJsonAsync<JsonElement>(Of(tenant))).Text("status") == "archived");
    }

    private static Uri Of(TestTenant tenant, string rest = "") => new($"api/tenant/tenants/{tenant.Slug}{rest}", UriKind.Relative);

    private static Dictionary<string, byte[]> Unpack(byte[] file)
    {
        using var zip = new ZipArchive(new MemoryStream(file));
        return zip.Entries.ToDictionary(entry => entry.FullName, entry =>
        {
            using var from = entry.Open();
            using var to = new MemoryStream();
            from.CopyTo(to);
            return to.ToArray();
        });
    }

    private static List<JsonElement> Rows(byte[] file, string table) =>
    [
        .. System.Text.Encoding.UTF8.GetString(file).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonElement.Parse(line))
            .Where(line => line.TryGetProperty("table", out var name) && name.GetString() == table).Select(line => line.GetProperty("row")),
    ];

    private async Task<List<string>> SecretsAsync(TestTenant tenant)
    {
        await using var db = new SqliteConnection($"Data Source={Path.Combine(mesh.Data, "tenants", tenant.Slug, "identity.db")}");
        await db.OpenAsync();
        await using var command = db.CreateCommand();
        command.CommandText = "select password_hash from account union select security_stamp from account union select payload from token where payload is not null";
        var found = new List<string>();
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
            found.Add(reader.GetString(0));
        return found;
    }
}
