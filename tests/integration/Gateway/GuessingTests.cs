using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Tarasol.Tests.Integration.Mesh;
using Tarasol.Tests.Servers;

namespace Tarasol.Tests.Integration.Gateway;

/// <summary>The gateway in front of identity, with the limits that it comes with.</summary>
public sealed class StandardLimitsMesh() : TestMesh("directory", "gateway")
{
    protected override IEnumerable<KeyValuePair<string, string>> Settings(string appId) => appId == "gateway" ? [KeyValuePair.Create("TrustedProxies", "127.0.0.0/8, ::1")] : [];
}

[Trait("Scale", "large")]
public sealed class GuessingTests(StandardLimitsMesh mesh) : IClassFixture<StandardLimitsMesh>
{
    private const int Clients = 8;
    private const int Burst = 60;
    private const int PerSecond = 2;
    private static readonly int Guesses = TestScale.Of(10_000, 500);

    [Fact]
    public async Task Thousands_of_wrong_passwords_let_nobody_in_and_keep_nobody_else_out()
    {
        var (tenant, other) = (await mesh.NewTenantAsync(), await mesh.NewTenantAsync());
        await tenant.NewUserAsync("salma", ["handler"]);
        var answers = new ConcurrentDictionary<string, int>();
        var clock = Stopwatch.StartNew();
        var next = 0;
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(async _ =>
        {
            using var guesser = Outside("192.0.2.77");
            for (int number; (number = Interlocked.Increment(ref next)) <= Guesses;)
            {
                // The right one among them comes late, when the account has long been locked.
                var password = number == Guesses / 2 ? tenant.AdminPassword : $"guess-number-{number}";
                using var answer = await SignInAsync(guesser, tenant.Slug, tenant.AdminUserName, password);
                var said = answer.StatusCode == HttpStatusCode.TooManyRequests ? "429" : $"{(int)answer.StatusCode} {(await Json(answer)).GetProperty("error").GetString()}";
                answers.AddOrUpdate(said, 1, (_, count) => count + 1);
            }
        }));

        Assert.Equal(["400 invalid_grant", "429"], answers.Keys.Order());
        Assert.Equal(Guesses, answers.Values.Sum());
        // What one address gets through to identity, and so the work that it can cause, is what its bucket held.
        Assert.InRange(answers["400 invalid_grant"], 1, Burst + (PerSecond * (clock.Elapsed.TotalSeconds + 2)));

        using var elsewhere = Outside("192.0.2.78");
        using (var locked = await SignInAsync(elsewhere, tenant.Slug, tenant.AdminUserName, tenant.AdminPassword))
            Assert.Equal("invalid_grant", (await Json(locked)).GetProperty("error").GetString());
        using var honest = await SignInAsync(elsewhere, other.Slug, other.AdminUserName, other.AdminPassword);
        Assert.Equal(HttpStatusCode.OK, honest.StatusCode);
        // The address is slowed down, not shut out.
        using var later = Outside("192.0.2.77");
        await TestMesh.EventuallyAsync("the address to be let through again", async () =>
        {
            using var again = await SignInAsync(later, other.Slug, other.AdminUserName, other.AdminPassword);
            return again.StatusCode == HttpStatusCode.OK;
        });
    }

    [Fact]
    public async Task Guesses_from_many_addresses_are_stopped_by_the_lock_of_the_account()
    {
        var tenant = await mesh.NewTenantAsync();
        var number = 0;
        foreach (var batch in Enumerable.Range(0, 60).Chunk(Clients))
        {
            await Task.WhenAll(batch.Select(async address =>
            {
                using var guesser = Outside($"198.51.100.{address}");
                using var answer = await SignInAsync(guesser, tenant.Slug, tenant.AdminUserName, Interlocked.Increment(ref number) > 40 ? tenant.AdminPassword : $"guess-number-{address}");
                Assert.Equal("invalid_grant", (await Json(answer)).GetProperty("error").GetString());
            }));
        }
    }

    private HttpClient Outside(string address)
    {
        var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{mesh.Sidecar("gateway").AppPort}") };
        client.DefaultRequestHeaders.Add("X-Forwarded-For", address);
        return client;
    }

    private static async Task<HttpResponseMessage> SignInAsync(HttpClient client, string slug, string userName, string password)
    {
        using var form = new FormUrlEncodedContent([new("grant_type", "password"), new("client_id", "tarasol-cli"), new("username", userName), new("password", password)]);
        form.Headers.Add("X-Tenant", slug);
        return await client.PostAsync(new Uri("/connect/token", UriKind.Relative), form);
    }

    private static async Task<JsonElement> Json(HttpResponseMessage answer) => JsonElement.Parse(await answer.Content.ReadAsStringAsync());
}
