using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Tarasol.Tests.E2e.Gateway;

namespace Tarasol.Tests.E2e.Api;

/// <summary>What a client gets for what it must not send: complete problem details, and nothing happens.</summary>
[Collection(nameof(SharedMesh))]
public sealed class BadInputTests(SharedMesh shared)
{
    private const string Letters = "/api/correspondence/letters";
    private static readonly string TooLong = new('x', 501);

    /// <summary>Path, who, the fields of a right body that are replaced or added, and the fields that the answer must name.</summary>
    public static TheoryData<string, string, string, string> BadFields => new()
    {
        { Letters, "clerk", """{"colour":"red"}""", "colour" },
        { Letters, "clerk", """{"subject":null}""", "subject" },
        { Letters, "clerk", """{"subject":"  "}""", "subject" },
        { Letters, "clerk", $$"""{"subject":"{{TooLong}}"}""", "subject" },
        { Letters, "clerk", """{"direction":"sideways","urgency":"Normal","confidentiality":3,"language":"fr"}""", "confidentiality direction language urgency" },
        { Letters, "clerk", """{"documentDate":"01.11.2026"}""", "documentDate" },
        { Letters, "clerk", """{"ownerUnitId":"REG"}""", "ownerUnitId" },
        { Letters, "clerk", """{"ownerUnitId":"019c0000-0000-7000-8000-000000000000"}""", "ownerUnitId" },
        { Letters, "clerk", """{"sender":{},"recipients":[]}""", "recipients sender.name" },
        { Letters, "clerk", """{"sender":"somebody","recipients":["a",7]}""", "recipients[1] sender" },
        { Letters, "clerk", """{"letterType":"unheard-of","classification":"9","receivedOn":"2999-01-01"}""", "classification letterType receivedOn" },
        { Letters, "clerk", """{"paperAnnexes":-1,"receivedChannel":"pigeon","links":[{"kind":"loves"}]}""", "links[0].kind links[0].letterId paperAnnexes receivedChannel" },
        { Letters + "/{letter}/links", "clerk", """{"kind":"relates","letterId":"019c0000-0000-7000-8000-000000000000"}""", "letterId" },
        { "/api/admin/letter-types", "admin", """{"code":"A B","form":{"nameEn":"x","fields":[{"code":"1","kind":"colour"}]}}""", "code form.fields[0].code form.fields[0].kind form.fields[0].nameAr form.fields[0].nameEn form.nameAr" },
        { "/api/admin/calendars", "admin", """{"calendar":{"weekend":["friyay"],"holidays":[]}}""", "calendar.weekend[0]" },
        { Letters + "/{letter}/routing", "clerk", """{"steps":[]}""", "steps" },
        { Letters + "/{letter}/routing", "clerk", """{"steps":[{"kind":"sing","assignee":"head","dueInHours":0}]}""", "steps[0].dueInHours steps[0].kind" },
        { Letters + "/{letter}/routing", "clerk", """{"steps":[{"kind":"approve","assignee":"head","dueInHours":1},{"kind":"approve","assignee":"nobody","dueInHours":1}]}""", "steps[1].assignee" },
        { "/api/directory/units", "admin", """{"code":"A B","nameAr":null,"parentId":"x"}""", "code nameAr parentId" },
        { "/api/directory/units", "admin", """{"parentId":"019c0000-0000-7000-8000-000000000000"}""", "parentId" },
        { "/api/identity/users", "admin", """{"clearance":4,"userName":"a b","unknown":1}""", "clearance unknown userName" },
        { "/api/identity/users", "admin", """{"roles":["king"]}""", "roles[0]" },
        { "/api/identity/users", "admin", """{"password":"short"}""", "password" },
        { "/api/tenant/tenants", "operator", """{"slug":"No Slug","nameEn":null}""", "nameEn slug" },
        { "/api/tenant/tenants", "operator", """{"slug":"platform"}""", "slug" },
        { "/api/tenant/tenants", "operator", """{"adminPassword":"short"}""", "adminPassword" },
    };

