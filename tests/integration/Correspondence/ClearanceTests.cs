using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Tarasol.Tests.Integration.Isolation;
using Tarasol.Tests.Integration.Mesh;

namespace Tarasol.Tests.Integration.Correspondence;

/// <summary>
/// A letter above the viewer's clearance changes nothing that they can observe. Two worlds are alike but for a secret letter; the same requests of an uncleared person, over every public route of the
/// service's OpenAPI document, get the same answers byte for byte, but for ids, times and reference numbers.
/// </summary>
[Collection(nameof(CorrespondenceMesh))]
[Trait("Scale", "large")]
public sealed partial class ClearanceTests(CorrespondenceMesh mesh)
{
    private const string Letters = Office.Letters;

    [Fact]
    public async Task A_secret_letter_changes_nothing_for_those_who_are_not_cleared()
    {
        var operations = await OperationsAsync();
        var without = await World.MakeAsync(mesh, operations, hasSecret: false);
        var with = await World.MakeAsync(mesh, operations, hasSecret: true);
        Assert.True(operations.Count > 8);
        Assert.Equal(without.Told.Count, with.Told.Count);
        var different = without.Told.Zip(with.Told).Where(pair => pair.First != pair.Second).Select(pair => $"{pair.First}\n    but with a secret letter\n{pair.Second}").ToList();
        Assert.True(different.Count == 0, string.Join("\n\n", different.Take(5)));
        // Otherwise nothing was compared: some answers must be successes, and those who are cleared see a difference.
        Assert.Contains(without.Told, told => told.Contains(" 200 ", StringComparison.Ordinal));
        Assert.Contains(without.Told, told => told.Contains(" 201 ", StringComparison.Ordinal));
        Assert.Contains(without.Told, told => told.Contains(" 404 ", StringComparison.Ordinal));
        Assert.NotEqual(without.SeenByTheCleared, with.SeenByTheCleared);
    }

    private async Task<IReadOnlyList<Operation>> OperationsAsync()
    {
        using var client = mesh.Client("correspondence");
        return [.. Operation.Of("correspondence", JsonElement.Parse(await client.GetStringAsync("openapi/v1.json"))).OrderBy(operation => operation.Method == HttpMethod.Get ? 0 : 1).ThenBy(operation => operation.Name, StringComparer.Ordinal)];
    }

    private sealed class World(Office office, IReadOnlyList<Operation> operations)
    {
        private readonly Dictionary<string, string> names = new(StringComparer.OrdinalIgnoreCase);

        /// <summary>What the uncleared person was told, request by request.</summary>
        public List<string> Told { get; } = [];

        public int SeenByTheCleared { get; private set; }

        public static async Task<World> MakeAsync(CorrespondenceMesh mesh, IReadOnlyList<Operation> operations, bool hasSecret)
        {
            var office = await mesh.NewOfficeAsync();
            await office.PublishTypeAsync("own-type", new { nameAr = "نوع", nameEn = "Type", fields = Array.Empty<object>() });
            await office.PublishAsync("api/admin/classification", new { classes = new[] { new { classId = "1", titleAr = "صنف", titleEn = "Class" } } });
            var world = new World(office, operations);
            await world.RunAsync(hasSecret);
            return world;
        }

        private async Task RunAsync(bool hasSecret)
        {
            var (incoming, outgoing) = (await Office.RegisterAsync(office.Clerk, office.Letter()), await Office.RegisterAsync(office.Clerk, office.Letter("outgoing")));
            var link = await LinkAsync(office.Clerk, incoming, outgoing);
            var hidden = new Hidden(Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7());
            if (hasSecret)
                hidden = await HideAsync(incoming, outgoing);

            // Told of the clerk's own letters by the time that the secret one is there.
            foreach (var operation in operations)
            {
                foreach (var id in operation.Parameters.Count == 0 ? [incoming] : new[] { incoming, outgoing, hidden.Letter })
                {
                    foreach (var second in operation.Parameters.Count < 2 ? [Guid.Empty] : new[] { link, hidden.Link, hidden.Routing })
                        await AskAsync(operation, Values(operation, id, second), hidden.Letter, operation.Method == HttpMethod.Get ? "" : $"text {Told.Count}");
                }
            }
            await PagesAsync("limit=1");
            foreach (var query in new[] { "status=registered", "direction=incoming", "urgency=very-urgent", "letterType=own-type", "classification=1", "needsReply=true", "text=طلب", "registeredFrom=2020-01-01" })
            {
                await PagesAsync($"limit=1&{query}");
                await TellAsync(HttpMethod.Get, $"{Letters}/counts?{query}");
            }
            // The same sender, subject and reference as the secret one; and links that name it.
            await TellAsync(HttpMethod.Post, Letters, Letter("incoming", "S-1"));
            await TellAsync(HttpMethod.Post, $"{Letters}/{incoming}/links", new { kind = "relates", letterId = hidden.Letter });
            await TellAsync(HttpMethod.Post, Letters, With(Letter("incoming", "S-2"), "links", new[] { new { kind = "supersedes", letterId = hidden.Letter } }));
            await TellAsync(HttpMethod.Patch, $"{Letters}/{incoming}", new { subject = "معدل" });
            await TellAsync(HttpMethod.Get, $"{Letters}/{incoming}");
            await TellAsync(HttpMethod.Get, $"{Letters}/{incoming}/timeline");
            await TellAsync(HttpMethod.Get, $"{Letters}/{incoming}/links");

            using var all = await office.Admin.Letters.GetAsync(new Uri($"{Letters}/counts", UriKind.Relative));
            SeenByTheCleared = (await all.JsonAsync()).GetProperty("total").GetInt32();
        }

