using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Tarasol.Tests.Integration.Mesh;
using static Tarasol.Tests.Integration.Identity.TokenAnswers;

namespace Tarasol.Tests.Integration.Identity;

/// <summary>All services that a letter needs, for roles that are limited to a unit.</summary>
[CollectionDefinition(nameof(LettersMesh))]
public sealed class LettersMesh() : TestMesh("directory", "correspondence", "numbering", "task"), ICollectionFixture<LettersMesh>;

[Collection(nameof(LettersMesh))]
[Trait("Scale", "large")]
public sealed class OwnRolesTests(LettersMesh mesh)
{
    [Fact]
    public async Task Every_services_permissions_are_listed_in_both_languages_and_none_of_the_platforms()
    {
        var tenant = await mesh.NewTenantAsync();
        using var admin = await tenant.AdminAsync("identity");
        var items = (await admin.GetFromJsonAsync<JsonElement>("api/identity/permissions")).GetProperty("items").EnumerateArray().ToList();
        var names = items.Select(item => item.GetProperty("permission").GetString()!).ToList();
        foreach (var expected in new[] { "identity.user.create", "directory.unit.read", "correspondence.letter.register", "task.task.decide" })
            Assert.Contains(expected, names);
        Assert.DoesNotContain(names, name => name.StartsWith("tenant.", StringComparison.Ordinal));
        Assert.All(items, item => Assert.NotEqual(item.GetProperty("nameAr").GetString(), item.GetProperty("nameEn").GetString()));

        using var platform = mesh.Client("identity", await mesh.OperatorTokenAsync());
        Assert.Contains("tenant.tenant.create", await platform.GetStringAsync(new Uri("api/identity/permissions", UriKind.Relative)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_role_of_ones_own_allows_what_it_says_and_a_change_is_seen_with_the_next_token()
    {
        var tenant = await mesh.NewTenantAsync();
        using var admin = await tenant.AdminAsync("identity");
        using var made = await admin.PostAsJsonAsync("api/identity/roles", Role("reader", "directory.unit.read"));
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        using var again = await admin.PostAsJsonAsync("api/identity/roles", Role("reader", "directory.unit.read"));
        Assert.Equal("role-name-taken", await again.TextAsync("code"));
        var (_, token) = await tenant.NewUserAsync("huda", ["reader"]);
        Assert.Equal(["directory.unit.read"], Claims(token).GetProperty("perm").EnumerateArray().Select(each => each.GetString()));

        using var changed = await admin.PutAsJsonAsync("api/identity/roles/reader", new { nameAr = "قارئ", nameEn = "Reader", permissions = new[] { "task.task.read" } });
        Assert.Equal(HttpStatusCode.NoContent, changed.StatusCode);
        var (_, next) = await tenant.NewUserAsync("omar", ["reader"]);
        Assert.Equal(["task.task.read"], Claims(next).GetProperty("perm").EnumerateArray().Select(each => each.GetString()));

        using var used = await admin.DeleteAsync(new Uri("api/identity/roles/reader", UriKind.Relative));
        Assert.Equal("role-in-use", await used.TextAsync("code"));
        using var spare = await admin.PostAsJsonAsync("api/identity/roles", Role("spare"));
        await TestMesh.EnsureAsync(spare);
        using var deleted = await admin.DeleteAsync(new Uri("api/identity/roles/spare", UriKind.Relative));
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
    }

    [Fact]
    public async Task A_role_cannot_be_made_of_what_nobody_declares_or_the_platform_keeps()
    {
        var tenant = await mesh.NewTenantAsync();
        using var admin = await tenant.AdminAsync("identity");
        using var answer = await admin.PostAsJsonAsync("api/identity/roles", Role("odd", "directory.unit.read", "directory.unit.explode", "tenant.tenant.create"));
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal(["permissions[1]", "permissions[2]"], (await answer.JsonAsync()).GetProperty("errors").EnumerateObject().Select(error => error.Name));
        using var builtIn = await admin.PutAsJsonAsync("api/identity/roles/handler", new { nameAr = "معالج", nameEn = "Handler", permissions = Array.Empty<string>() });
        Assert.Equal("role-built-in", await builtIn.TextAsync("code"));
    }

    [Fact]
    public async Task Nobody_gives_away_more_than_they_have()
    {
        var tenant = await mesh.NewTenantAsync();
        using var admin = await tenant.AdminAsync("identity");
        using var made = await admin.PostAsJsonAsync("api/identity/roles", Role("personnel", "identity.user.create", "identity.user.read", "identity.user.manage", "identity.role.manage"));
        await TestMesh.EnsureAsync(made);
        var (id, token) = await tenant.NewUserAsync("clerk", ["personnel"]);
        using var clerk = mesh.Client("identity", token);
        using var escalated = await clerk.PutAsJsonAsync($"api/identity/users/{id}/roles", new { roles = new[] { "tenant-admin" } });
        Assert.Equal(["roles[0]"], (await escalated.JsonAsync()).GetProperty("errors").EnumerateObject().Select(error => error.Name));
        using var composed = await clerk.PostAsJsonAsync("api/identity/roles", Role("mine", "audit.event.read"));
        Assert.Equal(HttpStatusCode.BadRequest, composed.StatusCode);
        using var friend = await clerk.PostAsJsonAsync(
            "api/identity/users", new { userName = "friend", password = "A-good-friend-7", displayNameAr = "صديق", displayNameEn = "Friend", roles = new[] { "tenant-admin" }, clearance = 0 });
        Assert.Equal(HttpStatusCode.BadRequest, friend.StatusCode);
    }

    [Fact]
    public async Task A_role_for_a_unit_reaches_its_subtree_and_nothing_else()
    {
        var tenant = await mesh.NewTenantAsync();
        using var identity = await tenant.AdminAsync("identity");
        using var directory = await tenant.AdminAsync("directory");
        using var letters = await tenant.AdminAsync("correspondence");
        var finance = await UnitAsync(directory, "FIN", null);
        var payroll = await UnitAsync(directory, "PAY", finance);
        var legal = await UnitAsync(directory, "LEG", null);
        var inside = await LetterAsync(letters, payroll);
        var outside = await LetterAsync(letters, legal);

        const string password = "Only-for-finance-9";
        using var made = await identity.PostAsJsonAsync(
            "api/identity/users", new { userName = "huda", password, displayNameAr = "هدى", displayNameEn = "Huda", roles = Array.Empty<string>(), clearance = 1 });
        var id = await made.TextAsync("id");
        using var given = await identity.PutAsJsonAsync(
            $"api/identity/users/{id}/roles", new { roles = Array.Empty<string>(), limited = new[] { new { role = "registry-clerk", unitId = finance } } });
        Assert.Equal(HttpStatusCode.NoContent, given.StatusCode);
        var token = await mesh.TokenAsync(tenant.Slug, "huda", password);
        Assert.Empty(Claims(token).GetProperty("perm").EnumerateArray());

        using var hers = mesh.Client("correspondence", token);
        var list = (await hers.GetFromJsonAsync<JsonElement>("api/correspondence/letters")).GetProperty("items").EnumerateArray().Select(item => item.GetProperty("id").GetGuid());
        Assert.Equal([inside], list);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(hers, $"api/correspondence/letters/{inside}"));
        foreach (var path in new[] { "", "/timeline", $"/routing/{Guid.CreateVersion7()}" })
            Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(hers, $"api/correspondence/letters/{outside}{path}"));
        using var routed = await hers.PostAsJsonAsync($"api/correspondence/letters/{outside}/routing", new { steps = new[] { new { kind = "approve", assignee = "admin", dueInHours = 1 } } });
        Assert.Equal(HttpStatusCode.NotFound, routed.StatusCode);
        await LetterAsync(hers, finance);
        using var refused = await hers.PostAsJsonAsync("api/correspondence/letters", Letter(legal));
        Assert.Equal(["ownerUnitId"], (await refused.JsonAsync()).GetProperty("errors").EnumerateObject().Select(error => error.Name));

        using var units = mesh.Client("directory", token);
        var seen = (await units.GetFromJsonAsync<JsonElement>("api/directory/units")).GetProperty("items").EnumerateArray().Select(item => item.GetProperty("code").GetString());
        Assert.Equal(["FIN", "PAY"], seen.Order(StringComparer.Ordinal));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(units, $"api/directory/units/{legal}"));

        // What is not of any unit is not given by such a role.
        using var people = mesh.Client("identity", token);
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(people, "api/identity/users"));