    /// <summary>Verb, path, status, code: with the clerk's token.</summary>
    public static TheoryData<string, string, HttpStatusCode, string> BadPaths => new()
    {
        { "GET", Letters + "/019c0000-0000-7000-8000-000000000000", HttpStatusCode.NotFound, "not-found" },
        { "GET", Letters + "/019c0000-0000-7000-8000-000000000000/timeline", HttpStatusCode.NotFound, "not-found" },
        { "GET", Letters + "/seven", HttpStatusCode.NotFound, "not-found" },
        { "GET", "/api/correspondence/nothing", HttpStatusCode.NotFound, "not-found" },
        { "GET", "/api/nothing", HttpStatusCode.NotFound, "not-found" },
        { "GET", "/", HttpStatusCode.NotFound, "not-found" },
        { "GET", Letters + "?status=lost", HttpStatusCode.BadRequest, "invalid-request" },
        { "GET", Letters + "?cursor=lost", HttpStatusCode.BadRequest, "invalid-request" },
        { "GET", Letters + "/counts?urgency=now", HttpStatusCode.BadRequest, "invalid-request" },
        { "GET", Letters + "/019c0000-0000-7000-8000-000000000000/links", HttpStatusCode.NotFound, "not-found" },
        { "GET", "/api/admin/settings", HttpStatusCode.Forbidden, "forbidden" },
        { "GET", "/internal/letter-types/memo", HttpStatusCode.NotFound, "not-found" },
        { "GET", Letters + "?limit=0", HttpStatusCode.BadRequest, "invalid-request" },
        { "GET", "/api/task/tasks?state=lost", HttpStatusCode.BadRequest, "invalid-request" },
        { "DELETE", Letters, HttpStatusCode.MethodNotAllowed, "method-not-allowed" },
        { "PUT", Letters + "/{letter}", HttpStatusCode.MethodNotAllowed, "method-not-allowed" },
        { "GET", "/connect/token", HttpStatusCode.MethodNotAllowed, "method-not-allowed" },
        { "GET", "/api/audit/verify", HttpStatusCode.Forbidden, "forbidden" },
        { "GET", "/api/tenant/tenants", HttpStatusCode.Forbidden, "forbidden" },
        { "GET", "/internal/tenants", HttpStatusCode.NotFound, "not-found" },
        { "GET", "/internal/users/by-name/admin", HttpStatusCode.NotFound, "not-found" },
        { "GET", "/api/identity/internal/users/by-name/admin", HttpStatusCode.NotFound, "not-found" },
        { "GET", "/api/identity/..%2f..%2finternal/users/by-name/admin", HttpStatusCode.NotFound, "not-found" },
        { "GET", "/api/identity/%252e%252e/%252e%252e/internal/tenants", HttpStatusCode.NotFound, "not-found" },
        { "POST", "/internal/numbers", HttpStatusCode.NotFound, "not-found" },
        { "GET", "/dapr/subscribe", HttpStatusCode.NotFound, "not-found" },
        { "GET", "/dapr/config", HttpStatusCode.NotFound, "not-found" },
        { "PUT", "/actors/SeriesActor/acme.incoming/method/AllocateAsync", HttpStatusCode.NotFound, "not-found" },
        { "POST", "/events/dead-letter", HttpStatusCode.NotFound, "not-found" },
        { "GET", "/v1.0/invoke/identity/method/internal/tenants", HttpStatusCode.NotFound, "not-found" },
        { "GET", "/v1.0/secrets/secretstore/bulk", HttpStatusCode.NotFound, "not-found" },
        { "GET", "/metrics", HttpStatusCode.NotFound, "not-found" },
        { "GET", "/openapi/v1.json", HttpStatusCode.NotFound, "not-found" },
    };

    [Theory]
    [MemberData(nameof(BadFields))]
    public async Task A_bad_field_is_named(string path, string who, string changes, string named)
    {
        var problem = (await SendAsync(Who(who), HttpMethod.Post, path, Merge(RightBody(path), changes))).IsProblem(HttpStatusCode.BadRequest, "invalid-request");

        Assert.Equal(named.Split(' '), problem.GetProperty("errors").EnumerateObject().Select(field => field.Name).Order(StringComparer.Ordinal));
        Assert.All(problem.GetProperty("errors").EnumerateObject(), field => Assert.All(field.Value.EnumerateArray(), text => Assert.NotEqual("", text.GetString())));
    }

