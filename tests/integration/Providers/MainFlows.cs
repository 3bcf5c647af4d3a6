using System.IO.Compression;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Tarasol.Identity.Tokens;
using Tarasol.Tests.Integration.Correspondence;
using Tarasol.Tests.Integration.Identity;
using Tarasol.Tests.Integration.Mesh;
using Tarasol.Tests.Integration.Numbering;

namespace Tarasol.Tests.Integration.Providers;

/// <summary>What has to work on every database program.</summary>
internal static class MainFlows
{
    /// <summary>Registration, numbering, routing with every decision, lists page by page, the audit trail.</summary>
    public static async Task LetterAsync(TestTenant tenant)
    {
        var office = await Office.OfAsync(tenant);

        var approved = await office.RegisterAsync("outgoing");
        await office.RouteAsync(approved, office.Head, office.Signatory);
        await Office.DecideAsync(office.Head, approved, "approve", "حسن");
        await Office.DecideAsync(office.Signatory, approved, "approve");
        var letter = await office.ReachedAsync(approved, "approved");
        Assert.Equal("طلب صيانة المبنى", letter.Text("subject"));
        Assert.EndsWith("/00001", letter.Text("referenceNumber"), StringComparison.Ordinal);
        Assert.Equal(
            ["registered", "routed", "step-approved", "step-approved", "numbered", "completed"], await office.KindsAsync(approved));

        var incoming = new[] { await office.RegisterAsync(), await office.RegisterAsync(), await office.RegisterAsync() };
        await office.RouteAsync(incoming[0], office.Head);
        await Office.DecideAsync(office.Head, incoming[0], "return", "incomplete");
        await office.ReachedAsync(incoming[0], "returned");
        await office.RouteAsync(incoming[0], office.Head);
        await Office.DecideAsync(office.Head, incoming[0], "reject", "no");
        await office.ReachedAsync(incoming[0], "rejected");

        var listed = await office.Clerk.Letters.PagesAsync($"{Office.Letters}?direction=incoming&limit=2");
        Assert.Equal(incoming.Reverse(), listed.Select(item => item.GetProperty("id").GetGuid()));
        Assert.Equal(["/00001", "/00002", "/00003"], listed.Select(item => item.Text("referenceNumber")![^6..]).Reverse());
        var decided = await office.Head.Tasks.PagesAsync($"{Office.Tasks}?state=decided&limit=1");
        Assert.Equal(3, decided.Count);

        await AuditedAsync(tenant, approved);
    }

    /// <summary>Several change a letter, a clock or a setting at the same time: each change is made whole or refused as one that came too late.</summary>
    public static async Task AtTheSameTimeAsync(TestTenant tenant)
    {
        var office = await Office.OfAsync(tenant);
        var letter = await office.RegisterAsync("outgoing");
        var made = 1 + await MeetAsync("changes of a letter", (round, change) => office.Clerk.Letters.PatchAsJsonAsync($"{Office.Letters}/{letter}", new { subject = $"{round}-{change}" }));
        Assert.Equal(made, (await office.KindsAsync(letter)).Count);

        await office.RouteAsync(letter, office.Head);
        var clock = $"{Office.Tasks}/{await Office.TaskAsync(office.Head, letter)}/clock";
        await MeetAsync("stops of a clock", (_, _) => office.Head.Tasks.PostAsJsonAsync($"{clock}/stop", new { reason = "x" }), async () => await office.Head.Tasks.DoAsync("POST", $"{clock}/resume"));

        using var admin = await tenant.AdminAsync("admin");
        var type = await admin.MakeAsync("api/admin/letter-types", new { code = "memo", form = new { nameAr = "مذكرة", nameEn = "Memo 0", fields = Array.Empty<object>() } });
        var drafts = 1;
        await MeetAsync("publications of a form", (_, _) => admin.PostAsync(new Uri($"api/admin/letter-types/{type}/publication", UriKind.Relative), null), async () =>
            await admin.DoAsync("PUT", $"api/admin/letter-types/{type}/draft", new { nameAr = "مذكرة", nameEn = $"Memo {drafts++}", fields = Array.Empty<object>() }));
        // To publish again what is published is harmless.
        Assert.Equal(drafts, (await admin.PagesAsync($"api/admin/letter-types/{type}/versions?limit=50")).Count);
    }

