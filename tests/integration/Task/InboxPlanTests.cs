using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Tarasol.Tasks.Data;
using Tarasol.Tasks.Inbox;
using Tarasol.Tests.Integration.Correspondence;

namespace Tarasol.Tests.Integration.Tasks;

/// <summary>What SQLite does for each view of the inbox, with 200,000 tasks of one person.</summary>
[Collection(nameof(CorrespondenceMesh))]
[Trait("Scale", "large")]
public sealed class InboxPlanTests(CorrespondenceMesh mesh)
{
    private const int Tasks = 200_000;

    [Fact]
    public async Task Every_page_of_every_view_is_one_range_of_an_index()
    {
        var office = await mesh.NewOfficeAsync();
        var cancel = TestContext.Current.CancellationToken;
        var source = Path.Combine(mesh.Data, "tenants", office.Slug, "task.db");
        var copy = Path.Combine(mesh.Data, $"plan-{office.Slug}.db");
        await using (var from = new SqliteConnection($"Data Source={source};Mode=ReadOnly"))
        await using (var to = new SqliteConnection($"Data Source={copy}"))
        {
            await from.OpenAsync(cancel);
            await to.OpenAsync(cancel);
            from.BackupDatabase(to);
        }
        await using var db = new TasksDbContext(new DbContextOptionsBuilder<TasksDbContext>().UseSqlite($"Data Source={copy}").Options);
        await db.Database.ExecuteSqlRawAsync($"""
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {Tasks})
            INSERT INTO work_item (id, position, kind, letter_id, routing_id, step, assignee, subject, due_at, opened_at, state, version, rank_at, watch)
            SELECT printf('00000000-0000-7000-8000-%012X', i), printf('01890000-0000-7000-8000-%012X', i), 'Approve', printf('00000000-0000-7000-8000-%012X', i),
                   printf('00000000-0000-7000-8000-%012X', i), 1, 'head', 'طلب', datetime('2026-01-01', '+' || i || ' minutes'), '2026-01-01 00:00:00', 'Open', 0,
                   datetime('2026-01-01', '+' || i || ' minutes'), 'None' FROM n
            """, cancel);

        var viewer = new Viewer("head", office.UnitId, ["unit-head"], 3);
        var now = new DateTimeOffset(2026, 6, 1, 0, 0, 0, TimeSpan.Zero);
        var wrong = new List<string>();
        foreach (var view in Enum.GetValues<InboxView>())
        {
            foreach (var cursor in new[] { null, new InboxCursor(now.AddDays(-1), new("01890000-0000-7000-8000-000000000100")) })
                await CheckAsync($"{view} {(cursor is null ? "first" : "later")}", db.WorkItems.Of(view, viewer, now).After(view, cursor).Take(51).ToQueryString());
        }
        await CheckAsync("next", db.WorkItems.Of(InboxView.ToDo, viewer, now).OrderBy(item => item.RankAt).ThenBy(item => item.Position).Take(1).ToQueryString());
        Assert.True(wrong.Count == 0, string.Join("\n", wrong));

        // Nothing is lost or shown twice on the way through all of them.
        var positions = new List<Guid>();
        for (InboxCursor? after = null; ;)
        {
            var page = await db.WorkItems.AsNoTracking().Of(InboxView.Overdue, viewer, now).After(InboxView.Overdue, after).Take(20_001).ToListAsync(cancel);
            positions.AddRange(page.Take(20_000).Select(item => item.Position));
            if (page.Count <= 20_000)
                break;
            after = InboxViews.CursorOf(InboxView.Overdue, page[19_999]);
        }
        Assert.Equal(Tasks, positions.Distinct().Count());
        Assert.Equal(Tasks, positions.Count);

        async Task CheckAsync(string what, string query)
        {
            var sql = string.Join('\n', query.Split('\n').Where(line => !line.StartsWith(".param", StringComparison.Ordinal)));
            await using var command = db.Database.GetDbConnection().CreateCommand();
            command.CommandText = $"EXPLAIN QUERY PLAN {sql}";
            foreach (var name in System.Text.RegularExpressions.Regex.Matches(sql, @"@\w+").Select(match => match.Value).Distinct())
                command.Parameters.Add(new SqliteParameter(name, "x"));
            if (command.Connection!.State != System.Data.ConnectionState.Open)
                await command.Connection.OpenAsync(cancel);
            await using var reader = await command.ExecuteReaderAsync(cancel);
            var plan = new List<string>();
            while (await reader.ReadAsync(cancel))
                plan.Add(reader.GetString(3));
            if (!plan.Exists(step => step.StartsWith("SEARCH", StringComparison.Ordinal) && step.Contains("USING INDEX ix_work_item", StringComparison.Ordinal)) || plan.Exists(step => step.Contains("TEMP B-TREE", StringComparison.Ordinal)))
                wrong.Add($"{what}: {string.Join(" | ", plan)}\n{sql}");
        }
    }
}
