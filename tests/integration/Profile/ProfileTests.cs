using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Tarasol.Profiles.Signatures;
using Tarasol.Tenancy;
using Tarasol.Tests.Integration.Correspondence;
using Tarasol.Tests.Integration.Mesh;

namespace Tarasol.Tests.Integration.Profiles;

public sealed class ProfileMesh() : TestMesh("profile");

[Trait("Scale", "large")]
public sealed class ProfileTests(ProfileMesh mesh) : IClassFixture<ProfileMesh>
{
    private const string Me = "api/profile/me";
    private const string Signature = "api/profile/me/signature";

    // One grey pixel each.
    internal const string Png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==";
    private const string OtherPng = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGMQAQAAFgAVbm54LgAAAABJRU5ErkJggg==";

    [Fact]
    public async Task A_person_of_another_tenant_with_the_same_name_has_another_profile_and_image()
    {
        var (here, there) = (await mesh.NewTenantAsync(), await mesh.NewTenantAsync());
        using var mine = await here.AdminAsync("profile");
        using var theirs = await there.AdminAsync("profile");
        await PutAsync(theirs, new { language = "en", calendar = "hijri", timeZone = "Asia/Riyadh" });
        await TestMesh.EnsureAsync(await theirs.PutAsJsonAsync(Signature, new { png = Png }));
        var me = await mine.GetFromJsonAsync<JsonElement>(Me);
        Assert.Equal(("admin", 0, false), (me.Text("userName"), me.GetProperty("chosen").GetArrayLength(), me.GetProperty("hasSignature").GetBoolean()));
        using var image = await mine.GetAsync(new Uri(Signature, UriKind.Relative));
        Assert.Equal(HttpStatusCode.NotFound, image.StatusCode);
    }

    [Fact]
    public async Task Whoever_has_chosen_nothing_follows_the_tenant()
    {
        var tenant = await mesh.NewTenantAsync();
        using (var operators = mesh.Client("tenant", await mesh.OperatorTokenAsync()))
        using (var changed = await operators.PatchAsJsonAsync($"api/tenant/tenants/{tenant.Slug}", new { defaultLanguage = "en", calendar = "hijri" }))
            await TestMesh.EnsureAsync(changed);
        using var mine = await tenant.AdminAsync("profile");
        var me = await mine.GetFromJsonAsync<JsonElement>(Me);
        Assert.Equal(("en", "hijri", "UTC"), (me.Text("language"), me.Text("calendar"), me.Text("timeZone")));
        await PutAsync(mine, new { language = "ar" });
        me = await mine.GetFromJsonAsync<JsonElement>(Me);
        Assert.Equal(("ar", "hijri", "language"), (me.Text("language"), me.Text("calendar"), Assert.Single(me.GetProperty("chosen").EnumerateArray()).GetString()));

        using var service = mesh.Client("profile", await mesh.ServiceTokenAsync("tenant"), tenant.Slug);
        Assert.Equal("ar", (await service.GetFromJsonAsync<JsonElement>("internal/profiles/admin")).Text("language"));
        Assert.Equal("en", (await service.GetFromJsonAsync<JsonElement>("internal/profiles/somebody%20else")).Text("language"));
        using var person = await mine.GetAsync(new Uri("internal/profiles/admin", UriKind.Relative));
        Assert.Equal(HttpStatusCode.Unauthorized, person.StatusCode);
    }

    [Fact]
    public async Task Choices_are_kept_and_a_change_that_came_between_is_noticed()
    {
        var tenant = await mesh.NewTenantAsync();
        using var mine = await tenant.AdminAsync("profile");
        using var first = await mine.GetAsync(new Uri(Me, UriKind.Relative));
        var choices = new { timeZone = "Africa/Cairo", notifications = new[] { new { @event = "task.task-opened", channels = new[] { "email", "push" } }, new { @event = "task.task-decided", channels = Array.Empty<string>() } } };
        foreach (var expected in new[] { HttpStatusCode.OK, HttpStatusCode.PreconditionFailed })
        {
            using var request = new HttpRequestMessage(HttpMethod.Put, Me) { Content = JsonContent.Create(choices) };
            request.Headers.IfMatch.Add(first.Headers.ETag!);
            using var changed = await mine.SendAsync(request);
            Assert.Equal(expected, changed.StatusCode);
        }
        var me = await mine.GetFromJsonAsync<JsonElement>(Me);
        Assert.Equal("Africa/Cairo", me.Text("timeZone"));
        Assert.Equal(["task.task-opened:email,push", "task.task-decided:"], me.GetProperty("notifications").EnumerateArray()
            .Select(choice => $"{choice.Text("event")}:{string.Join(',', choice.GetProperty("channels").EnumerateArray().Select(channel => channel.GetString()))}"));
    }

