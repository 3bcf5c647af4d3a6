using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Tarasol.Tests.Integration.Correspondence;
using Tarasol.Tests.Integration.Mesh;

namespace Tarasol.Tests.Integration.Isolation;

/// <summary>Every service and the gateway, with two tenants that are alike: <see cref="Mine"/> attacks, <see cref="Theirs"/> must not notice.</summary>
[CollectionDefinition(nameof(IsolationMesh))]
public sealed class IsolationMesh() : TestMesh("directory", "admin", "numbering", "task", "correspondence", "delegation", "profile", "audit", "gateway"), ICollectionFixture<IsolationMesh>
{
    /// <summary>In the texts of the tenant that is attacked, and nowhere else.</summary>
    public const string Marker = "theirs-only";

    protected override (string Type, (string Name, string Value)[] Metadata) PubSub => ("pubsub.sqlite", [("connectionString", "pubsub.db")]);

    // The attack is one person who asks as fast as can be.
    protected override IEnumerable<KeyValuePair<string, string>> Settings(string appId) => appId != "gateway" ? [] : new Dictionary<string, string>
    {
        ["RateLimit:User:Burst"] = "100000", ["RateLimit:User:PerSecond"] = "100000", ["RateLimit:Anonymous:Burst"] = "100000", ["RateLimit:Anonymous:PerSecond"] = "100000",
        ["RateLimit:SignIn:Burst"] = "100000", ["RateLimit:SignIn:PerSecond"] = "100000", ["RateLimit:Tenant:Burst"] = "100000", ["RateLimit:Tenant:PerSecond"] = "100000",
    };

    internal Side Mine { get; private set; } = null!;

    internal Side Theirs { get; private set; } = null!;

    internal IReadOnlyList<Operation> Operations { get; private set; } = [];

    /// <summary>Values of the attacked tenant, by JSON member, that a request could name.</summary>
    internal IReadOnlyList<string> TheirIds { get; private set; } = [];

    /// <summary>Ids of theirs that the attacker has written into things of its own, where they may be read again.</summary>
    internal HashSet<string> Planted { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Cursors of its lists.</summary>
    internal Dictionary<string, string> TheirCursors { get; } = [];

    /// <summary>Entity tags of its things.</summary>
    internal HashSet<string> TheirTags { get; } = [];

    /// <summary>Paths that its people can read, with the operation that each belongs to.</summary>
    internal List<(Operation Operation, IReadOnlyList<string> Values)> Readable { get; } = [];

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        Mine = await Side.MakeAsync(this, "mine", "nadia");
        Theirs = await Side.MakeAsync(this, Marker, "khalid");
        var operations = new List<Operation>();
        foreach (var appId in AppIds.Where(each => each != "gateway"))
        {
            using var client = Client(appId);
            operations.AddRange(Operation.Of(appId, JsonElement.Parse(await client.GetStringAsync("openapi/v1.json"))));
        }
        Operations = operations;
        await ExploreAsync();
    }