        using var taken = await identity.PutAsJsonAsync($"api/identity/users/{id}/roles", new { roles = Array.Empty<string>() });
        await TestMesh.EnsureAsync(taken);
        await TestMesh.EventuallyAsync("the token to be refused", async () => await StatusAsync(hers, "api/correspondence/letters") == HttpStatusCode.Unauthorized);
    }

    private static object Role(string name, params string[] permissions) => new { name, nameAr = "دور", nameEn = "Role", permissions };

    private static object Letter(Guid unit) => new
    {
        direction = "incoming", subject = "طلب", language = "ar", urgency = "normal", confidentiality = "normal", sender = new { name = "مركز" }, recipients = new[] { "المدير" },
        documentDate = "2026-11-01", ownerUnitId = unit,
    };

    private static async Task<Guid> UnitAsync(HttpClient directory, string code, Guid? parentId)
    {
        using var made = await directory.PostAsJsonAsync("api/directory/units", new { code, nameAr = code, nameEn = code, parentId });
        await TestMesh.EnsureAsync(made);
        return (await made.JsonAsync()).GetProperty("id").GetGuid();
    }

    private static async Task<Guid> LetterAsync(HttpClient letters, Guid unit)
    {
        using var made = await letters.PostAsJsonAsync("api/correspondence/letters", Letter(unit));
        await TestMesh.EnsureAsync(made);
        return (await made.JsonAsync()).GetProperty("id").GetGuid();
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient client, string path)
    {
        using var answer = await client.GetAsync(new Uri(path, UriKind.Relative));
        return answer.StatusCode;
    }
}