    [Fact]
    public async Task What_is_wrong_is_named_field_by_field()
    {
        var tenant = await mesh.NewTenantAsync();
        using var mine = await tenant.AdminAsync("profile");
        using var wrong = await mine.PutAsJsonAsync(Me, new { timeZone = "Mars", notifications = new[] { new { @event = "task.task-dreamt", channels = new[] { "email" } } } });
        Assert.Equal(["notifications[0].event", "timeZone"], await wrong.BadFieldsAsync());
        using var malformed = await mine.PutAsJsonAsync(Me, new { language = "fr", calendar = "julian", userName = "salma" });
        Assert.Equal(["calendar", "language", "userName"], await malformed.BadFieldsAsync());
    }

    [Fact]
    public async Task The_image_of_a_signature_is_for_its_owner_alone()
    {
        var tenant = await mesh.NewTenantAsync();
        var (id, token) = await tenant.NewUserAsync("salma", ["signatory"]);
        using var salma = mesh.Client("profile", token);
        using (var kept = await salma.PutAsJsonAsync(Signature, new { png = OtherPng }))
            Assert.Equal(HttpStatusCode.NoContent, kept.StatusCode);
        using (var replaced = await salma.PutAsJsonAsync(Signature, new { png = Png }))
            Assert.Equal(HttpStatusCode.NoContent, replaced.StatusCode);
        using var read = await salma.GetAsync(new Uri(Signature, UriKind.Relative));
        Assert.Equal(("image/png", "no-store"), (read.Content.Headers.ContentType?.MediaType, read.Headers.CacheControl?.ToString()));
        Assert.Equal(Png, Convert.ToBase64String(await read.Content.ReadAsByteArrayAsync()));
        Assert.True((await salma.GetFromJsonAsync<JsonElement>(Me)).GetProperty("hasSignature").GetBoolean());
        Assert.Null(await StoredAsync(tenant, OtherPng));

        // No administrator and no service has a way to it.
        using var admin = await tenant.AdminAsync("profile");
        foreach (var path in new[] { Signature, "api/profile/salma/signature", $"api/profile/{id}/signature", "internal/profiles/salma/signature" })
        {
            using var refused = await admin.GetAsync(new Uri(path, UriKind.Relative));
            Assert.Equal(HttpStatusCode.NotFound, refused.StatusCode);
        }
        using var service = mesh.Client("profile", await mesh.ServiceTokenAsync("tenant"), tenant.Slug);
        Assert.DoesNotContain("png", (await service.GetFromJsonAsync<JsonElement>("internal/profiles/salma")).GetRawText(), StringComparison.OrdinalIgnoreCase);

        using (var gone = await salma.DeleteAsync(new Uri(Signature, UriKind.Relative)))
            Assert.Equal(HttpStatusCode.NoContent, gone.StatusCode);
        using var none = await salma.GetAsync(new Uri(Signature, UriKind.Relative));
        Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
        Assert.Null(await StoredAsync(tenant, Png));
    }

    [Fact]
    public async Task Only_a_picture_is_kept()
    {
        var tenant = await mesh.NewTenantAsync();
        using var mine = await tenant.AdminAsync("profile");
        foreach (var bad in new[] { "not base64!", Convert.ToBase64String("<svg/>"u8), Convert.ToBase64String([.. Convert.FromBase64String(Png), 0]), Convert.ToBase64String(new byte[70_000]) })
        {
            using var refused = await mine.PutAsJsonAsync(Signature, new { png = bad });
            Assert.Equal(["png"], await refused.BadFieldsAsync());
        }
        Assert.False((await mine.GetFromJsonAsync<JsonElement>(Me)).GetProperty("hasSignature").GetBoolean());
    }