    [Theory]
    [InlineData(Letters)]
    [InlineData(Letters + "/{letter}/routing")]
    [InlineData("/api/directory/units")]
    [InlineData("/api/identity/users")]
    public async Task A_body_that_is_no_JSON_object_is_refused_as_what_it_is(string path)
    {
        var who = path.StartsWith(Letters, StringComparison.Ordinal) ? shared.Organisation.Clerk : shared.Organisation.Admin;
        (await SendAsync(who, HttpMethod.Post, path, "{\"a\":1,}")).IsProblem(HttpStatusCode.BadRequest, "malformed-json");
        (await SendAsync(who, HttpMethod.Post, path, "")).IsProblem(HttpStatusCode.BadRequest, "malformed-json");
        (await SendAsync(who, HttpMethod.Post, path, "{}", "text/plain")).IsProblem(HttpStatusCode.UnsupportedMediaType, "unsupported-media-type");
        var problem = (await SendAsync(who, HttpMethod.Post, path, "[]")).IsProblem(HttpStatusCode.BadRequest, "invalid-request");
        Assert.True(problem.GetProperty("errors").TryGetProperty("$", out _));
        (await SendAsync(who, HttpMethod.Post, path, $"\"{new string('x', 1024 * 1024)}\"")).IsProblem(HttpStatusCode.RequestEntityTooLarge, "body-too-large");
        (await SendAsync(who, HttpMethod.Post, path, $"\"{new string('x', 1024 * 1024)}\"", chunked: true)).IsProblem(HttpStatusCode.RequestEntityTooLarge, "body-too-large");
    }

    [Theory]
    [MemberData(nameof(BadPaths))]
    public async Task A_path_that_is_not_public_does_not_exist(string verb, string path, HttpStatusCode status, string code) =>
        (await SendAsync(shared.Organisation.Clerk, new HttpMethod(verb), path)).IsProblem(status, code);

