using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Tarasol.Tests.Integration.Mesh;

namespace Tarasol.Tests.Integration.Identity;

[Collection(nameof(IdentityMesh))]
public sealed class UsersTests(IdentityMesh mesh)
{
    private const string Good = "Good-Pass-1";

    [Fact]
    public async Task A_new_user_signs_in_and_sees_who_they_are()
    {
        var tenant = await mesh.NewTenantAsync();
        var (id, token) = await tenant.NewUserAsync("salma", ["registry-clerk", "auditor"], clearance: 2);
        using var client = mesh.Client("identity", token);
        var me = await client.GetFromJsonAsync<JsonElement>("api/identity/me");
        Assert.Equal(id, me.GetProperty("id").GetGuid());
        Assert.Equal(tenant.Slug, me.GetProperty("tenant").GetString());
        Assert.Equal("salma", me.GetProperty("userName").GetString());
        Assert.Equal(2, me.GetProperty("clearance").GetInt32());
        Assert.Equal(["auditor", "registry-clerk"], me.GetProperty("roles").EnumerateArray().Select(role => role.GetString()));
        var permissions = me.GetProperty("permissions").EnumerateArray().Select(permission => permission.GetString()).ToList();
        Assert.Contains("correspondence.letter.register", permissions);
        Assert.Contains("audit.event.read", permissions);
        Assert.DoesNotContain("identity.user.create", permissions);
    }