    [Fact]
    public async Task The_images_of_signatures_are_in_the_export_of_their_tenant_alone()
    {
        var (tenant, other) = (await mesh.NewTenantAsync(), await mesh.NewTenantAsync());
        var (_, token) = await tenant.NewUserAsync("salma", ["signatory"]);
        using (var salma = mesh.Client("profile", token))
            await TestMesh.EnsureAsync(await salma.PutAsJsonAsync(Signature, new { png = Png }));
        using (var lost = await tenant.AdminAsync("profile"))
            await TestMesh.EnsureAsync(await lost.PutAsJsonAsync(Signature, new { png = OtherPng }));
        using (var theirs = await other.AdminAsync("profile"))
            await TestMesh.EnsureAsync(await theirs.PutAsJsonAsync(Signature, new { png = OtherPng }));
        // The store has lost one of them.
        await mesh.Services("profile").GetRequiredService<TenantScopes>().RunAsync(
            tenant.Slug, services => services.GetRequiredService<SignatureImages>().DeleteAsync("admin", HashOf(OtherPng), TestContext.Current.CancellationToken), TestContext.Current.CancellationToken);
        using (var operators = mesh.Client("tenant", await mesh.OperatorTokenAsync()))
        using (var suspended = await operators.PostAsync(new Uri($"api/tenant/tenants/{tenant.Slug}/suspend", UriKind.Relative), null))
            await TestMesh.EnsureAsync(suspended);

        using var service = mesh.Client("profile", await mesh.ServiceTokenAsync("tenant"), tenant.Slug);
        using var export = await service.PostAsync(new Uri($"internal/tenancy/{tenant.Slug}/export", UriKind.Relative), null);
        await TestMesh.EnsureAsync(export);
        var lines = (await export.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonElement.Parse(line)).ToList();
        Assert.Equal([("admin", HashOf(OtherPng), null), ("salma", HashOf(Png), Png)], lines.Where(line => line.TryGetProperty("table", out var table) && table.GetString() == "signature_image")
            .Select(line => line.GetProperty("row")).Select(row => (row.Text("user_name"), row.Text("sha256"), row.Text("png"))));
        Assert.Equal(2, lines[^1].GetProperty("tables").GetProperty("signature_image").GetInt64());
        Assert.Equal(lines.Count - 2, lines[^1].GetProperty("rows").GetInt64());
    }

    [Fact]
    public async Task Whoever_is_removed_leaves_nothing_behind()
    {
        var tenant = await mesh.NewTenantAsync();
        var (id, token) = await tenant.NewUserAsync("salma", ["signatory"]);
        using (var salma = mesh.Client("profile", token))
        {
            await PutAsync(salma, new { calendar = "hijri" });
            await TestMesh.EnsureAsync(await salma.PutAsJsonAsync(Signature, new { png = Png }));
        }
        using (var identity = await tenant.AdminAsync("identity"))
        using (var removed = await identity.DeleteAsync(new Uri($"api/identity/users/{id}", UriKind.Relative)))
            await TestMesh.EnsureAsync(removed);
        using var service = mesh.Client("profile", await mesh.ServiceTokenAsync("tenant"), tenant.Slug);
        await TestMesh.EventuallyAsync("the profile to be gone", async () =>
            !(await service.GetFromJsonAsync<JsonElement>("internal/profiles/salma")).GetProperty("hasSignature").GetBoolean());
        Assert.Null(await StoredAsync(tenant, Png, "salma"));
    }

    // What the state store has under the image's key.
    private async Task<byte[]?> StoredAsync(TestTenant tenant, string png, string userName = "salma") => await mesh.Services("profile").GetRequiredService<TenantScopes>().RunAsync(
        tenant.Slug,
        services => services.GetRequiredService<SignatureImages>().FindAsync(userName, HashOf(png), TestContext.Current.CancellationToken),
        TestContext.Current.CancellationToken);

    private static string HashOf(string png) => Convert.ToHexStringLower(SHA256.HashData(Convert.FromBase64String(png)));

    private static async Task PutAsync(HttpClient client, object choices)
    {
        using var answer = await client.PutAsJsonAsync(Me, choices);
        await TestMesh.EnsureAsync(answer);
    }
}
