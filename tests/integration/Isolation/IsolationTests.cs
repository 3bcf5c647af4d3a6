using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Tarasol.Contracts;
using Tarasol.Tests.Integration.Correspondence;

namespace Tarasol.Tests.Integration.Isolation;

/// <summary>
/// Whatever a person of one tenant sends, nothing of another tenant is read, changed, counted or told. The routes come from the OpenAPI documents of the services: a new one is
/// attacked without touching this test, or fails it by its name.
/// </summary>
[Collection(nameof(IsolationMesh))]
[Trait("Scale", "large")]
public sealed partial class IsolationTests(IsolationMesh mesh)
{
    private const int EnoughIds = 8;

    [Fact]
    public void Every_route_with_an_id_can_be_reached_by_those_to_whom_the_thing_belongs()
    {
        var blind = mesh.Operations.Where(operation => operation.Method == HttpMethod.Get && operation.AppId != "tenant" && operation.Parameters.Count > 0)
            .Where(operation => !mesh.Readable.Any(read => read.Operation == operation)).Select(operation => operation.Name);
        // Else the attack below would try ids that nobody has: give IsolationMesh's tenants one of it.
        Assert.Empty(blind);
        Assert.True(mesh.Operations.Count > 25);
        Assert.True(mesh.TheirIds.Count > 15);
        Assert.NotEmpty(mesh.TheirTags);
        Assert.NotEmpty(mesh.TheirCursors);
    }

    [Fact]
    public async Task An_id_of_another_tenant_is_answered_like_one_that_does_not_exist()
    {
        var wrong = new List<string>();
        foreach (var service in mesh.Operations.GroupBy(operation => operation.AppId))
        {
            // Signing in leaves rows as well, so that it is not done in between.
            await mesh.Theirs.SignInAsync();
            var before = await mesh.QuietAsync();
            foreach (var operation in service)
                await AttackAsync(operation, wrong);
            var after = await mesh.DigestAsync(mesh.Theirs.Slug);
            wrong.AddRange(before.Keys.Union(after.Keys).Where(table => before.GetValueOrDefault(table) != after.GetValueOrDefault(table)).Select(table => $"{service.Key} has changed their {table}"));
        }
        Assert.True(wrong.Count == 0, string.Join("\n", wrong));
    }

    private async Task AttackAsync(Operation operation, List<string> wrong)
    {
        foreach (var values in mesh.Fill(operation, mesh.TheirIds, ghosts: false).Take(40))
        {
            foreach (var id in operation.Parameters.Count > 0 ? [mesh.TheirIds[0]] : mesh.TheirIds.Take(EnoughIds))
            {
                // A name of theirs; what is made anew gets another each time, since a name can be taken here as well.
                var name = operation.Parameters.Count > 0 ? mesh.Theirs.UserName : IsolationMesh.Ghost(mesh.Theirs.UserName);
                var ghosts = values.Select(IsolationMesh.Ghost).ToList();
                // They ask first, so that what is kept of the answer is there to be given to the wrong person.
                if (operation.Method == HttpMethod.Get)
                    await SendAsync(operation, values, id, name, await mesh.Theirs.AdminTokenAsync());
                var (ghostId, ghostName) = (IsolationMesh.Ghost(id), IsolationMesh.Ghost(mesh.Theirs.UserName));
                var theirs = await SendAsync(operation, values, id, name, await TokenAsync(operation));
                var nobodys = await SendAsync(operation, ghosts, ghostId, ghostName, await TokenAsync(operation));
                Compare(operation, theirs, nobodys, wrong);
            }
        }
    }

    [Fact]
    public async Task A_header_that_names_another_tenant_is_refused_whether_that_tenant_exists_or_not()
    {
        var wrong = new List<string>();
        foreach (var operation in mesh.Operations.Where(operation => operation.Path.StartsWith("/api/", StringComparison.Ordinal)))
        {
            var values = mesh.Fill(operation, mesh.TheirIds, ghosts: false).First();
            foreach (var appId in new[] { operation.AppId, "gateway" })
            {
                var theirs = await SendAsync(operation, values, mesh.TheirIds[0], "x1", await mesh.Mine.AdminTokenAsync(), appId, request => request.Headers.Add("X-Tenant", mesh.Theirs.Slug));
                var nobodys = await SendAsync(operation, values, mesh.TheirIds[0], "x1", await mesh.Mine.AdminTokenAsync(), appId, request => request.Headers.Add("X-Tenant", "nobody-here"));
                if (theirs.Status != HttpStatusCode.Forbidden || nobodys != theirs)
                    wrong.Add($"{operation.Name} by {appId}: {theirs} / {nobodys}");
            }
        }
        Assert.True(wrong.Count == 0, string.Join("\n", wrong));
    }

