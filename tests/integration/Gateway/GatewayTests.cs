using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.RegularExpressions;
using Tarasol.Tests.Integration.Mesh;

namespace Tarasol.Tests.Integration.Gateway;

public sealed partial class GatewayTests(GatewayMesh mesh) : IClassFixture<GatewayMesh>
{
    private static int addresses;

    [Fact]
    public async Task A_reading_request_waits_for_a_service_that_restarts_and_a_writing_one_is_told_at_once()
    {
        var tenant = await mesh.NewTenantAsync();
        using var client = await SignedInAsync(tenant);
        await mesh.StopAsync("directory");

        using var refused = await client.PostAsJsonAsync("/api/directory/units", new { code = "A", nameAr = "أ", nameEn = "A" });
        var waiting = client.GetAsync(new Uri("/api/directory/units", UriKind.Relative));
        await mesh.StartAsync("directory");
        using var answered = await waiting;

        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.Equal("service-unavailable", await CodeAsync(refused));
        Assert.Equal(TimeSpan.FromSeconds(1), refused.Headers.RetryAfter?.Delta);
        Assert.Equal(HttpStatusCode.OK, answered.StatusCode);
    }

    [Trait("Scale", "large")]
    [Fact]
    public async Task A_circuit_opens_when_a_service_is_gone_and_closes_when_it_is_back()
    {
        const int people = 6;
        var tenant = await mesh.NewTenantAsync();
        var callers = new List<HttpClient>();
        for (var person = 0; person < people; person++)
            callers.Add(From(NextAddress(), (await tenant.NewUserAsync($"person{person}", ["handler"])).Token));
        using var admin = await SignedInAsync(tenant);
        await mesh.StopAsync("directory");
        var asked = 0;
        using var gone = new TcpListener(IPAddress.Loopback, mesh.Sidecar("directory").AppPort!.Value);
        gone.Start();
        var hangsUp = HangUpAsync();

        // Once most of twenty requests have failed, an answer comes without the service being asked.
        HttpResponseMessage? refused = null;
        await TestMesh.EventuallyAsync("the circuit to open", async () =>
        {
            foreach (var answer in await Task.WhenAll(callers.SelectMany(caller => Enumerable.Range(0, 4).Select(_ => WriteAsync(caller)))))
                answer.Dispose();
            var before = Volatile.Read(ref asked);
            refused?.Dispose();
            refused = await WriteAsync(callers[0]);
            return refused.StatusCode == HttpStatusCode.ServiceUnavailable && Volatile.Read(ref asked) == before;
        });
        Assert.Equal("service-unavailable", await CodeAsync(refused!));
        Assert.Equal(TimeSpan.FromSeconds(1), refused!.Headers.RetryAfter?.Delta);
        using (var other = await admin.GetAsync(new Uri("/api/identity/me", UriKind.Relative)))
            Assert.Equal(HttpStatusCode.OK, other.StatusCode);

        gone.Stop();
        await hangsUp;
        await mesh.StartAsync("directory");
        await TestMesh.EventuallyAsync("the circuit to close", async () =>
        {
            using var served = await WriteAsync(admin);
            return served.StatusCode is HttpStatusCode.Created or HttpStatusCode.Conflict;
        });
        callers.ForEach(caller => caller.Dispose());
        refused.Dispose();

        static Task<HttpResponseMessage> WriteAsync(HttpClient caller) => caller.PostAsJsonAsync("/api/directory/units", new { code = "A", nameAr = "أ", nameEn = "A" });

        async Task HangUpAsync()
        {
            try
            {
                while (true)
                {
                    using var connection = await gone.AcceptSocketAsync();
                    Interlocked.Increment(ref asked);
                }
            }
            catch (SocketException)
            {
                // Stopped.
            }
        }
    }

    [Fact]
    public async Task A_user_who_asks_too_much_gets_429_and_nobody_else_does()
    {
        var tenant = await mesh.NewTenantAsync();
        using var greedy = await SignedInAsync(tenant);
        using var other = await SignedInAsync(await mesh.NewTenantAsync());

        HttpResponseMessage last;
        var allowed = 0;
        while ((last = await greedy.GetAsync(new Uri("/api/directory/units", UriKind.Relative))).StatusCode == HttpStatusCode.OK)
        {
            Assert.Matches("\"user\";r=[0-9]+;t=[01]", Header(last, "RateLimit"));
            Assert.Contains($"\"user\";q={GatewayMesh.UserBurst};w={GatewayMesh.UserBurst}", Header(last, "RateLimit-Policy"), StringComparison.Ordinal);
            Assert.True(++allowed < GatewayMesh.UserBurst * 20, "there is no limit");
        }

        Assert.True(allowed >= GatewayMesh.UserBurst, $"only {allowed} requests were let through");
        Assert.Equal(HttpStatusCode.TooManyRequests, last.StatusCode);
        Assert.Equal("too-many-requests", await CodeAsync(last));
        Assert.Equal(TimeSpan.FromSeconds(1), last.Headers.RetryAfter?.Delta);
        Assert.Contains("\"user\";r=0", Header(last, "RateLimit"), StringComparison.Ordinal);
        using var honest = await other.GetAsync(new Uri("/api/directory/units", UriKind.Relative));
        Assert.Equal(HttpStatusCode.OK, honest.StatusCode);
    }