        // Registered, linked in every way, and on its way to an approver, by somebody who is cleared.
        private async Task<Hidden> HideAsync(Guid incoming, Guid outgoing)
        {
            var secret = await Office.RegisterAsync(office.Admin, With(With(Letter("incoming", "S-1"), "confidentiality", "secret"), "needsReply", true));
            var link = await LinkAsync(office.Admin, secret, incoming);
            await LinkAsync(office.Admin, outgoing, secret);
            using var routed = await office.Admin.Letters.PostAsJsonAsync($"{Letters}/{secret}/routing", Office.Steps(office.Head));
            await TestMesh.EnsureAsync(routed);
            await Office.TaskAsync(office.Head, secret);
            return new(secret, link, (await routed.JsonAsync()).GetProperty("routingId").GetGuid());
        }

        private static async Task<Guid> LinkAsync(Person person, Guid letter, Guid other)
        {
            using var made = await person.Letters.PostAsJsonAsync($"{Letters}/{letter}/links", new { kind = "relates", letterId = other });
            await TestMesh.EnsureAsync(made);
            return (await made.JsonAsync()).GetProperty("linkId").GetGuid();
        }

        private Dictionary<string, object?> Letter(string direction, string reference) => With(office.Letter(direction), "senderReference", reference);

        private static Dictionary<string, object?> With(Dictionary<string, object?> letter, string member, object? value)
        {
            letter[member] = value;
            return letter;
        }

        private static IReadOnlyList<string> Values(Operation operation, Guid id, Guid second) =>
            [.. operation.Parameters.Select((parameter, at) => !operation.IsUuid(parameter) ? "something" : at == 0 ? id.ToString() : second.ToString())];

        // A body as the document describes it, with the secret letter wherever an id belongs.
        private async Task AskAsync(Operation operation, IReadOnlyList<string> values, Guid hidden, string text) =>
            await TellAsync(operation.Method, operation.With(values), operation.Body(hidden.ToString(), text));

        private async Task PagesAsync(string query)
        {
            for (var cursor = ""; cursor is not null;)
                cursor = (await TellAsync(HttpMethod.Get, $"{Letters}?{query}&cursor={cursor}")).Text("next");
        }

        private async Task<JsonElement> TellAsync(HttpMethod method, string path, object? body = null)
        {
            using var request = new HttpRequestMessage(method, path);
            if (body is not null)
                request.Content = new StringContent(JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");
            using var answer = await office.Clerk.Letters.SendAsync(request);
            var said = await answer.Content.ReadAsStringAsync();
            var json = said.Length == 0 ? default : JsonElement.Parse(said);
            Told.Add($"{method} {Plain(path)}: {(int)answer.StatusCode} {answer.Headers.ETag} {Plain(said)}");
            return json;
        }

        // Ids by the order in which they come up: the same ones in both worlds have the same name.
        private string Plain(string text)
        {
            text = Cursor().Replace(text, match => match.Groups["none"].Success ? match.Value : "\"next\":<cursor>");
            text = Number().Replace(Trace().Replace(Time().Replace(QueryCursor().Replace(text, "cursor=<cursor>"), "<time>"), "<trace>"), "<number>");
            return Uuid().Replace(text, match => names.TryGetValue(match.Value, out var name) ? name : names[match.Value] = $"<{names.Count}>");
        }

        private sealed record Hidden(Guid Letter, Guid Link, Guid Routing);
    }

    [GeneratedRegex("[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}")]
    private static partial Regex Uuid();

    [GeneratedRegex("""(?<="traceId":")[^"]+""")]
    private static partial Regex Trace();

    [GeneratedRegex("""\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}[^"]*""")]
    private static partial Regex Time();

    [GeneratedRegex("""(?<="referenceNumber":")[^"]+""")]
    private static partial Regex Number();

    [GeneratedRegex("""
        "next":((?<none>null)|"[^"]*")
        """)]
    private static partial Regex Cursor();

    [GeneratedRegex("cursor=[A-Za-z0-9_-]+")]
    private static partial Regex QueryCursor();
}