    /// <summary>Does the same eight times at once, again and again until one of them came too late to see the first, and returns how often it was done.</summary>
    private static async Task<int> MeetAsync(string what, Func<int, int, Task<HttpResponseMessage>> act, Func<Task>? between = null)
    {
        var (done, late) = (0, 0);
        for (var round = 0; late == 0 && round < 50; round++)
        {
            if (round > 0 && between is not null)
                await between();
            var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(async each =>
            {
                using var answer = await act(round, each);
                return (answer.StatusCode, Text: await answer.Content.ReadAsStringAsync());
            }));
            // Whoever comes in time to see what was done is told that it is done: a conflict.
            Assert.All(answers, answer => Assert.True(answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.NoContent or HttpStatusCode.Conflict or HttpStatusCode.PreconditionFailed, answer.Text));
            done += answers.Count(answer => answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.NoContent);
            late += answers.Count(answer => answer.StatusCode == HttpStatusCode.PreconditionFailed);
        }
        Assert.True(late > 0, $"no two {what} met");
        return done;
    }

    /// <summary>A letter of a type with fields of its own: registration, acknowledgement, correction, links, every filter of the list.</summary>
    public static async Task RegistrationAsync(TestTenant tenant)
    {
        var office = await Office.OfAsync(tenant);
        await office.PublishTypeAsync("invoice", new
        {
            nameAr = "فاتورة", nameEn = "Invoice", fields = new[] { new { code = "amount", nameAr = "المبلغ", nameEn = "Amount", kind = "number", mandatory = true } },
            acknowledgement = new { ar = "قُيد خطابكم {reference} برقم {number}", en = "Your letter {reference} is registered under {number}" },
        });
        await office.PublishAsync("api/admin/classification", new { classes = new[] { new { classId = "1", titleAr = "المالية", titleEn = "Finance" } } });
        var letter = office.Letter();
        foreach (var (member, value) in new Dictionary<string, object?>
                 {
                     ["letterType"] = "invoice", ["fields"] = new { amount = 5 }, ["classification"] = "1", ["senderReference"] = "A-7", ["needsReply"] = true, ["receivedOn"] = "2026-01-31",
                     ["receivedChannel"] = "post", ["originalMedium"] = "paper", ["paperAnnexes"] = 2, ["copies"] = new[] { "Archive" }, ["confidentialUntil"] = "2030-01-01",
                 })
            letter[member] = value;
        var first = await Office.RegisterAsync(office.Clerk, letter);
        using var again = await office.Clerk.Letters.PostAsJsonAsync(Office.Letters, letter);
        Assert.Equal(first, Assert.Single((await Answers.JsonAsync(again)).GetProperty("likelyDuplicates").EnumerateArray()).GetProperty("letterId").GetGuid());
        var second = (await Answers.JsonAsync(again)).GetProperty("id").GetGuid();
        using var linked = await office.Clerk.Letters.PostAsJsonAsync($"{Office.Letters}/{second}/links", new { kind = "duplicates", letterId = first });
        await TestMesh.EnsureAsync(linked);
        Assert.Equal("duplicated-by", Assert.Single(await office.Clerk.Letters.PagesAsync($"{Office.Letters}/{first}/links?limit=1")).Text("kind"));
        using var changes = JsonContent.Create(new { subject = "فاتورة الصيانة", fields = new { amount = 6 } });
        using var changed = await office.Clerk.Letters.PatchAsync(new Uri($"{Office.Letters}/{first}", UriKind.Relative), changes);
        await TestMesh.EnsureAsync(changed);
        Assert.Equal(["registered", "numbered", "changed"], await office.KindsAsync(first));
        Assert.Equal(["registered", "numbered", "linked"], await office.KindsAsync(second));

        const string Every = "status=registered&direction=incoming&letterType=invoice&classification=1&urgency=very-urgent&needsReply=true&documentDateFrom=2026-01-31&documentDateTo=2026-01-31&registeredFrom=2020-01-01&registeredTo=2099-01-01";
        Assert.Equal(new[] { second, first }, (await office.Clerk.Letters.PagesAsync($"{Office.Letters}?{Every}&limit=1")).Select(item => item.GetProperty("id").GetGuid()));
        Assert.Equal(first, Assert.Single(await office.Clerk.Letters.PagesAsync($"{Office.Letters}?{Every}&text=فاتوره&limit=1")).GetProperty("id").GetGuid());
        Assert.Equal(2, (await office.Clerk.Letters.GetFromJsonAsync<JsonElement>($"{Office.Letters}/counts?{Every}")).GetProperty("total").GetInt32());

        using var audit = await tenant.AdminAsync("audit");
        var number = (await office.Clerk.Letters.GetFromJsonAsync<JsonElement>($"{Office.Letters}/{first}")).Text("referenceNumber");
        await TestMesh.EventuallyAsync("the acknowledgement and the change to be in the trail", async () =>
        {
            var events = await audit.PagesAsync($"api/audit/events?subject={first}&limit=50");
            var texts = events.Where(item => item.Text("type") == "correspondence.acknowledgement-requested.v1")
                .Select(item => (item.GetProperty("data").Text("textAr"), item.GetProperty("data").Text("textEn"))).ToList();
            return texts.SequenceEqual([($"قُيد خطابكم A-7 برقم {number}", $"Your letter A-7 is registered under {number}")]) && events.Any(item => item.Text("type") == "correspondence.letter-changed.v1");
        });
        using var exported = await tenant.AdminAsync("admin");
        Assert.Equal("invoice", Assert.Single((await exported.GetFromJsonAsync<JsonElement>("api/admin/settings")).GetProperty("letterTypes").EnumerateArray()).Text("code"));
    }

    /// <summary>The same write four times at once, and keys that differ in case only.</summary>
    public static async Task RepeatedWriteAsync(TestTenant tenant)
    {
        using var directory = await tenant.AdminAsync("directory");
        directory.DefaultRequestHeaders.Add("Idempotency-Key", "Key-1");
        var unit = new { code = "FIN", nameAr = "المالية", nameEn = "Finance" };
        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => directory.PostAsJsonAsync("api/directory/units", unit)));
        var ids = new HashSet<string>();
        foreach (var answer in answers)
        {
            Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
            ids.Add(await answer.TextAsync("id"));
            answer.Dispose();
        }
        Assert.Single(ids);
        // Keys and codes are compared byte by byte on every provider.
        directory.DefaultRequestHeaders.Remove("Idempotency-Key");
        directory.DefaultRequestHeaders.Add("Idempotency-Key", "key-1");
        using var same = await directory.PostAsJsonAsync("api/directory/units", unit);
        Assert.Equal("unit-code-taken", await same.TextAsync("code"));
        using var lower = await directory.PostAsJsonAsync("api/directory/units", unit with { code = "fin" });
        Assert.Equal(HttpStatusCode.Created, lower.StatusCode);
        Assert.Equal(["FIN", "fin"], (await directory.PagesAsync("api/directory/units?limit=1")).Select(item => item.Text("code")));
    }

    /// <summary>Tokens, their refresh, its replay, lockout and pruning.</summary>
    public static async Task SignInAsync(TestTenant tenant)
    {
        using var signedIn = await tenant.Mesh.RequestTokenAsync(tenant.Slug, TokenAnswers.Password(tenant.AdminUserName, tenant.AdminPassword));
        var refresh = await signedIn.TextAsync("refresh_token");
        using var refreshed = await tenant.Mesh.RequestTokenAsync(tenant.Slug, TokenAnswers.Refresh(refresh));
        Assert.Equal(HttpStatusCode.OK, refreshed.StatusCode);
        using var replayed = await tenant.Mesh.RequestTokenAsync(tenant.Slug, TokenAnswers.Refresh(refresh));
        Assert.Equal(HttpStatusCode.BadRequest, replayed.StatusCode);
        using var family = await tenant.Mesh.RequestTokenAsync(tenant.Slug, TokenAnswers.Refresh(await refreshed.TextAsync("refresh_token")));
        Assert.Equal(HttpStatusCode.BadRequest, family.StatusCode);

        await tenant.NewUserAsync("guessed", ["handler"]);
        var wrong = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => tenant.Mesh.RequestTokenAsync(tenant.Slug, TokenAnswers.Password("guessed", "Wrong-Pass-1"))));
        Assert.All(wrong, answer => Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode));
        await tenant.Mesh.Services("identity").GetRequiredService<PruneTokens>().PruneAsync(tenant.Slug, TestContext.Current.CancellationToken);
    }

    /// <summary>Series, blocks, void numbers and the register of all of it, also many at once.</summary>
    public static async Task RegisterAsync(TestTenant tenant)
    {
        var office = await NumberOffice.OfAsync(tenant);
        await RegisterFlow.RunAsync(office);
        var finance = await office.UnitAsync("FIN", office.Root);
        await office.CreatedAsync(new { key = "root", direction = "incoming", mask = "R/{unit}/{hijri}/{seq}", unitId = office.Root, subtree = true, reset = "hijri" });
        using var changed = await office.Admin.PutAsJsonAsync("api/numbering/series/root/mask", new { mask = "R/{unit}/{hijri}/{seq:3}" });
        await TestMesh.EnsureAsync(changed);
        Assert.Equal("R/FIN/1447/001", await office.TakeAsync("FIN"));
        await Task.WhenAll(Enumerable.Range(0, 12).Select(each => each % 4 == 0
            ? (Task)office.PostAsync("api/numbering/blocks", new { series = "root", count = 2, purpose = "paper", unitId = finance, date = "2026-05-01" })
            : office.TakeAsync("FIN")));
        using var closed = await office.Admin.PostAsync(new Uri("api/numbering/series/root/close", UriKind.Relative), null);
        await TestMesh.EnsureAsync(closed);
        Assert.EndsWith("/00008", await office.TakeAsync("FIN"), StringComparison.Ordinal);
        Assert.Contains("root", (await office.Admin.PagesAsync("api/numbering/series?limit=1")).Select(series => series.Text("key")));
        Assert.Equal(4, (await office.Admin.PagesAsync("api/numbering/blocks?limit=1")).Count);
        var report = await office.VerifyAsync();
        Assert.Equal(("1447", 16L, 0, 6L), report.Chains["root"].Periods.Single());
        Assert.Equal(await office.ExportAsync() is [_, .. var lines] ? lines.Length : 0, (await office.EntriesAsync()).Count);
    }

    /// <summary>Closing: everything of every service comes out.</summary>
    public static async Task ArchiveAsync(TestTenant tenant)
    {
        var office = await Office.OfAsync(tenant);
        var letter = await office.RegisterAsync();
        await AuditedAsync(tenant, letter, "correspondence.letter-registered.v1");
        using var tenants = tenant.Mesh.Client("tenant", await tenant.Mesh.OperatorTokenAsync());
        using var asked = await tenants.PostAsync(new Uri($"api/tenant/tenants/{tenant.Slug}/archive", UriKind.Relative), null);
        await TestMesh.EnsureAsync(asked);
        JsonElement archive = default;
        await TestMesh.EventuallyAsync("the archive to end", async () =>
            (archive = await tenants.GetFromJsonAsync<JsonElement>($"api/tenant/tenants/{tenant.Slug}/archive")).Text("state") != "running");
        Assert.True(archive.Text("state") == "done", archive.GetRawText());

        using var zip = new ZipArchive(new MemoryStream(await tenants.GetByteArrayAsync(new Uri($"api/tenant/tenants/{tenant.Slug}/archive/file", UriKind.Relative))));
        Assert.Equal(archive.GetProperty("services").EnumerateArray().Select(part => $"{part.Text("service")}.jsonl").Append("manifest.json"), zip.Entries.Select(entry => entry.Name));
        foreach (var (file, text) in new[] { ("correspondence", letter.ToString()), ("correspondence", "طلب صيانة المبنى"), ("identity", "signatory"), ("audit", letter.ToString()), ("numbering", "/00001") })
        {
            using var reader = new StreamReader(zip.GetEntry($"{file}.jsonl")!.Open());
            Assert.Contains(text, await reader.ReadToEndAsync(), StringComparison.Ordinal);
        }
        await using var entry = zip.GetEntry("manifest.json")!.Open();
        using var manifest = await JsonDocument.ParseAsync(entry);
        foreach (var file in manifest.RootElement.GetProperty("files").EnumerateArray())
        {
            var database = Path.Combine(tenant.Mesh.Data, "tenants", tenant.Slug, $"{file.Text("service")}.db");
            if (File.Exists(database))
                Assert.Empty((await TablesAsync(database)).Except(file.GetProperty("tables").EnumerateObject().Select(table => table.Name)));
        }
    }

    // A table that is there and not in the model would be left out.
    private static async Task<List<string>> TablesAsync(string database)
    {
        await using var db = new SqliteConnection($"Data Source={database};Mode=ReadOnly");
        await db.OpenAsync();
        await using var command = db.CreateCommand();
        command.CommandText = "select name from sqlite_master where type = 'table' and name not like 'sqlite_%' and name <> 'VersionInfo'";
        var tables = new List<string>();
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
            tables.Add(reader.GetString(0));
        return tables;
    }

    private static async Task AuditedAsync(TestTenant tenant, Guid letter, string type = "correspondence.routing-completed.v1")
    {
        using var audit = await tenant.AdminAsync("audit");
        await TestMesh.EventuallyAsync("the letter's events to be in the trail", async () =>
            (await audit.PagesAsync($"api/audit/events?subject={letter}&limit=3")).Any(item => item.Text("type") == type));
        var verified = await audit.GetFromJsonAsync<JsonElement>("api/audit/verify");
        Assert.True(verified.GetProperty("verified").GetBoolean());
    }
}
