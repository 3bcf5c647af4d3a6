using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Tarasol.Mesh;
using Tarasol.Tests.E2e.Gateway;

namespace Tarasol.Tests.E2e.Api;

/// <summary>The calls that other people script against, with a plain HttpClient and the bodies as they would write them.</summary>
[Collection(nameof(SharedMesh))]
public sealed class PublicApiTests(SharedMesh shared)
{
    private HttpClient Http => shared.Mesh.Gateway;

    [Fact]
    public async Task A_letter_goes_through_the_whole_documented_api()
    {
        // Tokens.
        using var account = JsonDocument.Parse(await File.ReadAllTextAsync(new DataFolder(shared.Mesh.DataPath).Operator, TestContext.Current.CancellationToken));
        Assert.Equal(["tenant", "userName", "password"], account.RootElement.EnumerateObject().Select(field => field.Name));
        Assert.Equal("platform", Text(account.RootElement, "tenant"));
        var signedIn = await TokenAsync("platform", Text(account.RootElement, "userName"), Text(account.RootElement, "password"));
        var platform = Text(signedIn, "access_token");

        // A tenant.
        var made = await PostAsync(platform, "/api/tenant/tenants", """{"slug":"table","nameAr":"جهة","nameEn":"Table","adminUserName":"admin","adminPassword":"Change-me-2026"}""");
        Assert.True(made.Status is HttpStatusCode.Created or HttpStatusCode.Accepted, made.Text);
        Assert.EndsWith("/api/tenant/tenants/table", $"{made.Headers.Location}", StringComparison.Ordinal);
        JsonElement tenant = default;
        await shared.Mesh.UntilAsync(async () => Text(tenant = (await GetAsync(platform, "/api/tenant/tenants/table")).Is(HttpStatusCode.OK).Json, "status") == "active", "the tenant to be active");
        Assert.Equal(("table", "جهة", "Table"), (Text(tenant, "slug"), Text(tenant, "nameAr"), Text(tenant, "nameEn")));

        // Units and users.
        var admin = Text(await TokenAsync("table", "admin", "Change-me-2026"), "access_token");
        var root = await IdAsync(admin, "/api/directory/units", """{"code":"REG","nameAr":"السجل","nameEn":"Registry"}""");
        var child = await IdAsync(admin, "/api/directory/units", $$"""{"code":"LEG","nameAr":"القانونية","nameEn":"Legal","parentId":"{{root}}"}""");
        var units = (await GetAsync(admin, "/api/directory/units")).Is(HttpStatusCode.OK);
        Assert.Equal(JsonValueKind.Null, units.Json.GetProperty("next").ValueKind);
        Assert.Equal([(root, "REG", null), (child, "LEG", root)], units.Items.Select(unit => (Text(unit, "id"), Text(unit, "code"), unit.GetProperty("parentId").GetString())));
        foreach (var (name, role, more) in new[] { ("clerk", "registry-clerk", $",\"unitId\":\"{root}\""), ("head", "unit-head", ""), ("boss", "signatory", ""), ("watch", "auditor", ""), ("worker", "handler", "") })
            await IdAsync(admin, "/api/identity/users", $$"""{"userName":"{{name}}","password":"Change-me-2026","displayNameAr":"اسم","displayNameEn":"Name","roles":["{{role}}"],"clearance":2{{more}}}""");

        // Letters.
        var clerk = Text(await TokenAsync("table", "clerk", "Change-me-2026"), "access_token");
        var incoming = (await PostAsync(clerk, "/api/correspondence/letters", Letter("incoming", root, "normal", "normal"))).Is(HttpStatusCode.Created);
        Assert.EndsWith($"/api/correspondence/letters/{Text(incoming.Json, "id")}", $"{incoming.Headers.Location}", StringComparison.Ordinal);
        Assert.Equal($"IN/REG/{DateTime.UtcNow.Year.ToString(CultureInfo.InvariantCulture)}/00001", Text(incoming.Json, "referenceNumber"));
        Assert.Equal("registered", Text(incoming.Json, "status"));
        var outgoing = (await PostAsync(clerk, "/api/correspondence/letters", Letter("outgoing", child, "urgent", "restricted"))).Is(HttpStatusCode.Created).Json;
        Assert.Equal(JsonValueKind.Null, outgoing.GetProperty("referenceNumber").ValueKind);
        await IdAsync(clerk, "/api/correspondence/letters", Letter("internal", root, "very-urgent", "secret"));
        (await PostAsync(clerk, "/api/correspondence/letters", Letter("internal", root, "normal", "top-secret"))).IsProblem(HttpStatusCode.Forbidden, "above-clearance");
        var id = Text(outgoing, "id");
        var letter = (await GetAsync(clerk, $"/api/correspondence/letters/{id}")).Is(HttpStatusCode.OK).Json;
        Assert.Equal(
            ("outgoing", "موضوع", "نص", "ar", "urgent", "restricted", "2026-11-01", child),
            (Text(letter, "direction"), Text(letter, "subject"), Text(letter, "body"), Text(letter, "language"), Text(letter, "urgency"), Text(letter, "confidentiality"), Text(letter, "documentDate"), Text(letter, "ownerUnitId")));
        Assert.Equal("مركز الإحصاء", Text(letter.GetProperty("sender"), "name"));
        Assert.Equal("المدير العام", letter.GetProperty("recipients")[0].GetString());
        var first = (await GetAsync(clerk, "/api/correspondence/letters?status=registered&limit=2")).Is(HttpStatusCode.OK);
        Assert.Equal(2, first.Items.Count);
        var rest = (await GetAsync(clerk, $"/api/correspondence/letters?status=registered&limit=2&cursor={Text(first.Json, "next")}")).Is(HttpStatusCode.OK);
        Assert.Equal(Text(incoming.Json, "id"), Text(rest.Items.Single(), "id"));
        Assert.Equal(id, Text((await GetAsync(clerk, "/api/correspondence/letters?direction=outgoing")).Is(HttpStatusCode.OK).Items.Single(), "id"));

        // Routing.
        var routed = (await PostAsync(clerk, $"/api/correspondence/letters/{id}/routing", """{"steps":[{"kind":"approve","assignee":"head","dueInHours":24},{"kind":"approve","assignee":"boss","dueInHours":48}]}""")).Is(HttpStatusCode.Accepted);
        Assert.True(Guid.TryParse(Text(routed.Json, "routingId"), out _));
        var (head, boss) = (Text(await TokenAsync("table", "head", "Change-me-2026"), "access_token"), Text(await TokenAsync("table", "boss", "Change-me-2026"), "access_token"));
        var task = await TaskAsync(head);
        Assert.Equal(("approve", id, "موضوع", "open"), (Text(task, "kind"), Text(task, "letterId"), Text(task, "subject"), Text(task, "state")));
        Assert.InRange(task.GetProperty("dueAt").GetDateTimeOffset(), DateTimeOffset.UtcNow.AddHours(23), DateTimeOffset.UtcNow.AddHours(25));
        var decision = $"/api/task/tasks/{Text(task, "id")}/decision";
        (await PostAsync(boss, decision, """{"decision":"approve","comment":"not mine"}""")).IsProblem(HttpStatusCode.NotFound, "not-found");
        Assert.Equal("", (await PostAsync(head, decision, """{"decision":"approve","comment":"ok"}""")).Is(HttpStatusCode.NoContent).Text);
        (await PostAsync(head, decision, """{"decision":"reject","comment":"no"}""")).IsProblem(HttpStatusCode.Conflict, "task-not-open");
        Assert.Empty((await GetAsync(head, "/api/task/tasks?state=open")).Is(HttpStatusCode.OK).Items);
        (await PostAsync(boss, $"/api/task/tasks/{Text(await TaskAsync(boss), "id")}/decision", """{"decision":"approve","comment":null}""")).Is(HttpStatusCode.NoContent);

        // What became of it.
        await shared.Mesh.UntilAsync(async () => Text(letter = (await GetAsync(clerk, $"/api/correspondence/letters/{id}")).Json, "status") == "approved", "the letter to be approved");
        Assert.Equal($"OUT/LEG/{DateTime.UtcNow.Year.ToString(CultureInfo.InvariantCulture)}/00001", Text(letter, "referenceNumber"));
        var timeline = (await GetAsync(clerk, $"/api/correspondence/letters/{id}/timeline")).Is(HttpStatusCode.OK).Items;
        Assert.Equal(
            [("registered", "clerk"), ("routed", "clerk"), ("step-approved", "head"), ("step-approved", "boss"), ("numbered", "boss"), ("completed", "boss")],
            timeline.Select(entry => (Text(entry, "kind"), Text(entry, "actor"))));
        var times = timeline.Select(entry => entry.GetProperty("at").GetDateTimeOffset()).ToList();
        Assert.Equal(times.Order(), times);
        var auditor = Text(await TokenAsync("table", "watch", "Change-me-2026"), "access_token");
        Answer events = null!;
        await shared.Mesh.UntilAsync(
            async () => (events = (await GetAsync(auditor, $"/api/audit/events?subject={id}")).Is(HttpStatusCode.OK)).Items.Any(entry => Text(entry, "type") == "correspondence.routing-completed.v1"), "the audit trail");
        Assert.Equal(1, events.Items.Count(entry => Text(entry, "type") == "correspondence.letter-registered.v1"));
        var verdict = (await GetAsync(auditor, "/api/audit/verify")).Is(HttpStatusCode.OK).Json;
        Assert.True(verdict.GetProperty("verified").GetBoolean());
        Assert.True(verdict.GetProperty("count").GetInt64() > 0);
        Assert.Matches("^[0-9a-f]{64}$", Text(verdict, "head"));

        // Tokens live on.
        var refresh = Text(await TokenAsync("table", "clerk", "Change-me-2026"), "refresh_token");
        var renewed = (await Person.AskTokenAsync(Http, "table", Refresh(refresh))).Is(HttpStatusCode.OK).Json;
        (await GetAsync(Text(renewed, "access_token"), "/api/correspondence/letters")).Is(HttpStatusCode.OK);
        Assert.NotEqual(refresh, Text(renewed, "refresh_token"));
    }