    /// <summary>A digest of everything that the services keep of a tenant, by table.</summary>
    public async Task<IReadOnlyDictionary<string, string>> DigestAsync(string slug)
    {
        var digests = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var appId in AppIds.Where(each => File.Exists(Path.Combine(Data, "tenants", slug, $"{each}.db"))))
        {
            await using var db = new SqliteConnection($"Data Source={Path.Combine(Data, "tenants", slug, $"{appId}.db")};Mode=ReadOnly");
            await db.OpenAsync();
            foreach (var table in await RowsAsync(db, "select name from sqlite_master where type = 'table' and name not like 'sqlite_%' order by name"))
            {
                var rows = await RowsAsync(db, $"select * from \"{table}\" order by 1, 2");
                digests[$"{appId}.{table}"] = $"{rows.Count} rows, {Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', rows))))}";
            }
        }
        return digests;
    }

    // What a person of theirs sees, from the lists down.
    private async Task ExploreAsync()
    {
        var ids = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var reads = Operations.Where(operation => operation.Method == HttpMethod.Get).OrderBy(operation => operation.Parameters.Count).ThenBy(operation => operation.Path.Length).ToList();
        foreach (var operation in reads)
        {
            foreach (var values in Fill(operation, ids, ghosts: false))
            {
                foreach (var token in new[] { await Theirs.AdminTokenAsync(), await Theirs.UserTokenAsync() })
                {
                    using var client = Client(operation.AppId, token);
                    using var answer = await client.GetAsync(new Uri(operation.With(values), UriKind.Relative));
                    if (answer.StatusCode != HttpStatusCode.OK)
                        continue;
                    if (!Readable.Any(known => known.Operation == operation && known.Values.SequenceEqual(values)))
                        Readable.Add((operation, values));
                    if (answer.Headers.ETag is { } tag)
                        TheirTags.Add(tag.ToString());
                    if (answer.Content.Headers.ContentType?.MediaType != "application/json")
                        continue;
                    Collect(JsonElement.Parse(await answer.Content.ReadAsStringAsync()), ids);
                    if (operation.Query.Contains("cursor"))
                    {
                        using var page = await client.GetAsync(new Uri($"{operation.With(values)}?limit=1", UriKind.Relative));
                        if ((await Answers.JsonAsync(page)).TryGetProperty("next", out var next) && next.GetString() is { } cursor)
                            TheirCursors[operation.Name] = cursor;
                    }
                }
            }
        }
        TheirIds = [.. ids];
    }

    /// <summary>
    /// Values for the path's parameters: where the path up to a parameter is one that they can read, those with which they can; else every id that is theirs.
    /// </summary>
    internal IEnumerable<IReadOnlyList<string>> Fill(Operation operation, IReadOnlyCollection<string> ids, bool ghosts)
    {
        IEnumerable<IReadOnlyList<string>> filled = [[]];
        for (var at = 0; at < operation.Parameters.Count; at++)
        {
            var parameter = operation.Parameters[at];
            var prefix = operation.Path[..(operation.Path.IndexOf($"{{{parameter}", StringComparison.Ordinal))];
            var known = Readable.Where(read => read.Operation.Parameters.Count == at + 1 && read.Operation.Path.StartsWith(prefix, StringComparison.Ordinal)).Select(read => read.Values)
                .DistinctBy(values => string.Join('/', values)).ToList();
            if (known.Count > 0)
                filled = known;
            else if (operation.IsUuid(parameter))
                filled = [.. filled.SelectMany(values => ids.Where(id => Guid.TryParse(id, out _)).Select(id => (IReadOnlyList<string>)[.. values, id]))];
            else
                filled = [.. filled.SelectMany(values => new[] { Theirs.Slug, Theirs.UserName }.Select(text => (IReadOnlyList<string>)[.. values, text]))];
        }
        return ghosts ? [.. filled.Select(values => (IReadOnlyList<string>)[.. values.Select(Ghost)])] : filled;
    }

    /// <summary>Something of the same form that does not exist.</summary>
    internal static string Ghost(string value) => Guid.TryParse(value, out _) ? Guid.CreateVersion7().ToString() : $"ghost{Guid.NewGuid():N}"[..Math.Clamp(value.Length, 20, 30)];

    private static void Collect(JsonElement json, HashSet<string> ids)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var member in json.EnumerateObject().Where(member => member.Name != "data"))
                    Collect(member.Value, ids);
                break;
            case JsonValueKind.Array:
                foreach (var item in json.EnumerateArray())
                    Collect(item, ids);
                break;
            case JsonValueKind.String when Guid.TryParse(json.GetString(), out var id):
                ids.Add(id.ToString());
                break;
        }
    }

    /// <summary>Waits until what they did themselves has had all its effects, and gives the digest.</summary>
    public Task<IReadOnlyDictionary<string, string>> QuietAsync() => QuietAsync(Theirs.Slug);

    /// <summary>The same of any tenant.</summary>
    public async Task<IReadOnlyDictionary<string, string>> QuietAsync(string slug)
    {
        IReadOnlyDictionary<string, string> before = new Dictionary<string, string>();
        var same = 0;
        await EventuallyAsync($"tenant {slug} to be quiet", async () =>
        {
            var now = await DigestAsync(slug);
            same = now.SequenceEqual(before) ? same + 1 : 0;
            before = now;
            return same == 20;
        });
        return before;
    }

    private static async Task<List<string>> RowsAsync(SqliteConnection db, string query)
    {
        await using var command = db.CreateCommand();
        command.CommandText = query;
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<string>();
        while (await reader.ReadAsync())
            rows.Add(string.Join('|', Enumerable.Range(0, reader.FieldCount).Select(at => reader.IsDBNull(at) ? "" : reader.GetString(at))));
        return rows;
    }
}

/// <summary>A tenant with something of everything.</summary>
internal sealed class Side(Office office, TestTenant tenant, string userName, string password)
{
    // Nearly as long as an access token lives; the attack takes longer than that on a slow machine.
    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(9);
    private readonly Dictionary<string, (string Token, long At)> tokens = [];
    private readonly HashSet<string> issued = [];

    public Office Office => office;

    public TestTenant Tenant => tenant;

    public string UserName => userName;

    public string Slug => tenant.Slug;

    /// <summary>An access token of the strongest person of the tenant.</summary>
    public Task<string> AdminTokenAsync() => TokenAsync(tenant.AdminUserName, tenant.AdminPassword);

    /// <summary>An access token of <see cref="UserName"/>.</summary>
    public Task<string> UserTokenAsync() => TokenAsync(userName, password);

    /// <summary>Gets new tokens for both.</summary>
    public async Task SignInAsync()
    {
        tokens.Clear();
        await AdminTokenAsync();
        await UserTokenAsync();
    }

    /// <summary>True for a token of this tenant's people.</summary>
    public bool Issued(string token) => issued.Contains(token);

