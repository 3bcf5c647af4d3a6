using System.Security.Claims;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Tarasol.Correspondence;
using Tarasol.Correspondence.Data;
using Tarasol.Correspondence.Letters;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.ServiceDefaults.Requests;
using Tarasol.Tenancy;

namespace Tarasol.Tests.Integration.Correspondence;

/// <summary>A page of the list costs the same among many letters as among few: the database goes along an index that is in the page's order already.</summary>
[Collection(nameof(CorrespondenceMesh))]
[Trait("Scale", "large")]
public sealed class ListCostTests(CorrespondenceMesh mesh)
{
    private static readonly LetterFilter None = new(null, null, null, null, null, null, null, null, null, null, null);

    public static TheoryData<string, string> Filters => new()
    {
        { "", "autoindex_letter" },
        { "status", "ix_letter_status" },
        { "direction", "ix_letter_direction" },
        { "letterType", "ix_letter_letter_type" },
        { "classification", "ix_letter_classification" },
        { "urgency", "ix_letter_urgency" },
        { "needsReply", "ix_letter_needs_reply" },
        { "registered", "autoindex_letter" },
    };

    [Theory]
    [MemberData(nameof(Filters))]
    public async Task A_page_is_read_along_an_index_and_nothing_is_sorted(string filter, string index)
    {
        var office = await mesh.OfficeAsync();
        var wanted = filter switch
        {
            "status" => None with { Status = "registered" },
            "direction" => None with { Direction = "incoming" },
            "letterType" => None with { LetterType = "invoice" },
            "classification" => None with { Classification = "1.2" },
            "urgency" => None with { Urgency = "urgent" },
            "needsReply" => None with { NeedsReply = "true" },
            "registered" => None with { RegisteredFrom = "2026-01-01" },
            _ => None,
        };
        foreach (var after in new Guid?[] { null, Guid.CreateVersion7() })
        {
            var plan = await PlanAsync(office, visible => ListLetters.PageOf(wanted.Of(visible), new Paging(after, 50)));
            Assert.Contains(plan, step => step.Contains(index, StringComparison.Ordinal));
            Assert.DoesNotContain(plan, step => step.Contains("TEMP B-TREE", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Letters_are_counted_from_an_index_alone()
    {
        var office = await mesh.OfficeAsync();
        foreach (var person in new[] { Clerk(), ClerkOf(office.UnitId) })
        {
            foreach (var wanted in new[] { None, None with { Status = "registered" } })
            {
                var plan = await PlanAsync(office, visible => CountLetters.GroupsOf(wanted.Of(visible)), person);
                Assert.Contains(plan, step => step.Contains("USING COVERING INDEX ix_letter_counts", StringComparison.Ordinal));
                Assert.DoesNotContain(plan, step => step.Contains("TEMP B-TREE", StringComparison.Ordinal));
            }
        }
    }

    [Fact]
    public async Task A_page_among_many_letters_costs_what_it_costs_among_few()
    {
        var office = await mesh.NewOfficeAsync();
        var template = await office.RegisterAsync();
        await FillAsync(office, template, 1_000);
        var few = await CostsAsync(office);
        await FillAsync(office, template, 19_000);
        var many = await CostsAsync(office);
        foreach (var (page, cost) in few)
            // Steps of the database's own machine: they do not depend on how busy the computer is. The trees are a little deeper.
            Assert.True(many[page] <= cost * 1.5 + 10, $"{page}: {cost} hundred steps among 1,000 letters, {many[page]} among 20,000");
    }

    // Copies of one letter, with what lists look for spread over them.
    private static Task FillAsync(Office office, Guid template, int count) => InTenantAsync(office, async services =>
    {
        var db = services.GetRequiredService<CorrespondenceDbContext>();
        await db.Database.OpenConnectionAsync();
        await using var transaction = await db.Database.BeginTransactionAsync();
        var columns = await db.Database.SqlQuery<string>($"SELECT name AS Value FROM pragma_table_info('letter')").ToListAsync();
        var changed = new Dictionary<string, string>
        {
            ["id"] = "@id", ["status"] = "CASE @n % 3 WHEN 0 THEN 'Approved' ELSE 'Registered' END", ["direction"] = "CASE @n % 2 WHEN 0 THEN 'Incoming' ELSE 'Outgoing' END",
            ["urgency"] = "CASE @n % 10 WHEN 0 THEN 'Urgent' ELSE 'Normal' END", ["confidentiality"] = "@n % 4", ["needs_reply"] = "@n % 20 = 0", ["letter_type"] = "'type-' || (@n % 5)", ["classification"] = "'' || (@n % 7)",
        };
        await using var command = (SqliteCommand)db.Database.GetDbConnection().CreateCommand();
        command.CommandText = $"INSERT INTO letter ({string.Join(", ", columns)}) SELECT {string.Join(", ", columns.Select(column => changed.GetValueOrDefault(column, column)))} FROM letter WHERE id = @template";
        var (id, number) = (command.Parameters.Add("@id", SqliteType.Text), command.Parameters.Add("@n", SqliteType.Integer));
        command.Parameters.AddWithValue("@template", template);
        for (var each = 0; each < count; each++)
        {
            (id.Value, number.Value) = (Guid.CreateVersion7(), each);
            await command.ExecuteNonQueryAsync();
        }
        await transaction.CommitAsync();
        return true;
    });

    // By the steps that SQLite's machine takes, in hundreds.
    private static async Task<Dictionary<string, int>> CostsAsync(Office office)
    {
        var costs = new Dictionary<string, int>();
        foreach (var (name, filter) in new[]
                 {
                     ("all", None), ("approved", None with { Status = "approved" }), ("incoming", None with { Direction = "incoming" }), ("urgent", None with { Urgency = "urgent" }), ("to be answered", None with { NeedsReply = "true" }),
                     ("of a type", None with { LetterType = "type-3" }), ("of a class", None with { Classification = "4" }), ("registered before today", None with { RegisteredTo = "2020-01-01" }),
                     ("approved and incoming", None with { Status = "approved", Direction = "incoming" }),
                 })
        {
            var last = default(Guid?);
            foreach (var place in new[] { "first", "middle", "last" })
            {
                costs[$"{name}, {place} page"] = await InTenantAsync(office, async services =>
                {
                    var db = services.GetRequiredService<CorrespondenceDbContext>();
                    await db.Database.OpenConnectionAsync();
                    var visible = await services.GetRequiredService<VisibleLetters>().ForAsync(Clerk(), Permissions.ReadLetters, CancellationToken.None);
                    var letters = filter.Of(visible);
                    if (place != "first")
                    {
                        var all = await letters.OrderByDescending(letter => letter.Id).Select(letter => letter.Id).ToListAsync();
                        last = all.Count == 0 ? null : place == "middle" ? all[all.Count / 2] : all[Math.Max(0, all.Count - 51)];
                    }
                    var steps = 0;
                    var connection = (SqliteConnection)db.Database.GetDbConnection();
                    SQLitePCL.raw.sqlite3_progress_handler(connection.Handle, 100, _ => { steps++; return 0; }, null);
                    await ListLetters.PageOf(letters, new Paging(last, 50)).ToListAsync();
                    SQLitePCL.raw.sqlite3_progress_handler(connection.Handle, 0, null, null);
                    return steps;
                });
            }
        }
        return costs;
    }

    private static ClaimsPrincipal Clerk() => new(new ClaimsIdentity([new(TokenRules.PermissionClaim, Permissions.ReadLetters), new(TokenRules.ClearanceClaim, "1")]));

    // One whose role is for a unit and those below.
    private static ClaimsPrincipal ClerkOf(Guid unit) => new(new ClaimsIdentity(
    [
        new(TokenRules.BranchPermissionsClaim, $$"""{"{{Permissions.ReadLetters}}":["{{unit}}"]}"""), new(TokenRules.ClearanceClaim, "1"), new(TokenRules.UserNameClaim, "clerk"),
    ]));

    private static Task<T> InTenantAsync<T>(Office office, Func<IServiceProvider, Task<T>> work) =>
        office.Mesh.Services("correspondence").GetRequiredService<TenantScopes>().RunAsync(office.Slug, work, CancellationToken.None);

    private static async Task<List<string>> PlanAsync<T>(Office office, Func<IQueryable<Letter>, IQueryable<T>> query, ClaimsPrincipal? person = null) =>
        await InTenantAsync(office, async services =>
        {
            var db = services.GetRequiredService<CorrespondenceDbContext>();
            await db.Database.OpenConnectionAsync();
            await using var command = query(await services.GetRequiredService<VisibleLetters>().ForAsync(person ?? Clerk(), Permissions.ReadLetters, CancellationToken.None)).CreateDbCommand();
            command.CommandText = $"EXPLAIN QUERY PLAN {command.CommandText}";
            await using var reader = await command.ExecuteReaderAsync();
            var steps = new List<string>();
            while (await reader.ReadAsync())
                steps.Add(reader.GetString(3));
            return steps;
        });
}