    [Fact]
    public async Task A_write_with_the_same_Idempotency_Key_has_one_effect()
    {
        var organisation = shared.Organisation;
        var (key, letter) = (Guid.NewGuid().ToString(), organisation.Letter("internal", "only once"));
        var first = (await organisation.Clerk.PostAsync("/api/correspondence/letters", letter, key)).Is(HttpStatusCode.Created);
        var again = (await organisation.Clerk.PostAsync("/api/correspondence/letters", letter, key)).Is(HttpStatusCode.Created);
        Assert.Equal(first.Text, again.Text);
        (await organisation.Clerk.PostAsync("/api/correspondence/letters", organisation.Letter("internal", "another"), key)).IsProblem(HttpStatusCode.UnprocessableEntity, "idempotency-key-reused");
        var routing = $"/api/correspondence/letters/{first.Json.GetProperty("id").GetString()}/routing";
        var routed = (await organisation.Clerk.PostAsync(routing, Organisation.Steps(organisation.Admin), "routing")).Is(HttpStatusCode.Accepted);
        Assert.Equal(routed.Text, (await organisation.Clerk.PostAsync(routing, Organisation.Steps(organisation.Admin), "routing")).Is(HttpStatusCode.Accepted).Text);
        (await organisation.Clerk.PostAsync(routing, Organisation.Steps(organisation.Admin))).IsProblem(HttpStatusCode.Conflict, "routing-under-way");

        var unit = new { code = "ONCE", nameAr = "مرة", nameEn = "Once" };
        var unitMade = (await organisation.Admin.PostAsync("/api/directory/units", unit, "unit")).Is(HttpStatusCode.Created);
        Assert.Equal(unitMade.Text, (await organisation.Admin.PostAsync("/api/directory/units", unit, "unit")).Is(HttpStatusCode.Created).Text);
        (await organisation.Admin.PostAsync("/api/directory/units", unit)).IsProblem(HttpStatusCode.Conflict, "unit-code-taken");
        var user = new { userName = "once", password = Organisation.Password, displayNameAr = "مرة", displayNameEn = "Once", roles = new[] { "handler" }, clearance = 0 };
        var userMade = (await organisation.Admin.PostAsync("/api/identity/users", user, "user")).Is(HttpStatusCode.Created);
        Assert.Equal(userMade.Text, (await organisation.Admin.PostAsync("/api/identity/users", user, "user")).Is(HttpStatusCode.Created).Text);
        (await organisation.Admin.PostAsync("/api/identity/users", user)).IsProblem(HttpStatusCode.Conflict, "user-name-taken");
    }

