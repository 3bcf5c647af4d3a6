using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Tarasol.Tests.Integration.Mesh;

namespace Tarasol.Tests.Integration.Identity;

[Collection(nameof(IdentityMesh))]
public sealed class RolesTests(IdentityMesh mesh)
{
    [Fact]
    public async Task A_tenant_sees_its_roles_in_both_languages_and_none_of_the_platforms()
    {
        var tenant = await mesh.NewTenantAsync();
        var roles = await RolesAsync(tenant);
        Assert.Equal(
            ["auditor", "handler", "registry-clerk", "signatory", "tenant-admin", "unit-head"],
            roles.Select(role => role.GetProperty("name").GetString()).Order(StringComparer.Ordinal));
        Assert.All(roles, role => Assert.NotEqual(role.GetProperty("nameAr").GetString(), role.GetProperty("nameEn").GetString()));
    }

    [Fact]
    public async Task A_start_brings_the_roles_of_every_tenant_to_what_the_release_says()
    {
        await using var own = new IdentityMesh();
        await own.InitializeAsync();
        var tenant = await own.NewTenantAsync();
        await own.StopAsync("identity");
        await using (var db = new SqliteConnection($"Data Source={Path.Combine(own.Data, "tenants", tenant.Slug, "identity.db")}"))
        {
            await db.OpenAsync();
            await using var command = db.CreateCommand();
            command.CommandText = """
                delete from role_claim where claim_value = 'correspondence.letter.read';
                update role_claim set claim_value = 'an.old.permission' where claim_value = 'correspondence.letter.route';
                """;
            await command.ExecuteNonQueryAsync();
        }
        await own.StartAsync("identity");
        await TestMesh.EventuallyAsync("the handler's permissions to be this release's", async () =>
        {
            var handler = (await RolesAsync(tenant)).Single(role => role.GetProperty("name").GetString() == "handler");
            return handler.GetProperty("permissions").EnumerateArray().Select(permission => permission.GetString()).SequenceEqual(
            [
                "admin.setting.read", "correspondence.circuit.read", "correspondence.letter.close", "correspondence.letter.read", "correspondence.letter.register", "correspondence.letter.route",
                "delegation.delegation.use", "directory.party.read", "directory.unit.read", "identity.user.read", "numbering.label.print", "profile.signature.keep", "task.task.decide", "task.task.read",
            ]);
        });
    }

    private static async Task<List<JsonElement>> RolesAsync(TestTenant tenant)
    {
        using var admin = await tenant.AdminAsync("identity");
        return [.. (await admin.GetFromJsonAsync<JsonElement>("api/identity/roles")).GetProperty("items").EnumerateArray()];
    }
}