    [Fact]
    public async Task Their_host_name_cursors_and_tags_do_not_lead_to_their_things()
    {
        using (var operators = mesh.Client("tenant", await mesh.OperatorTokenAsync()))
        {
            using var content = new StringContent($$"""{"hostNames":["{{mesh.Theirs.Slug}}.example.org"]}""", Encoding.UTF8, "application/json");
            using var named = await operators.PatchAsync(new Uri($"api/tenant/tenants/{mesh.Theirs.Slug}", UriKind.Relative), content);
            Assert.Equal(HttpStatusCode.OK, named.StatusCode);
        }
        var wrong = new List<string>();
        foreach (var operation in mesh.Operations.Where(operation => operation.Method == HttpMethod.Get && operation.Path.StartsWith("/api/", StringComparison.Ordinal)))
        {
            var values = mesh.Fill(operation, mesh.TheirIds, ghosts: false).First();
            var byHost = await SendAsync(operation, values, "", "", await mesh.Mine.AdminTokenAsync(), "gateway", request =>
            {
                request.Headers.Host = $"{mesh.Theirs.Slug}.example.org";
                request.Headers.Add("X-Forwarded-Host", $"{mesh.Theirs.Slug}.example.org");
                request.Headers.Add("Forwarded", $"host={mesh.Theirs.Slug}.example.org");
            });
            var plain = await SendAsync(operation, values, "", "", await mesh.Mine.AdminTokenAsync(), "gateway");
            Tells(operation, byHost, wrong);
            if (byHost != plain)
                wrong.Add($"{operation.Name} by host name: {byHost} / {plain}");
            foreach (var tag in mesh.TheirTags)
            {
                var tagged = await SendAsync(operation, values, "", "", await mesh.Mine.AdminTokenAsync(), change: request => request.Headers.TryAddWithoutValidation("If-None-Match", tag));
                if (tagged.Status == HttpStatusCode.NotModified)
                    wrong.Add($"{operation.Name}: 304 for a tag of theirs");
            }
            if (mesh.TheirCursors.TryGetValue(operation.Name, out var cursor))
                Tells(operation, await SendAsync(operation, values, "", "", await mesh.Mine.AdminTokenAsync(), query: $"?cursor={cursor}"), wrong);
        }
        Assert.True(wrong.Count == 0, string.Join("\n", wrong));
    }

    [Fact]
    public async Task Their_idempotency_keys_are_unknown_to_others()
    {
        var wrong = new List<string>();
        foreach (var operation in mesh.Operations.Where(operation => operation.Method == HttpMethod.Post && operation.Parameters.Count == 0 && operation.TakesKey && operation.AppId != "tenant"))
        {
            var key = Guid.NewGuid().ToString();
            var name = $"k{Guid.NewGuid():N}"[..10];
            void Keyed(HttpRequestMessage request) => request.Headers.Add("Idempotency-Key", key);
            // Different bodies: a key that was known would be refused; the same: the answer would be theirs.
            foreach (var (theirName, myName) in new[] { (name, name), (name + "a", name + "b") })
            {
                var theirs = await SendAsync(operation, [], mesh.Theirs.Office.UnitId.ToString(), theirName, await mesh.Theirs.AdminTokenAsync(), change: Keyed);
                var mine = await SendAsync(operation, [], mesh.Mine.Office.UnitId.ToString(), myName, await mesh.Mine.AdminTokenAsync(), change: Keyed);
                var again = await SendAsync(operation, [], mesh.Mine.Office.UnitId.ToString(), $"{myName}c", await mesh.Mine.AdminTokenAsync(), change: request => request.Headers.Add("Idempotency-Key", $"{key}-{myName}"));
                if (mine.Body.Contains("invalid-request", StringComparison.Ordinal) || mine.Status == HttpStatusCode.UnprocessableEntity || mine.Status != again.Status || theirs.Ids.Intersect(mine.Ids).Any())
                    wrong.Add($"{operation.Name}: {theirs} / {mine} / {again}");
                key += "-2";
            }
        }
        Assert.True(wrong.Count == 0, string.Join("\n", wrong));
    }