    [Fact]
    public async Task Discovery_and_keys_are_public_and_name_the_gateway()
    {
        var discovery = JsonElement.Parse(await Http.GetStringAsync("/.well-known/openid-configuration", TestContext.Current.CancellationToken));
        Assert.Equal($"http://localhost:{shared.Mesh.Port}/connect/token", Text(discovery, "token_endpoint"));
        var keys = JsonElement.Parse(await Http.GetStringAsync(new Uri(Text(discovery, "jwks_uri")).PathAndQuery, TestContext.Current.CancellationToken));
        Assert.Equal("RSA", Text(keys.GetProperty("keys")[0], "kty"));
        Assert.False(keys.GetProperty("keys")[0].TryGetProperty("d", out _));
    }

    private static Dictionary<string, string> Refresh(string token) => new() { ["grant_type"] = "refresh_token", ["client_id"] = "tarasol-cli", ["refresh_token"] = token };

    private static string Letter(string direction, string unit, string urgency, string confidentiality) =>
        $$"""
        {"direction":"{{direction}}","subject":"موضوع","body":"نص","language":"ar","urgency":"{{urgency}}","confidentiality":"{{confidentiality}}",
         "sender":{"name":"مركز الإحصاء"},"recipients":["المدير العام"],"documentDate":"2026-11-01","ownerUnitId":"{{unit}}"}
        """;

