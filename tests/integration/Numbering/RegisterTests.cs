using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Tarasol.Mesh.VerifyRegister;
using Tarasol.Numbering.Data;
using Tarasol.Numbering.Numbers;
using Tarasol.Tenancy;
using Tarasol.Tests.Integration.Correspondence;
using Tarasol.Tests.Integration.Identity;
using Tarasol.Tests.Integration.Mesh;

namespace Tarasol.Tests.Integration.Numbering;

[Collection(RegistryCollection.Name)]
public class RegisterTests(RegistryMesh mesh)
{
    [Fact]
    public async Task Everything_that_happens_to_numbers_is_in_the_register_and_the_check_finds_it_right()
    {
        var office = await NumberOffice.OfAsync(mesh);
        await RegisterFlow.RunAsync(office);
        Assert.Equal(
            ["opened", "allocated", "reserved", "allocated", "taken", "taken", "released", "voided", "allocated"],
            (await office.EntriesAsync("&series=incoming")).Select(entry => entry.Text("kind")));
        Assert.Equal(11, (await office.EntriesAsync()).Count);
        Assert.Equal(8, (await office.EntriesAsync("&series=incoming&period=2026")).Count);
        var report = await office.VerifyAsync();
        Assert.Equal(("2026", 7L, 3, 0L), report.Chains["incoming"].Periods.Single());
    }

    [Fact]
    public async Task What_happens_to_numbers_is_told_to_the_world()
    {
        var office = await NumberOffice.OfAsync(mesh);
        await RegisterFlow.RunAsync(office);
        using var audit = await office.Tenant.AdminAsync("audit");
        List<JsonElement> told = [];
        await TestMesh.EventuallyAsync("the events in the audit", async () =>
        {
            told = [.. (await audit.GetFromJsonAsync<JsonElement>("api/audit/events?limit=200")).GetProperty("items").EnumerateArray().Where(entry => entry.Text("type")!.StartsWith("numbering.", StringComparison.Ordinal))];
            return told.Count >= 7;
        });
        Assert.Equal(["numbering.block-reserved.v1", "numbering.number-voided.v1", "numbering.number-voided.v1"],
            told.Select(entry => entry.Text("type")!).Where(type => type != "numbering.number-allocated.v1").Order(StringComparer.Ordinal));
        var voided = told.Where(entry => entry.Text("type") == "numbering.number-voided.v1").Select(entry => entry.GetProperty("data")).ToList();
        Assert.Equal([(4L, 5L), (1L, 1L)], voided.Select(data => (data.GetProperty("first").GetInt64(), data.GetProperty("last").GetInt64())));
        Assert.All(told.Where(entry => entry.Text("type") != "numbering.number-allocated.v1"), entry => Assert.Equal("admin", entry.Text("actor")));
    }

    [Fact]
    public async Task A_void_number_stays_its_letter_s_and_is_never_given_again()
    {
        var office = await NumberOffice.OfAsync(mesh);
        var letter = Guid.CreateVersion7();
        var number = await office.TakeAsync("ROOT", letter: letter);
        await office.PostAsync("api/numbering/voids", new { referenceNumber = number, reason = "registered twice" });
        Assert.Equal(number, await office.TakeAsync("ROOT", letter: letter));
        Assert.EndsWith("/00002", await office.TakeAsync("ROOT"), StringComparison.Ordinal);
        using var again = await office.Admin.PostAsJsonAsync("api/numbering/voids", new { referenceNumber = number, reason = "once more" });
        Assert.Equal((HttpStatusCode.Conflict, "number-is-void"), (again.StatusCode, await again.TextAsync("code")));
        using var unknown = await office.Admin.PostAsJsonAsync("api/numbering/voids", new { referenceNumber = "IN/ROOT/2026/00009", reason = "none" });
        Assert.Equal((HttpStatusCode.NotFound, "number-not-given"), (unknown.StatusCode, await unknown.TextAsync("code")));
        await office.VerifyAsync();
    }

