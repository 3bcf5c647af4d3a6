using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Tarasol.Mesh;
using Tarasol.Mesh.Up;
using Tarasol.Tests.E2e.Api;
using Tarasol.Tests.E2e.Gateway;

namespace Tarasol.Tests.E2e.Security;

/// <summary>Attacks from outside on a running mesh: past the gateway, and against what it does with a request.</summary>
[Collection(nameof(SharedMesh))]
public sealed class EdgeAttackTests(SharedMesh shared)
{
    [Fact]
    public async Task Nobody_but_its_sidecar_reaches_a_service_and_nobody_without_the_token_a_sidecar()
    {
        using var http = new HttpClient();
        foreach (var process in Processes().Where(each => each.Name is not ("gateway" or "sidecar")))
        {
            var token = await shared.Organisation.Admin.TokenAsync();
            foreach (var path in new[] { $"api/{process.Name}/anything", "internal/tenants", "dapr/subscribe" })
                Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(http, $"http://127.0.0.1:{process.AppPort}/{path}", token));
            foreach (var path in new[] { "v1.0/metadata", "v1.0/secrets/secretstore/bulk", "v1.0/state/statestore/x", $"v1.0/invoke/{process.Name}/method/internal/tenants", "v1.0/publish/pubsub/x" })
                Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(http, $"http://127.0.0.1:{process.DaprHttpPort}/{path}", token));
        }
    }

    [Fact]
    public async Task A_service_that_was_taken_over_cannot_publish_the_events_of_another()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "reads /proc");
        using var http = new HttpClient();
        foreach (var process in Processes().Where(each => each.Name is not "sidecar"))
        {
            // Whoever has taken it over has its token.
            var token = (await File.ReadAllTextAsync($"/proc/{process.Process.Pid}/environ")).Split('\0').Single(each => each.StartsWith("DAPR_API_TOKEN=", StringComparison.Ordinal)).Split('=', 2)[1];
            var others = process.Name == "correspondence" ? "task" : "correspondence";
            foreach (var topic in new[] { others == "task" ? "task.task-decided.v1" : "correspondence.letter-registered.v1", $"{others}.dead-letter", $"{process.Name}.made-up.v1" })
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, $"http://127.0.0.1:{process.DaprHttpPort}/v1.0/publish/pubsub/{topic}") { Content = new StringContent("{}", Encoding.UTF8, "application/json") };
                request.Headers.Add("dapr-api-token", token);
                using var answer = await http.SendAsync(request);
                Assert.Equal((process.Name, topic, HttpStatusCode.Forbidden), (process.Name, topic, answer.StatusCode));
                Assert.Equal("ERR_PUBSUB_FORBIDDEN", JsonElement.Parse(await answer.Content.ReadAsStringAsync()).GetProperty("errorCode").GetString());
            }
        }
    }

    [Fact]
    public void Services_and_sidecars_listen_on_loopback_only()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "reads /proc/net/tcp");
        var ports = Processes().SelectMany(process => new[] { process.AppPort, process.DaprHttpPort, process.DaprGrpcPort }).OfType<int>().ToHashSet();

        // The columns are: number, local address (hexadecimal, port after the colon), remote address, state (0A: listening).
        var open = new[] { "/proc/net/tcp", "/proc/net/tcp6" }.Where(File.Exists).SelectMany(File.ReadLines)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Where(columns => columns.Length > 3 && columns[3] == "0A")
            .Select(columns => columns[1].Split(':')).Select(local => (Address: local[0], Port: Convert.ToInt32(local[1], 16))).Where(local => ports.Contains(local.Port)).ToList();

        Assert.NotEmpty(open);
        Assert.All(open, local => Assert.Contains(local.Address, new[] { "0100007F", "00000000000000000000000001000000" }));
    }

    [Fact]
    public void No_secret_is_in_the_command_line_or_the_environment_of_a_process()
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Skip("reads /proc");
            return;
        }
        var secrets = JsonSerializer.Deserialize<Dictionary<string, string>>(File.ReadAllText(new DataFolder(shared.Mesh.DataPath).Secrets))!.Values.Where(value => value.Length > 8).ToList();

        foreach (var process in Processes())
        {
            var command = File.ReadAllText($"/proc/{process.Process.Pid}/cmdline");
            Assert.DoesNotContain(secrets, secret => command.Contains(secret, StringComparison.Ordinal));
            // The tokens of this start are there, as Dapr has it; what is in the store is not (which also has the addresses of servers on this machine).
            var environment = File.ReadAllText($"/proc/{process.Process.Pid}/environ");
            Assert.DoesNotContain(secrets.Where(secret => !secret.Contains("localhost", StringComparison.Ordinal)), secret => environment.Contains(secret, StringComparison.Ordinal));
            foreach (var token in environment.Split('\0').Where(each => each.StartsWith("DAPR_API_TOKEN=", StringComparison.Ordinal) || each.StartsWith("APP_API_TOKEN=", StringComparison.Ordinal)))
                Assert.DoesNotContain(token.Split('=', 2)[1], command, StringComparison.Ordinal);
            Assert.Equal(UnixFileMode.UserRead, File.GetUnixFileMode($"/proc/{process.Process.Pid}/environ"));
        }
    }

    [Theory]
    [InlineData("dapr-app-id", "tenant")]
    [InlineData("dapr-api-token", "guess")]
    [InlineData("dapr-caller-app-id", "tenant")]
    [InlineData("X-Forwarded-For", "127.0.0.1")]
    [InlineData("X-Original-URL", "/internal/tenants")]
    [InlineData("X-Rewrite-URL", "/internal/tenants")]
    [InlineData("X-HTTP-Method-Override", "DELETE")]
    [InlineData("Host", "tenant")]
    public async Task A_header_changes_neither_the_service_nor_the_caller(string name, string value)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "/api/identity/me");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await shared.Organisation.Clerk.TokenAsync());
        request.Headers.TryAddWithoutValidation(name, value);

        var answer = (await Answer.ReadAsync(shared.Mesh.Gateway, request)).Is(HttpStatusCode.OK);

        Assert.Equal("clerk", answer.Json.GetProperty("userName").GetString());
    }

    [Theory]
    [InlineData("GET /api/identity/me HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /internal/tenants HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("GET /api/identity/me HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef")]
    [InlineData("GET /api/identity/me HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n")]
    [InlineData("GET /api/identity/me\u0001 HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("GET http://tenant/internal/tenants HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("TRACE /api/identity/me HTTP/1.1\r\nHost: x\r\n\r\n")]
    public async Task A_smuggled_request_gets_nothing(string raw)
    {
        var answers = await SendRawAsync(Encoding.Latin1.GetBytes(raw));

        Assert.DoesNotContain("HTTP/1.1 2", answers, StringComparison.Ordinal);
        Assert.DoesNotContain("HTTP/1.1 5", answers, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_packed_body_is_not_unpacked()
    {
        using var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionLevel.SmallestSize, leaveOpen: true))
            await gzip.WriteAsync(new byte[64 * 1024 * 1024]);
        var request = new HttpRequestMessage(HttpMethod.Post, "/api/correspondence/letters") { Content = new ByteArrayContent(packed.ToArray()) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await shared.Organisation.Clerk.TokenAsync());
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Content.Headers.ContentEncoding.Add("gzip");

        var answer = await Answer.ReadAsync(shared.Mesh.Gateway, request);

        Assert.InRange((int)answer.Status, 400, 415);
    }

    [Trait("Scale", "large")]
    [Fact]
    public async Task Who_sends_its_headers_too_slowly_loses_the_connection()
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, shared.Mesh.Port);
        var stream = client.GetStream();
        await stream.WriteAsync("GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: "u8.ToArray());

        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var reader = new StreamReader(stream);
        Assert.DoesNotContain("200", await reader.ReadToEndAsync(limit.Token), StringComparison.Ordinal);
    }

    [Trait("Scale", "large")]
    [Fact]
    public async Task Who_sends_its_body_too_slowly_loses_the_connection()
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, shared.Mesh.Port);
        var stream = client.GetStream();
        var token = await shared.Organisation.Clerk.TokenAsync();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"POST /api/correspondence/letters HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n{{"));

        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var reader = new StreamReader(stream);
        var answer = await reader.ReadToEndAsync(limit.Token);
        Assert.DoesNotContain("HTTP/1.1 2", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("HTTP/1.1 5", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("'; DROP TABLE letter; --")]
    [InlineData("\" OR 1=1 /*")]
    [InlineData("line\r\n{\"@timestamp\":\"forged\",\"log.level\":\"info\"}")]
    [InlineData("${jndi:ldap://127.0.0.1/x} {0} %s")]
    [InlineData("<script>alert(1)</script>")]
    public async Task Text_stays_text_in_databases_answers_and_logs(string text)
    {
        var clerk = shared.Organisation.Clerk;
        var made = (await clerk.PostAsync("/api/correspondence/letters", shared.Organisation.Letter(subject: text))).Is(HttpStatusCode.Created);

        var read = (await clerk.GetAsync($"/api/correspondence/letters/{made.Json.GetProperty("id").GetString()}")).Is(HttpStatusCode.OK);
        (await clerk.GetAsync($"/api/correspondence/letters?status={Uri.EscapeDataString(text)}")).Is(HttpStatusCode.BadRequest);

        Assert.Equal(text, read.Json.GetProperty("subject").GetString());
        Assert.DoesNotContain(ServiceLogs.Lines(shared.Mesh), log => log.Line.StartsWith("{\"@timestamp\":\"forged\"", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("../acme")]
    [InlineData("..")]
    [InlineData("acme/../other")]
    [InlineData("acme\0")]
    [InlineData("ACME")]
    [InlineData("acme.db")]
    public async Task A_tenant_cannot_be_named_as_a_path(string slug)
    {
        var platform = Organisation.Operator(shared.Mesh);
        var tenants = Path.Combine(shared.Mesh.DataPath, "tenants");
        var before = Directory.GetFileSystemEntries(tenants).Order().ToList();

        (await platform.PostAsync("/api/tenant/tenants", new { slug, nameAr = "جهة", nameEn = "Tenant", adminUserName = "admin", adminPassword = Organisation.Password })).IsProblem(HttpStatusCode.BadRequest, "invalid-request");

        Assert.Equal(before, Directory.GetFileSystemEntries(tenants).Order());
        Assert.NotEqual(HttpStatusCode.OK, (await Person.SignInAsync(shared.Mesh.Gateway, slug.Replace("\0", "%00", StringComparison.Ordinal), "clerk", Organisation.Password)).Status);
    }

    /// <summary>Path, who, a right body, and the field that names something in paths, keys, topics or queries.</summary>
    public static TheoryData<string, string, string, string> Codes => new()
    {
        { "/api/tenant/tenants", "operator", """{"slug":"{0}","nameAr":"جهة","nameEn":"Tenant","adminUserName":"admin","adminPassword":"Change-me-2026"}""", "slug" },
        { "/api/tenant/tenants", "operator", """{"slug":"attacked","nameAr":"جهة","nameEn":"Tenant","adminUserName":"{0}","adminPassword":"Change-me-2026"}""", "adminUserName" },
        { "/api/directory/units", "admin", """{"code":"{0}","nameAr":"وحدة","nameEn":"Unit"}""", "code" },
        { "/api/directory/parties", "admin", """{"kind":"organisation","nameEn":"Party","email":"{0}"}""", "email" },
        { "/api/directory/parties", "admin", """{"kind":"organisation","nameEn":"Party","identifiers":[{"scheme":"{0}","value":"1"}]}""", "identifiers[0].scheme" },
        { "/api/admin/letter-types", "admin", """{"code":"{0}","form":{"nameAr":"نوع","nameEn":"Type","fields":[]}}""", "code" },
        { "/api/admin/letter-types", "admin", """{"code":"attacked","form":{"nameAr":"نوع","nameEn":"Type","fields":[{"code":"{0}","nameAr":"حقل","nameEn":"Field","kind":"text"}]}}""", "form.fields[0].code" },
        { "/api/admin/calendars", "admin", """{"unitCode":"{0}","calendar":{"weekend":["friday"],"holidays":[]}}""", "unitCode" },
        { "/api/numbering/series", "admin", """{"key":"{0}","direction":"incoming","mask":"X-{seq:5}"}""", "key" },
        { "/api/numbering/series", "admin", """{"key":"attacked","direction":"incoming","mask":"X-{seq:5}","letterTypeCode":"{0}"}""", "letterTypeCode" },
        { "/api/identity/users", "admin", """{"userName":"{0}","password":"Change-me-2026","displayNameAr":"اسم","displayNameEn":"Name","roles":["handler"],"clearance":0}""", "userName" },
        { "/api/correspondence/letters", "clerk", """{"direction":"incoming","subject":"S","language":"ar","urgency":"normal","confidentiality":"normal","sender":{"name":"N"},"recipients":["R"],"documentDate":"2026-11-01","ownerUnitId":"{unit}","letterType":"{0}"}""", "letterType" },
        { "/api/correspondence/letters/{letter}/routing", "clerk", """{"steps":[{"kind":"approve","assignee":"{0}","dueInHours":1}]}""", "steps[0].assignee" },
        { "/api/identity/roles", "admin", """{"name":"{0}","nameAr":"دور","nameEn":"Role","permissions":[]}""", "name" },
        { "/api/identity/clients", "admin", """{"clientId":"{0}","displayName":"App","redirectUris":["https://app.example/back"]}""", "clientId" },
    };

    [Trait("Scale", "large")]
    [Theory]
    [MemberData(nameof(Codes))]
    public async Task What_names_a_thing_is_no_path_no_statement_and_no_line_of_a_log(string path, string who, string body, string field)
    {
        var caller = who switch
        {
            "operator" => Organisation.Operator(shared.Mesh),
            "clerk" => shared.Organisation.Clerk,
            _ => shared.Organisation.Admin,
        };
        var marker = $"forged{Guid.NewGuid():N}";
        var folders = Entries();

        foreach (var attack in new[]
        {
            "../../etc/x", "..\\..\\x", "..", "a/../b", "a%2f..%2fb", "a\0b", "'; DROP TABLE unit; --", "1' OR '1'='1", "\"} OR 1=1 /*", "${jndi:ldap://127.0.0.1/x}",
            "a\n", $"a\n{marker}", $"a\r\n{marker}", $"a\u0085{marker}", $"a\u2028{marker}", $"a\u001b[2K\r{marker}",
        })
        {
            var sent = JsonElement.Parse(body.Replace("{unit}", shared.Organisation.UnitId, StringComparison.Ordinal).Replace("{0}", JsonEncodedText.Encode(attack).ToString(), StringComparison.Ordinal));
            var problem = (await caller.PostAsync(path.Replace("{letter}", shared.LetterId, StringComparison.Ordinal), sent)).IsProblem(HttpStatusCode.BadRequest, "invalid-request");
            Assert.Equal((attack, field), (attack, Assert.Single(problem.GetProperty("errors").EnumerateObject()).Name));
        }

        Assert.Equal(folders, Entries());
        Assert.All(ServiceLogs.Lines(shared.Mesh).Where(log => log.Line.Contains(marker, StringComparison.Ordinal)), log => Assert.StartsWith("{\"@timestamp\":\"20", log.Line, StringComparison.Ordinal));

        List<string> Entries() => [.. Directory.EnumerateFileSystemEntries(shared.Mesh.DataPath, "*", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 3 })
            .Where(entry => Path.GetFileName(entry).Contains("attacked", StringComparison.Ordinal) || entry.Contains("..", StringComparison.Ordinal) || entry.Contains(marker, StringComparison.Ordinal))];
    }

    [Trait("Scale", "large")]
    [Theory]
    [InlineData("/api/tenant/tenants/{0}")]
    [InlineData("/api/identity/roles/{0}")]
    [InlineData("/api/numbering/series/{0}/mask")]
    [InlineData("/api/correspondence/circuits/{0}")]
    [InlineData("/api/audit/events?subject={0}")]
    public async Task An_address_that_names_a_thing_is_no_other_path_and_no_line_of_a_log(string path)
    {
        var marker = $"forged{Guid.NewGuid():N}";
        foreach (var attack in new[] { "..%2f..%2finternal%2ftenants", "..%5cx", "%2e%2e", $"a%0a{marker}", $"a%0d%0a{marker}", $"a%E2%80%A8{marker}", "a%00b", "'%20OR%20'1'='1" })
        {
            var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"{shared.Mesh.Gateway.BaseAddress}{path.Replace("{0}", attack, StringComparison.Ordinal).TrimStart('/')}",
                new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await (path.Contains("audit", StringComparison.Ordinal) ? shared.Organisation.Auditor : Organisation.Operator(shared.Mesh)).TokenAsync());
            var answer = await Answer.ReadAsync(shared.Mesh.Gateway, request);
            if (answer.Status == HttpStatusCode.OK)
                Assert.Empty(answer.Items);
            else
                Assert.Contains(answer.Status, new[] { HttpStatusCode.BadRequest, HttpStatusCode.Forbidden, HttpStatusCode.NotFound, HttpStatusCode.MethodNotAllowed });
        }

        Assert.All(ServiceLogs.Lines(shared.Mesh).Where(log => log.Line.Contains(marker, StringComparison.Ordinal)), log => Assert.StartsWith("{\"@timestamp\":\"20", log.Line, StringComparison.Ordinal));
    }

    private IReadOnlyList<ProcessRecord> Processes() => MeshRecord.Load(new DataFolder(shared.Mesh.DataPath))!.Processes;

    private static async Task<HttpStatusCode> StatusAsync(HttpClient http, string address, string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var answer = await http.SendAsync(request);
        return answer.StatusCode;
    }

    private async Task<string> SendRawAsync(byte[] request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, shared.Mesh.Port);
        var stream = client.GetStream();
        await stream.WriteAsync(request);
        client.Client.Shutdown(SocketShutdown.Send);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var reader = new StreamReader(stream, Encoding.Latin1);
        return await reader.ReadToEndAsync(limit.Token);
    }
}