    [Fact]
    public async Task A_forged_event_changes_nothing_of_theirs_and_a_foreign_thing_in_it_is_like_none()
    {
        // What is forged gets into its trail, so that it is nobody's whom the other tests look at.
        var receiver = (await mesh.NewTenantAsync()).Slug;
        var tokens = new[] { await mesh.Theirs.AdminTokenAsync(), await mesh.Theirs.UserTokenAsync() };
        var before = await mesh.QuietAsync();
        var wrong = new List<string>();
        var tried = 0;
        foreach (var appId in mesh.AppIds)
        {
            foreach (var type in await SubscriptionsAsync(appId))
            {
                if (!EventTypes.All.TryGetValue(type, out var record))
                    continue;
                tried++;
                foreach (var id in mesh.TheirIds.Take(EnoughIds))
                {
                    // As the broker would bring it, in the name of a tenant that they are not.
                    var theirs = await DeliverAsync(appId, type, ForgedEvent.Of(record, id, mesh.Theirs.UserName, mesh.Theirs.Slug), receiver);
                    var nobodys = await DeliverAsync(appId, type, ForgedEvent.Of(record, IsolationMesh.Ghost(id), "ghost-user", "ghost-tenant"), receiver);
                    if (theirs != nobodys || theirs != HttpStatusCode.OK)
                        wrong.Add($"{type} at {appId}: {theirs} / {nobodys}");
                }
                wrong.AddRange(await FromOutsideAsync(appId, type));
            }
        }
        Assert.True(wrong.Count == 0, string.Join("\n", wrong));
        Assert.True(tried > 10);
        Assert.Equal(before, await mesh.DigestAsync(mesh.Theirs.Slug));
        foreach (var token in tokens)
        {
            using var me = mesh.Client("identity", token);
            using var answer = await me.GetAsync(new Uri("api/identity/me", UriKind.Relative));
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
    }

    private async Task<IReadOnlyList<string>> SubscriptionsAsync(string appId)
    {
        using var sidecar = new HttpClient();
        sidecar.DefaultRequestHeaders.Add("dapr-api-token", mesh.Sidecar(appId).AppApiToken);
        using var answer = await sidecar.GetAsync(new Uri($"http://127.0.0.1:{mesh.Sidecar(appId).AppPort}/dapr/subscribe"));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return [.. (await Answers.JsonAsync(answer)).EnumerateArray().Select(subscription => subscription.Text("topic")!)];
    }

    private async Task<HttpStatusCode> DeliverAsync(string appId, string type, JsonElement data, string tenant)
    {
        using var sidecar = new HttpClient();
        sidecar.DefaultRequestHeaders.Add("dapr-api-token", mesh.Sidecar(appId).AppApiToken);
        using var answer = await sidecar.PostAsync(new Uri($"http://127.0.0.1:{mesh.Sidecar(appId).AppPort}/events/{type}"), ForgedEvent.Envelope(type, data, tenant));
        return answer.StatusCode;
    }

    // Whoever is not the sidecar gets no event in, neither by the gateway nor at the service's own port.
    private async Task<IReadOnlyList<string>> FromOutsideAsync(string appId, string type)
    {
        var wrong = new List<string>();
        using var outside = new HttpClient();
        outside.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", await mesh.Mine.AdminTokenAsync());
        foreach (var (port, path) in new[] { (mesh.Sidecar(appId).AppPort, $"events/{type}"), (mesh.Sidecar("gateway").AppPort, $"events/{type}"), (mesh.Sidecar("gateway").AppPort, $"v1.0/publish/pubsub/{type}") })
        {
            using var answer = await outside.PostAsync(new Uri($"http://127.0.0.1:{port}/{path}"), ForgedEvent.Envelope(type, JsonElement.Parse("{}"), mesh.Theirs.Slug));
            if (answer.StatusCode is not (HttpStatusCode.Unauthorized or HttpStatusCode.NotFound))
                wrong.Add($"{type} from outside at {path} of {appId}: {answer.StatusCode}");
        }
        // Nor does another app of the mesh, whose calls the sidecar brings with its own token.
        using var app = mesh.Client(appId);
        using var invoked = await app.PostAsync(new Uri($"events/{type}", UriKind.Relative), ForgedEvent.Envelope(type, JsonElement.Parse("{}"), mesh.Theirs.Slug));
        if (invoked.StatusCode != HttpStatusCode.NotFound)
            wrong.Add($"{type} by invocation of {appId}: {invoked.StatusCode}");
        return wrong;
    }

    [Fact]
    public async Task Credentials_of_one_tenant_are_worth_nothing_in_another()
    {
        var theirs = mesh.Theirs.Tenant;
        using var signedIn = await mesh.RequestTokenAsync(theirs.Slug, ("grant_type", "password"), ("client_id", "tarasol-cli"), ("username", theirs.AdminUserName), ("password", theirs.AdminPassword));
        var refresh = (await Answers.JsonAsync(signedIn)).Text("refresh_token")!;
        foreach (var form in new[]
                 {
                     new[] { ("grant_type", "refresh_token"), ("client_id", "tarasol-cli"), ("refresh_token", refresh) },
                     [("grant_type", "password"), ("client_id", "tarasol-cli"), ("username", mesh.Theirs.UserName), ("password", theirs.AdminPassword)],
                     [("grant_type", "password"), ("client_id", "tarasol-cli"), ("username", theirs.AdminUserName), ("password", theirs.AdminPassword)],
                 })
        {
            using var refused = await mesh.RequestTokenAsync(mesh.Mine.Slug, form);
            Assert.Equal((HttpStatusCode.BadRequest, "invalid_grant"), (refused.StatusCode, (await Answers.JsonAsync(refused)).Text("error")));
        }
        // And the attempt has cost them nothing.
        using var refreshed = await mesh.RequestTokenAsync(theirs.Slug, ("grant_type", "refresh_token"), ("client_id", "tarasol-cli"), ("refresh_token", refresh));
        Assert.Equal(HttpStatusCode.OK, refreshed.StatusCode);
    }

    // A fresh one for what could end it.
    private async Task<string> TokenAsync(Operation operation) =>
        operation.Method == HttpMethod.Get || operation.Parameters.Count > 0 ? await mesh.Mine.AdminTokenAsync() : await mesh.Mine.Tenant.AdminTokenAsync();

    private static void Compare(Operation operation, Answer theirs, Answer nobodys, List<string> wrong)
    {
        Tells(operation, theirs, wrong);
        if (theirs != nobodys)
            wrong.Add($"{operation.Name}: {theirs} for an id of theirs, {nobodys} for one that does not exist");
        if (theirs.Status is HttpStatusCode.Unauthorized or HttpStatusCode.InternalServerError or HttpStatusCode.TooManyRequests)
            wrong.Add($"{operation.Name}: {theirs}, so that nothing was tried");
    }

    private static void Tells(Operation operation, Answer answer, List<string> wrong)
    {
        if (answer.IsTheirs)
            wrong.Add($"{operation.Name} tells of them: {answer}");
    }

    private async Task<Answer> SendAsync(
        Operation operation, IReadOnlyList<string> values, string id, string text, string token, string? appId = null, Action<HttpRequestMessage>? change = null, string query = "")
    {
        using var client = appId == "gateway" ? new HttpClient { BaseAddress = new($"http://127.0.0.1:{mesh.Sidecar("gateway").AppPort}/") } : mesh.Client(operation.AppId);
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var request = new HttpRequestMessage(operation.Method, operation.With(values) + query);
        if (operation.Path == "/connect/token")
            request.Content = new FormUrlEncodedContent([new("grant_type", "password"), new("client_id", "tarasol-cli"), new("username", text), new("password", "Korrekt-9-Pferd")]);
        else if (operation.Body(id, text) is { } body)
            request.Content = new StringContent(body.GetRawText(), Encoding.UTF8, "application/json");
        if (request.Content is not null && id.Length > 0)
            mesh.Planted.Add(id);
        if (operation.Path == "/connect/token")
            request.Headers.Add("X-Tenant", mesh.Mine.Slug);
        change?.Invoke(request);
        using var answer = await client.SendAsync(request);
        var said = await answer.Content.ReadAsStringAsync();
        // What the request itself said may come back.
        var own = (request.Content is null ? values : values.Append(id).Append(text)).Where(each => each.Length > 0);
        var rest = own.Aggregate(said, (left, each) => left.Replace(each, "<sent>", StringComparison.OrdinalIgnoreCase));
        var isTheirs = rest.Contains(IsolationMesh.Marker, StringComparison.OrdinalIgnoreCase) || rest.Contains(mesh.Theirs.Slug, StringComparison.Ordinal)
            || mesh.TheirIds.Except(mesh.Planted).Any(theirs => rest.Contains(theirs, StringComparison.OrdinalIgnoreCase));
        return new(answer.StatusCode, answer.Headers.ETag is null, Plain(rest), isTheirs && !mesh.Theirs.Issued(token)) { Ids = [.. Uuid().Matches(said).Select(match => match.Value)] };
    }

    // Ids, times and trace ids differ from answer to answer.
    private static string Plain(string body) => Time().Replace(Trace().Replace(Uuid().Replace(body, "<id>"), "<trace>"), "<time>");

    private sealed record Answer(HttpStatusCode Status, bool HasNoTag, string Body, bool IsTheirs)
    {
        public IReadOnlyList<string> Ids { get; init; } = [];

        public bool Equals(Answer? other) => other is not null && (Status, HasNoTag, Body, IsTheirs) == (other.Status, other.HasNoTag, other.Body, other.IsTheirs);

        public override int GetHashCode() => HashCode.Combine(Status, HasNoTag, Body, IsTheirs);

        public override string ToString() => $"{(int)Status} {(Body.Length > 300 ? Body[..300] : Body)}";
    }

    [GeneratedRegex("[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}")]
    private static partial Regex Uuid();

    [GeneratedRegex("""(?<="traceId":")[^"]+""")]
    private static partial Regex Trace();

    [GeneratedRegex("""\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}[^"]*""")]
    private static partial Regex Time();
}