    private async Task<string> TokenAsync(string user, string secret)
    {
        if (tokens.TryGetValue(user, out var known) && Stopwatch.GetElapsedTime(known.At) < Fresh)
            return known.Token;
        var token = await tenant.Mesh.TokenAsync(Slug, user, secret);
        tokens[user] = (token, Stopwatch.GetTimestamp());
        issued.Add(token);
        return token;
    }

    public static async Task<Side> MakeAsync(TestMesh mesh, string marker, string userName)
    {
        var tenant = await mesh.NewTenantAsync();
        var office = await Office.OfAsync(tenant);
        var password = $"Us-{Guid.NewGuid():N}-X1";
        var (_, user) = await tenant.NewUserAsync(userName, ["unit-head", "handler"], 3, password);
        var person = new Person(mesh, userName, user);
        using (var directory = await tenant.AdminAsync("directory"))
            await TestMesh.EnsureAsync(await directory.PostAsJsonAsync("api/directory/units", new { code = marker.ToUpperInvariant(), nameAr = $"{marker} وحدة", nameEn = $"{marker} unit" }));
        using (var admin = await tenant.AdminAsync("admin"))
        {
            var form = new { nameAr = $"{marker} نوع", nameEn = $"{marker} type", fields = Array.Empty<object>() };
            await office.PublishTypeAsync("own-type", form);
            await TestMesh.EnsureAsync(await admin.PostAsJsonAsync("api/admin/calendars", new { unitCode = marker.ToUpperInvariant(), calendar = new { weekend = new[] { "friday" }, holidays = Array.Empty<object>() } }));
            await office.PublishAsync("api/admin/classification", new { classes = new[] { new { classId = "1", titleAr = $"{marker} صنف", titleEn = $"{marker} class" } } });
        }
        using (var numbering = await tenant.AdminAsync("numbering"))
            await TestMesh.EnsureAsync(await numbering.PostAsJsonAsync("api/numbering/series", new { key = userName, direction = "internal", mask = $"{marker}/{{year}}/{{seq}}", letterTypeCode = "own-type" }));
        var letters = new List<Guid>();
        for (var count = 0; count < 3; count++)
        {
            var letter = office.Letter("outgoing", "normal");
            letter["subject"] = $"{marker} subject {count}";
            using var made = await office.Clerk.Letters.PostAsJsonAsync(Office.Letters, letter);
            await TestMesh.EnsureAsync(made);
            letters.Add((await Answers.JsonAsync(made)).GetProperty("id").GetGuid());
        }
        await TestMesh.EnsureAsync(await office.Clerk.Letters.PostAsJsonAsync($"{Office.Letters}/{letters[0]}/links", new { kind = "relates", letterId = letters[1] }));
        await TestMesh.EnsureAsync(await office.Admin.Letters.PostAsJsonAsync("api/correspondence/circuits", new
        {
            code = $"{marker}-circuit", nameAr = $"{marker} مسار", nameEn = $"{marker} circuit",
            steps = new[] { new { key = "one", items = new[] { new { kind = "approve", assignee = new { type = "user", user = userName }, dueInHours = 24 } } } },
        }));
        await TestMesh.EnsureAsync(await office.Admin.Letters.PostAsJsonAsync(
            $"{Office.Letters}/{letters[2]}/referrals", new { items = new[] { new { purpose = "action", user = userName, note = $"{marker} note" } } }));
        await office.RouteAsync(letters[0], person);
        await Office.DecideAsync(person, letters[0], "approve", $"{marker} comment");
        await office.ReachedAsync(letters[0], "approved");
        await office.RouteAsync(letters[1], person, office.Head);
        await Office.TaskAsync(person, letters[1]);
        using (var directory = await tenant.AdminAsync("directory"))
        {
            using var position = await directory.PostAsJsonAsync("api/directory/positions", new { unitId = office.UnitId, role = "head", titleAr = $"{marker} رئيس", titleEn = $"{marker} head" });
            await TestMesh.EnsureAsync(await directory.PostAsJsonAsync($"api/directory/positions/{(await Answers.JsonAsync(position)).Text("id")}/fill", new { userName }));
            using var party = await directory.PostAsJsonAsync("api/directory/parties", new { kind = "company", nameEn = $"{marker} company" });
            using var same = await directory.PostAsJsonAsync("api/directory/parties", new { kind = "company", nameEn = $"{marker} company ltd" });
            await TestMesh.EnsureAsync(await directory.PostAsJsonAsync(
                $"api/directory/parties/{(await Answers.JsonAsync(party)).Text("id")}/merge", new { other = (await Answers.JsonAsync(same)).GetProperty("id").GetGuid() }));
        }
        using (var delegation = mesh.Client("delegation", user))
            await TestMesh.EnsureAsync(await delegation.PostAsJsonAsync("api/delegation/delegations", new { @delegate = "head", from = "2028-01-01", until = "2028-01-09", reason = $"{marker} reason" }));
        return new(office, tenant, userName, password);
    }
}