    [Fact]
    public async Task A_letter_that_took_a_number_of_a_block_keeps_it_and_no_other_number_is_taken_twice()
    {
        var office = await NumberOffice.OfAsync(mesh);
        var block = await office.PostAsync("api/numbering/blocks", new { series = "incoming", count = 2, purpose = "paper", unitId = office.Root, date = "2026-05-01" });
        var take = $"api/numbering/blocks/{block.Text("id")}/take";
        var letter = Guid.CreateVersion7();
        var taken = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => office.PostAsync(take, new { letterId = letter })));
        Assert.All(taken, answer => Assert.Equal("IN/ROOT/2026/00001", answer.Text("referenceNumber")));
        Assert.Equal("IN/ROOT/2026/00001", await office.TakeAsync("ROOT", letter: letter));
        Assert.Equal("IN/ROOT/2026/00002", (await office.PostAsync(take, new { note = "page 2 of the paper register" })).Text("referenceNumber"));
        using var none = await office.Admin.PostAsJsonAsync(take, new { note = "page 3" });
        Assert.Equal((HttpStatusCode.Conflict, "block-used-up"), (none.StatusCode, await none.TextAsync("code")));
        var other = Guid.CreateVersion7();
        await office.TakeAsync("ROOT", letter: other);
        using var second = await office.Admin.PostAsJsonAsync(take, new { letterId = other });
        Assert.Equal((HttpStatusCode.Conflict, "letter-has-number"), (second.StatusCode, await second.TextAsync("code")));
        await office.VerifyAsync();
    }

    [Fact]
    public async Task Blocks_reserved_and_numbers_given_at_once_leave_no_gap()
    {
        var office = await NumberOffice.OfAsync(mesh);
        var work = Enumerable.Range(0, 24).Select(each => each % 4 == 0
            ? (Task)office.PostAsync("api/numbering/blocks", new { series = "incoming", count = 3, purpose = "paper", unitId = office.Root, date = "2026-05-01" })
            : office.TakeAsync("ROOT")).ToList();
        await Task.WhenAll(work);
        var report = await office.VerifyAsync();
        Assert.Equal(("2026", 36L, 0, 18L), report.Chains["incoming"].Periods.Single());
    }

    [Theory]
    [InlineData("update register_entry set text = 'x' where position = 2")]
    [InlineData("delete from register_entry where position = 2")]
    public async Task The_database_itself_refuses_to_change_the_register(string statement)
    {
        var office = await NumberOffice.OfAsync(mesh);
        await office.TakeAsync("ROOT");
        await using var db = new SqliteConnection($"Data Source={Path.Combine(mesh.Data, "tenants", office.Tenant.Slug, "numbering.db")}");
        await db.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = db.CreateCommand();
        command.CommandText = statement;
        var refused = await Assert.ThrowsAsync<SqliteException>(() => command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken));
        Assert.Contains("append-only", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_changes_the_register_past_the_triggers_is_found_by_the_check()
    {
        var office = await NumberOffice.OfAsync(mesh);
        foreach (var _ in Enumerable.Range(0, 5))
            await office.TakeAsync("ROOT");
        await using var db = new SqliteConnection($"Data Source={Path.Combine(mesh.Data, "tenants", office.Tenant.Slug, "numbering.db")}");
        await db.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = db.CreateCommand();
        command.CommandText = "drop trigger tr_register_entry_no_delete; delete from register_entry where series = 'incoming' and position = 4";
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        var found = RegisterCheck.Check(await office.ExportAsync()).Findings;
        Assert.Contains(found, finding => finding is { Series: "incoming", Position: 5 } && finding.What.Contains("missing", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Numbers_from_before_there_was_a_register_are_carried_over_into_it()
    {
        var office = await NumberOffice.OfAsync(mesh);
        await mesh.Services("numbering").GetRequiredService<TenantScopes>().RunAsync(office.Tenant.Slug, async services =>
        {
            var db = services.GetRequiredService<NumberingDbContext>();
            db.Add(new Series { Key = "old", Direction = Tarasol.Numbering.Direction.Incoming, Unit = "OLD", Mask = "O/{unit}/{year}/{seq:3}", CreatedAt = DateTimeOffset.UnixEpoch });
            await db.SaveChangesAsync();
            foreach (var (year, sequence) in new[] { (2025, 1), (2025, 2), (2026, 1) })
                db.Add(new Allocation { LetterId = Guid.CreateVersion7(), Series = "old", Period = $"{year}", Sequence = sequence, ReferenceNumber = $"O/OLD/{year}/00{sequence}", AllocatedAt = DateTimeOffset.UnixEpoch });
            await db.SaveChangesAsync();
        }, TestContext.Current.CancellationToken);
        Assert.Equal("O/OLD/2026/002", await office.TakeAsync("OLD"));
        Assert.Equal(5, (await office.EntriesAsync("&series=old")).Count);
        await office.VerifyAsync();
    }

    [Fact]
    public async Task Nobody_below_the_highest_clearance_reads_the_register_or_voids_numbers()
    {
        var tenant = await mesh.NewTenantAsync();
        var (_, token) = await tenant.NewUserAsync("auditor", ["auditor", "registry-clerk"], clearance: 2);
        using var auditor = mesh.Client("numbering", token);
        foreach (var path in new[] { "api/numbering/register", "api/numbering/register/export" })
        {
            using var refused = await auditor.GetAsync(new Uri(path, UriKind.Relative));
            Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        }
        using var voiding = await auditor.PostAsJsonAsync("api/numbering/voids", new { referenceNumber = "IN/ROOT/2026/00001", reason = "none" });
        Assert.Equal(HttpStatusCode.Forbidden, voiding.StatusCode);
    }

    [Theory]
    [InlineData("api/numbering/blocks", """{"series":"incoming","count":0,"purpose":"x"}""", "count")]
    [InlineData("api/numbering/blocks", """{"series":"incoming","count":1,"purpose":" "}""", "purpose")]
    [InlineData("api/numbering/blocks", """{"series":"incoming","count":1,"purpose":"x"}""", "unitId")]
    [InlineData("api/numbering/blocks/01890000-0000-7000-8000-000000000001/take", """{}""", "note")]
    [InlineData("api/numbering/blocks/01890000-0000-7000-8000-000000000001/release", """{}""", "reason")]
    [InlineData("api/numbering/voids", """{"referenceNumber":"IN/1"}""", "reason")]
    public async Task A_wrong_request_is_refused_by_field(string path, string body, string field)
    {
        using var admin = await (await mesh.AnyTenantAsync()).AdminAsync("numbering");
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using var refused = await admin.PostAsync(new Uri(path, UriKind.Relative), content);
        Assert.Equal([field], await refused.BadFieldsAsync());
    }

    [Theory]
    [InlineData("cursor=!")]
    [InlineData("limit=0")]
    public async Task A_wrong_list_is_refused(string query)
    {
        using var admin = await (await mesh.AnyTenantAsync()).AdminAsync("numbering");
        using var refused = await admin.GetAsync(new Uri($"api/numbering/register?{query}", UriKind.Relative));
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
    }
}