    private async Task<JsonElement> TaskAsync(string token)
    {
        JsonElement? task = null;
        await shared.Mesh.UntilAsync(async () => (task = (await GetAsync(token, "/api/task/tasks?state=open")).Is(HttpStatusCode.OK).Items.Select(each => (JsonElement?)each).SingleOrDefault()) is not null, "a task");
        return task!.Value;
    }

    private async Task<JsonElement> TokenAsync(string tenant, string userName, string password)
    {
        var answer = (await Person.SignInAsync(Http, tenant, userName, password)).Is(HttpStatusCode.OK).Json;
        Assert.Equal("Bearer", Text(answer, "token_type"));
        Assert.Equal(600, answer.GetProperty("expires_in").GetInt32(), 2.0);
        return answer;
    }

    private async Task<string> IdAsync(string token, string path, string body)
    {
        var id = Text((await PostAsync(token, path, body)).Is(HttpStatusCode.Created).Json, "id");
        Assert.True(Guid.TryParse(id, out _), id);
        return id;
    }

    private Task<Answer> GetAsync(string token, string path) => SendAsync(token, new(HttpMethod.Get, path));

    private Task<Answer> PostAsync(string token, string path, string body) =>
        SendAsync(token, new(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8, "application/json") });

    private Task<Answer> SendAsync(string token, HttpRequestMessage request)
    {
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return Answer.ReadAsync(Http, request);
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;
}