    [Fact]
    public async Task A_list_comes_in_pages_and_never_shows_another_tenant()
    {
        var tenant = await mesh.NewTenantAsync();
        var other = await mesh.NewTenantAsync();
        await other.NewUserAsync("stranger", ["handler"]);
        foreach (var name in new[] { "b", "c", "d" })
            await tenant.NewUserAsync(name, ["handler"]);
        using var admin = await tenant.AdminAsync("identity");
        var names = new List<string>();
        for (string? next = ""; next is not null;)
        {
            var page = await admin.GetFromJsonAsync<JsonElement>($"api/identity/users?limit=3&cursor={next}");
            names.AddRange(page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("userName").GetString()!));
            next = page.GetProperty("next").GetString();
        }
        Assert.Equal(["admin", "b", "c", "d"], names);
    }

    [Fact]
    public async Task A_user_of_another_tenant_is_not_found()
    {
        var tenant = await mesh.NewTenantAsync();
        var other = await mesh.NewTenantAsync();
        var (id, _) = await other.NewUserAsync("stranger", ["handler"]);
        using var admin = await tenant.AdminAsync("identity");
        using var answer = await admin.GetAsync(new Uri($"api/identity/users/{id}", UriKind.Relative));
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task A_name_is_taken_whatever_its_case_but_only_in_its_tenant()
    {
        var tenant = await mesh.NewTenantAsync();
        var other = await mesh.NewTenantAsync();
        await tenant.NewUserAsync("omar", ["handler"]);
        await other.NewUserAsync("omar", ["handler"]);
        using var admin = await tenant.AdminAsync("identity");
        using var again = await admin.PostAsJsonAsync("api/identity/users", User("OMAR", Good, ["handler"]));
        Assert.Equal(HttpStatusCode.Conflict, again.StatusCode);
        Assert.Equal("user-name-taken", await again.TextAsync("code"));
    }

    [Fact]
    public async Task Everything_wrong_is_named_by_field()
    {
        var tenant = await mesh.NewTenantAsync();
        using var admin = await tenant.AdminAsync("identity");
        Assert.Equal(["clearance", "displayNameAr", "email", "userName"], await ErrorsAsync(admin, new
        {
            userName = "has space",
            password = Good,
            displayNameAr = "",
            displayNameEn = "X",
            roles = Array.Empty<string>(),
            clearance = 4,
            email = "a@b.example",
        }));
        Assert.Equal(["displayNameAr", "displayNameEn", "password", "roles", "userName"], (await ErrorsAsync(admin, new { clearance = 0 })));
        Assert.Equal(["password"], await ErrorsAsync(admin, User("weak", "weak", ["handler"])));
        Assert.Equal(["roles[1]"], await ErrorsAsync(admin, User("x1", Good, ["handler", "emperor"])));
        Assert.Equal(["roles[0]"], await ErrorsAsync(admin, User("x2", Good, ["platform-operator"])));
    }

    [Fact]
    public async Task Rules_are_told_in_the_callers_language()
    {
        var tenant = await mesh.NewTenantAsync();
        using var admin = await tenant.AdminAsync("identity");
        admin.DefaultRequestHeaders.Add("Accept-Language", "ar");
        using var answer = await admin.PostAsJsonAsync("api/identity/users", User("weak", "short", ["handler"]));
        var messages = (await answer.JsonAsync()).GetProperty("errors").GetProperty("password").EnumerateArray().Select(message => message.GetString()!).ToList();
        Assert.NotEmpty(messages);
        Assert.All(messages, message => Assert.Contains(message, letter => letter is >= '\u0600' and <= '\u06FF'));
    }

    [Fact]
    public async Task Users_are_made_by_those_who_may()
    {
        var tenant = await mesh.NewTenantAsync();
        var (_, clerk) = await tenant.NewUserAsync("clerk", ["registry-clerk"]);
        using var client = mesh.Client("identity", clerk);
        using var refused = await client.PostAsJsonAsync("api/identity/users", User("y", Good, ["handler"]));
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        using var nobody = mesh.Client("identity");
        using var anonymous = await nobody.GetAsync(new Uri("api/identity/users", UriKind.Relative));
        Assert.Equal(HttpStatusCode.Unauthorized, anonymous.StatusCode);
    }

    [Fact]
    public async Task An_operator_can_be_made_on_the_platform_alone()
    {
        using var platform = mesh.Client("identity", await mesh.OperatorTokenAsync());
        using var made = await platform.PostAsJsonAsync("api/identity/users", User("second", Good, ["platform-operator"]));
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
    }

    [Fact]
    public async Task A_token_of_one_tenant_with_the_header_of_another_is_refused()
    {
        var tenant = await mesh.NewTenantAsync();
        var other = await mesh.NewTenantAsync();
        using var client = mesh.Client("identity", await tenant.AdminTokenAsync(), other.Slug);
        using var answer = await client.GetAsync(new Uri("api/identity/users", UriKind.Relative));
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Equal("tenant-mismatch", await answer.TextAsync("code"));
    }

    [Fact]
    public async Task Names_given_at_the_same_time_are_given_once()
    {
        var tenant = await mesh.NewTenantAsync();
        using var admin = await tenant.AdminAsync("identity");
        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => admin.PostAsJsonAsync("api/identity/users", User("twin", Good, ["handler"]))));
        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.Created);
        Assert.Equal(3, answers.Count(answer => answer.StatusCode == HttpStatusCode.Conflict));
        await using var db = new SqliteConnection($"Data Source={Path.Combine(mesh.Data, "tenants", tenant.Slug, "identity.db")}");
        await db.OpenAsync();
        await using var count = db.CreateCommand();
        count.CommandText = "select count(*) from account_role where user_id not in (select id from account)";
        Assert.Equal(0L, await count.ExecuteScalarAsync());
    }

    private static object User(string userName, string password, string[] roles) =>
        new { userName, password, displayNameAr = "موظف", displayNameEn = "Employee", roles, clearance = 0 };

    private static async Task<IEnumerable<string>> ErrorsAsync(HttpClient client, object user)
    {
        using var answer = await client.PostAsJsonAsync("api/identity/users", user);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        return (await answer.JsonAsync()).GetProperty("errors").EnumerateObject().Select(error => error.Name).Order(StringComparer.Ordinal).ToList();
    }
}