    [Fact]
    public async Task Sign_ins_from_one_address_are_limited_harder_than_other_requests()
    {
        using var guesser = From(NextAddress());

        var answers = new List<HttpStatusCode>();
        for (var guess = 0; guess < GatewayMesh.SignInBurst * 2; guess++)
        {
            using var form = new FormUrlEncodedContent([new("grant_type", "password"), new("client_id", "tarasol-cli"), new("username", "operator"), new("password", $"guess {guess}")]);
            form.Headers.Add("X-Tenant", "platform-of-nobody");
            using var answer = await guesser.PostAsync(new Uri("/connect/token", UriKind.Relative), form);
            answers.Add(answer.StatusCode);
        }

        Assert.Contains(HttpStatusCode.TooManyRequests, answers);
        Assert.DoesNotContain(HttpStatusCode.TooManyRequests, answers.Take(GatewayMesh.SignInBurst));
        using var elsewhere = From(NextAddress());
        using var untouched = await elsewhere.GetAsync(new Uri("/.well-known/openid-configuration", UriKind.Relative));
        Assert.NotEqual(HttpStatusCode.TooManyRequests, untouched.StatusCode);
    }

    [Fact]
    public async Task Every_answer_carries_a_correlation_id_that_the_client_cannot_choose()
    {
        using var client = From(NextAddress());
        client.DefaultRequestHeaders.Add("traceparent", "00-11111111111111111111111111111111-2222222222222222-01");
        client.DefaultRequestHeaders.Add("X-Correlation-Id", "mine");

        using var answer = await client.GetAsync(new Uri("/api/directory/units", UriKind.Relative));

        var id = Header(answer, "X-Correlation-Id");
        Assert.Matches("^[0-9a-f]{32}$", id);
        Assert.NotEqual("11111111111111111111111111111111", id);
        Assert.Equal(id, (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("traceId").GetString());
    }

    [Fact]
    public async Task The_openapi_document_has_the_public_routes_of_all_services_and_each_reference_leads_somewhere()
    {
        using var client = From(NextAddress());

        await DocumentsAsync(client);
        var text = await client.GetStringAsync(new Uri("/openapi.json", UriKind.Relative));

        var document = JsonElement.Parse(text);
        Assert.StartsWith("3.1", document.GetProperty("openapi").GetString(), StringComparison.Ordinal);
        var paths = document.GetProperty("paths").EnumerateObject().Select(path => path.Name).ToList();
        Assert.Contains("/api/directory/units", paths);
        Assert.Contains("/api/tenant/tenants/{slug}", paths);
        Assert.Contains("/connect/token", paths);
        Assert.All(paths, path => Assert.DoesNotContain("internal", path, StringComparison.Ordinal));
        var list = document.GetProperty("paths").GetProperty("/api/directory/units").GetProperty("get");
        Assert.Contains("cursor", list.GetProperty("parameters").EnumerateArray().Select(parameter => parameter.GetProperty("name").GetString()));
        var schemas = document.GetProperty("components").GetProperty("schemas").EnumerateObject().Select(schema => schema.Name).ToHashSet();
        Assert.All(References().Matches(text), reference => Assert.Contains(reference.Groups[1].Value, schemas));
        var operations = document.GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject()).Select(operation => operation.Value.GetProperty("operationId").GetString()).ToList();
        Assert.Equal(operations.Count, operations.Distinct().Count());
    }

    [Theory]
    [InlineData("en", "ltr")]
    [InlineData("ar", "rtl")]
    public async Task The_api_can_be_read_as_a_page_without_scripts_in_both_languages(string language, string direction)
    {
        using var client = From(NextAddress());
        client.DefaultRequestHeaders.AcceptLanguage.ParseAdd(language);
        await DocumentsAsync(client);

        using var answer = await client.GetAsync(new Uri("/openapi", UriKind.Relative));
        var page = await answer.Content.ReadAsStringAsync();

        Assert.Equal("text/html", answer.Content.Headers.ContentType?.MediaType);
        Assert.Contains($"lang=\"{language}\" dir=\"{direction}\"", page, StringComparison.Ordinal);
        Assert.Contains("/api/directory/units", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", page, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("default-src 'none'; style-src 'sha256-", Header(answer, "Content-Security-Policy"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Headers_of_more_than_16_KiB_are_431()
    {
        using var client = From(NextAddress());
        client.DefaultRequestHeaders.Add("X-Long", new string('x', 17 * 1024));

        using var answer = await client.GetAsync(new Uri("/api/directory/units", UriKind.Relative));

        Assert.Equal(HttpStatusCode.RequestHeaderFieldsTooLarge, answer.StatusCode);
    }

    // A service that takes too long is left out for now, and each makes its document when it is first asked.
    private static Task DocumentsAsync(HttpClient client) => TestMesh.EventuallyAsync("the documents of all services", async () =>
    {
        var text = await client.GetStringAsync(new Uri("/openapi.json", UriKind.Relative));
        return new[] { "directory", "identity", "tenant" }.All(service => text.Contains($"/api/{service}/", StringComparison.Ordinal));
    });

    private async Task<HttpClient> SignedInAsync(TestTenant tenant) => From(NextAddress(), await tenant.AdminTokenAsync());

    private HttpClient From(string address, string? token = null)
    {
        var client = mesh.Outside();
        client.DefaultRequestHeaders.Add("X-Forwarded-For", address);
        if (token is not null)
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    private static string NextAddress() => $"192.0.2.{Interlocked.Increment(ref addresses)}";

    private static string Header(HttpResponseMessage answer, string name) => string.Join(", ", answer.Headers.GetValues(name));

    private static async Task<string?> CodeAsync(HttpResponseMessage answer) => (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("code").GetString();

    [GeneratedRegex("\"#/components/schemas/([^\"]+)\"")]
    private static partial Regex References();
}