    [Fact]
    public async Task Only_a_valid_token_of_the_tenant_opens_anything()
    {
        var token = await shared.Organisation.Clerk.TokenAsync();
        foreach (var bad in new[] { null, "Bearer", "Bearer abc", "Basic YWRtaW46YWRtaW4=", $"Bearer {ForgedToken.Unsigned(token)}", $"Bearer {ForgedToken.Tampered(token, "tenant", "platform")}",
            $"Bearer {ForgedToken.OfOtherKey(token)}", $"Bearer {ForgedToken.Expired(token, shared.Mesh.DataPath)}", $"Bearer {ForgedToken.With(token, shared.Mesh.DataPath, "aud", "tarasol-internal")}" })
        {
            var answer = await AskAsync(bad);
            answer.IsProblem(HttpStatusCode.Unauthorized, "unauthenticated");
            Assert.Contains("Bearer", answer.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
        }

        // The forgery itself works: only what it says is refused above.
        (await AskAsync($"Bearer {ForgedToken.With(token, shared.Mesh.DataPath, "clearance", 1)}")).Is(HttpStatusCode.OK);
        (await AskAsync($"Bearer {ForgedToken.With(token, shared.Mesh.DataPath, "tenant", "nobody")}")).IsProblem(HttpStatusCode.NotFound, "tenant-unknown");
        (await AskAsync($"Bearer {token}", "platform")).IsProblem(HttpStatusCode.Forbidden, "tenant-mismatch");
        (await AskAsync($"Bearer {token}", "nobody")).IsProblem(HttpStatusCode.Forbidden, "tenant-mismatch");
        (await AskAsync($"Bearer {token}", "acme")).Is(HttpStatusCode.OK);

        Task<Answer> AskAsync(string? authorization, string? tenant = null)
        {
            var request = new HttpRequestMessage(HttpMethod.Get, Letters);
            if (authorization is not null)
                request.Headers.TryAddWithoutValidation("Authorization", authorization);
            if (tenant is not null)
                request.Headers.Add("X-Tenant", tenant);
            return Answer.ReadAsync(shared.Mesh.Gateway, request);
        }
    }

    [Theory]
    [InlineData("acme", "password", "tarasol-cli", "clerk", "wrong", "invalid_grant")]
    [InlineData("acme", "password", "tarasol-cli", "nobody", "wrong", "invalid_grant")]
    [InlineData("platform", "password", "tarasol-cli", "clerk", Organisation.Password, "invalid_grant")]
    [InlineData("acme", "password", "other", "clerk", Organisation.Password, "invalid_client")]
    [InlineData("acme", "magic", "tarasol-cli", "clerk", Organisation.Password, "unsupported_grant_type")]
    public async Task A_wrong_sign_in_is_an_OAuth_error(string tenant, string grant, string client, string userName, string password, string error)
    {
        var answer = await Person.AskTokenAsync(shared.Mesh.Gateway, tenant, new() { ["grant_type"] = grant, ["client_id"] = client, ["username"] = userName, ["password"] = password });

        answer.Is(error == "invalid_client" ? HttpStatusCode.Unauthorized : HttpStatusCode.BadRequest);
        Assert.Equal(error, answer.Json.GetProperty("error").GetString());
        Assert.False(answer.Json.TryGetProperty("access_token", out _));
    }

    [Fact]
    public async Task A_sign_in_needs_a_tenant_that_exists()
    {
        (await Person.SignInAsync(shared.Mesh.Gateway, null, "clerk", Organisation.Password)).IsProblem(HttpStatusCode.BadRequest, "tenant-missing");
        (await Person.SignInAsync(shared.Mesh.Gateway, "nobody", "clerk", Organisation.Password)).IsProblem(HttpStatusCode.NotFound, "tenant-unknown");
    }

    [Fact]
    public async Task Errors_speak_the_language_of_the_caller()
    {
        var request = await RequestAsync(shared.Organisation.Clerk, HttpMethod.Post, Letters, Merge(RightBody(Letters), """{"subject":null,"direction":"x"}"""));
        request.Headers.AcceptLanguage.ParseAdd("ar-SA, en;q=0.5");
        var problem = (await Answer.ReadAsync(shared.Mesh.Gateway, request)).IsProblem(HttpStatusCode.BadRequest, "invalid-request");
        Assert.Equal("الطلب غير صالح؛ انظر الأخطاء لكل حقل.", problem.GetProperty("title").GetString());
        Assert.Equal("مطلوب", problem.GetProperty("errors").GetProperty("subject")[0].GetString());

        // The gateway's own errors too.
        request = new(HttpMethod.Get, Letters);
        request.Headers.AcceptLanguage.ParseAdd("ar");
        problem = (await Answer.ReadAsync(shared.Mesh.Gateway, request)).IsProblem(HttpStatusCode.Unauthorized, "unauthenticated");
        Assert.Equal("يلزم رمز دخول صالح.", problem.GetProperty("title").GetString());
    }

    private Person Who(string name) => name switch
    {
        "admin" => shared.Organisation.Admin,
        "operator" => Organisation.Operator(shared.Mesh),
        _ => shared.Organisation.Clerk,
    };

    private string RightBody(string path) => path switch
    {
        Letters => JsonSerializer.Serialize(shared.Organisation.Letter()),
        "/api/directory/units" => """{"code":"NEW","nameAr":"وحدة","nameEn":"Unit"}""",
        "/api/identity/users" => """{"userName":"new","password":"Change-me-2026","displayNameAr":"اسم","displayNameEn":"Name","roles":["handler"],"clearance":0}""",
        "/api/tenant/tenants" => """{"slug":"new-tenant","nameAr":"جهة","nameEn":"Tenant","adminUserName":"admin","adminPassword":"Change-me-2026"}""",
        _ => "{}",
    };

    private static string Merge(string right, string changes)
    {
        var fields = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(right)!;
        foreach (var change in JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(changes)!)
            fields[change.Key] = change.Value;
        return JsonSerializer.Serialize(fields);
    }

    private async Task<Answer> SendAsync(Person who, HttpMethod method, string path, string? body = null, string contentType = "application/json", bool chunked = false)
    {
        var request = await RequestAsync(who, method, path, body, contentType);
        request.Headers.TransferEncodingChunked = chunked ? true : null;
        return await Answer.ReadAsync(shared.Mesh.Gateway, request);
    }

    private async Task<HttpRequestMessage> RequestAsync(Person who, HttpMethod method, string path, string? body, string contentType = "application/json")
    {
        // Uri would tidy the path up before it is sent.
        var target = new Uri($"{shared.Mesh.Gateway.BaseAddress}{path.Replace("{letter}", shared.LetterId, StringComparison.Ordinal).TrimStart('/')}", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        return new(method, target)
        {
            Headers = { Authorization = new AuthenticationHeaderValue("Bearer", await who.TokenAsync()) },
            Content = body is null ? null : new StringContent(body, Encoding.UTF8, contentType),
        };
    }
}
