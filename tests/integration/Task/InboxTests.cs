using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Tarasol.Tests.Integration.Correspondence;
using Tarasol.Tests.Integration.Mesh;

namespace Tarasol.Tests.Integration.Tasks;

[Collection(nameof(CorrespondenceMesh))]
[Trait("Scale", "large")]
public sealed class InboxTests(CorrespondenceMesh mesh)
{
    private const string Inbox = "api/task/inbox";

    [Fact]
    public async Task Each_view_shows_its_tasks_and_the_counts_agree()
    {
        var office = await mesh.NewOfficeAsync();
        var now = DateTimeOffset.UtcNow;
        var late = await OpenAsync(office, dueAt: now.AddHours(-2));
        var calm = await OpenAsync(office, dueAt: now.AddDays(3));
        var urgent = await OpenAsync(office, dueAt: now.AddDays(3), urgency: "very-urgent");
        using (var marks = await office.Head.Tasks.PutAsJsonAsync($"{Office.Tasks}/{calm}/marks", new { followUpAt = now.AddDays(1) }))
            await TestMesh.EnsureAsync(marks);
        using (var asked = await office.Head.Tasks.PostAsJsonAsync($"{Office.Tasks}/{urgent}/opinions", new { colleague = "signatory", question = "رأيك؟" }))
            await TestMesh.EnsureAsync(asked);
        Assert.Equal([calm, late], await IdsAsync(office.Head, ""));
        Assert.Equal([urgent], await IdsAsync(office.Head, "view=waiting"));
        Assert.Equal([late], await IdsAsync(office.Head, "view=overdue"));
        Assert.Equal([urgent, late], await IdsAsync(office.Head, "view=unread"));
        Assert.Equal([calm], await IdsAsync(office.Head, "view=follow-up"));
        Assert.Empty(await IdsAsync(office.Head, "kind=sign"));
        Assert.Single(await IdsAsync(office.Signatory, "kind=opinion"));
        var counts = await office.Head.Tasks.GetFromJsonAsync<JsonElement>($"{Inbox}/counts");
        Assert.Equal((2, 1, 1, 2, 1, 0), (Count("toDo"), Count("waiting"), Count("overdue"), Count("unread"), Count("followUp"), Count("onBehalf")));

        var next = await office.Head.Tasks.GetFromJsonAsync<JsonElement>($"{Inbox}/next");
        Assert.Equal(late, next.GetProperty("task").GetProperty("id").GetGuid());
        Assert.Equal(next.GetProperty("task").GetProperty("points").GetInt32(), next.GetProperty("why").EnumerateArray().Sum(why => why.GetProperty("points").GetInt32()));
        using (var nothing = await office.Clerk.Tasks.GetAsync($"{Inbox}/next"))
            Assert.Equal(HttpStatusCode.NoContent, nothing.StatusCode);

        using var saved = await office.Head.Tasks.PostAsJsonAsync($"{Inbox}/filters", new { name = "ينتظر", view = "waiting", kind = "approve" });
        var filter = (await saved.JsonAsync()).GetProperty("id").GetGuid();
        Assert.Equal([urgent], await IdsAsync(office.Head, $"filter={filter}"));
        using (var again = await office.Head.Tasks.PostAsJsonAsync($"{Inbox}/filters", new { name = "ينتظر", view = "unread" }))
            Assert.Equal("filter-name-taken", (await again.JsonAsync()).Text("code"));
        using (var foreign = await office.Signatory.Tasks.GetAsync($"{Inbox}?filter={filter}"))
            Assert.Equal(["filter"], await foreign.BadFieldsAsync());
        using (var gone = await office.Head.Tasks.DeleteAsync($"{Inbox}/filters/{filter}"))
            Assert.Equal(HttpStatusCode.NoContent, gone.StatusCode);
        using (var wrong = await office.Head.Tasks.GetAsync($"{Inbox}?view=everything&cursor=x&limit=0"))
            Assert.Equal(["cursor", "limit", "view"], (await wrong.BadFieldsAsync()).Order(StringComparer.Ordinal));

        int Count(string view) => counts.GetProperty(view).GetInt32();
    }

    [Theory]
    [InlineData("view=to-do")]
    [InlineData("view=overdue")]
    public async Task Pages_stay_right_while_tasks_arrive_and_are_decided(string view)
    {
        var office = await mesh.NewOfficeAsync();
        var before = new List<Guid>();
        for (var count = 0; count < 5; count++)
            before.Add(await OpenAsync(office, dueAt: DateTimeOffset.UtcNow.AddHours(-1 - (count % 2))));
        var seen = new List<Guid>();
        for (string? next = ""; next is not null;)
        {
            var page = await office.Head.Tasks.GetFromJsonAsync<JsonElement>($"{Inbox}?{view}&limit=2&cursor={next}");
            seen.AddRange(page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("id").GetGuid()));
            next = page.Text("next");
            if (next is not null)
            {
                // One comes, and one that was shown goes.
                await OpenAsync(office, dueAt: DateTimeOffset.UtcNow.AddHours(-3));
                using var decided = await office.Head.Tasks.PostAsJsonAsync($"{Office.Tasks}/{seen[^1]}/decision", new { decision = "approve" });
                await TestMesh.EnsureAsync(decided);
            }
        }
        Assert.Equal(seen.Distinct(), seen);
        Assert.Equal(before.Order(), seen.Order());
    }

    [Fact]
    public async Task The_clock_is_stopped_goes_on_and_is_given_more_time_and_each_is_told_with_its_reason()
    {
        var office = await mesh.NewOfficeAsync();
        var task = await OpenAsync(office, dueAt: DateTimeOffset.UtcNow, dueInDays: 3);
        var first = await office.Head.Tasks.GetFromJsonAsync<JsonElement>($"{Office.Tasks}/{task}/deadline");
        Assert.Equal("start", first.GetProperty("why")[0].Text("what"));
        using (var stopped = await office.Head.Tasks.PostAsJsonAsync($"{Office.Tasks}/{task}/clock/stop", new { reason = "بانتظار رد الوزارة" }))
            await TestMesh.EnsureAsync(stopped);
        using (var twice = await office.Head.Tasks.PostAsJsonAsync($"{Office.Tasks}/{task}/clock/stop", new { reason = "x" }))
            Assert.Equal("clock-stopped", (await twice.JsonAsync()).Text("code"));
        Assert.Equal([task], await IdsAsync(office.Head, "view=waiting"));
        var still = await office.Head.Tasks.GetFromJsonAsync<JsonElement>($"{Office.Tasks}/{task}/deadline");
        Assert.Equal((null, "بانتظار رد الوزارة"), (still.Text("dueAt"), still.GetProperty("why")[0].Text("ar")));
        using (var resumed = await office.Head.Tasks.PostAsync($"{Office.Tasks}/{task}/clock/resume", null))
            await TestMesh.EnsureAsync(resumed);
        using var extended = await office.Head.Tasks.PostAsJsonAsync($"{Office.Tasks}/{task}/extension", new { reason = "مرفقات كثيرة", workingDays = 10 });
        Assert.True((await extended.JsonAsync()).GetProperty("dueAt").GetDateTimeOffset() > first.GetProperty("dueAt").GetDateTimeOffset().AddDays(9));
        var last = await office.Head.Tasks.GetFromJsonAsync<JsonElement>($"{Office.Tasks}/{task}/deadline");
        Assert.Contains("extended", last.GetProperty("why").EnumerateArray().Select(why => why.Text("what")));
        using var foreign = await office.Clerk.Tasks.PostAsJsonAsync($"{Office.Tasks}/{task}/clock/stop", new { reason = "x" });
        Assert.Equal(HttpStatusCode.NotFound, foreign.StatusCode);
        using var refused = await office.Clerk.Tasks.PostAsJsonAsync($"{Office.Tasks}/{task}/extension", new { reason = "x", hours = 1 });
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
    }

    [Fact]
    public async Task Days_are_counted_by_the_nearest_calendar_and_the_tenants_policy_and_both_are_named()
    {
        var office = await mesh.NewOfficeAsync();
        using var directory = mesh.Client("directory", office.Admin.Token);
        await Directories.UnitLifeTests.CreateAsync(directory, "BELOW", office.UnitId);
        await Directories.UnitLifeTests.CreateAsync(directory, "LOWEST", (await directory.GetFromJsonAsync<JsonElement>("api/directory/units?text=below")).GetProperty("items")[0].GetProperty("id").GetGuid());
        await Directories.UnitLifeTests.CreateAsync(directory, "APART");
        using var admin = mesh.Client("admin", office.Admin.Token);
        foreach (var (unitCode, weekday) in new[] { (null, "sunday"), ("REG", "monday"), ("BELOW", "tuesday") })
        {
            using var made = await admin.PostAsJsonAsync("api/admin/calendars", new { unitCode, calendar = new { weekend = new[] { weekday }, holidays = Array.Empty<object>() } });
            await TestMesh.EnsureAsync(made);
            await TestMesh.EnsureAsync(await admin.PostAsync(new Uri($"api/admin/calendars/{(await made.JsonAsync()).Text("id")}/publication", UriKind.Relative), null));
        }
        await TestMesh.EnsureAsync(await admin.PutAsJsonAsync("api/admin/deadline-policy/draft", new
        {
            nameAr = "مواعيدنا", nameEn = "Our deadlines", timeZone = "Africa/Cairo", closesAt = "14:30", warnHoursBefore = 48, warnTo = "assignee", escalations = new[] { new { hoursAfter = 0, level = 1 } },
        }));
        await TestMesh.EnsureAsync(await admin.PostAsync(new Uri("api/admin/deadline-policy/publication", UriKind.Relative), null));

        foreach (var (unit, calendar) in new[] { ("REG", "unit REG"), ("BELOW", "unit BELOW"), ("LOWEST", "unit BELOW"), ("APART", "organisation"), ("UNKNOWN", "organisation") })
        {
            await TestMesh.EventuallyAsync($"{unit} to work by the calendar of {calendar}", async () =>
            {
                var why = (await DeadlineAsync(unit)).GetProperty("why").EnumerateArray().ToList();
                return why[^1].Text("en") == "Our deadlines, version 1: Africa/Cairo, closing at 14:30" && why[^1].Text("ar") == "مواعيدنا، الإصدار 1: Africa/Cairo، نهاية الدوام 14:30"
                    && why[^2].Text("en")!.Contains($"the {calendar}, version 1", StringComparison.Ordinal);
            });
            // All of it is known by now.
            var deadline = await DeadlineAsync(unit);
            var due = deadline.GetProperty("dueAt").GetDateTimeOffset();
            var local = TimeZoneInfo.ConvertTime(due, TimeZoneInfo.FindSystemTimeZoneById("Africa/Cairo"));
            Assert.Equal(new TimeOnly(14, 30), TimeOnly.FromDateTime(local.DateTime));
            Assert.Equal(due.AddHours(-48), deadline.GetProperty("warnedAt").GetDateTimeOffset());
            var free = unit switch { "REG" => DayOfWeek.Monday, "BELOW" or "LOWEST" => DayOfWeek.Tuesday, _ => DayOfWeek.Sunday };
            Assert.All(deadline.GetProperty("why").EnumerateArray().Where(why => why.Text("what") == "weekend"), why => Assert.Equal(free, DateOnly.Parse(why.Text("from")!, CultureInfo.InvariantCulture).DayOfWeek));
        }

        async Task<JsonElement> DeadlineAsync(string unit) => await office.Head.Tasks.GetFromJsonAsync<JsonElement>(
            $"{Office.Tasks}/{await OpenAsync(office, dueAt: DateTimeOffset.UtcNow, dueInDays: 20, unitCode: unit)}/deadline");
    }

    [Fact]
    public async Task Who_is_late_is_told_to_the_head_of_the_unit()
    {
        var office = await mesh.NewOfficeAsync();
        var reem = await office.MemberAsync("reem", "handler", 1);
        var boss = await office.MemberAsync("boss", "unit-head", 3);
        await OpenAsync(office, dueAt: DateTimeOffset.UtcNow.AddSeconds(2), assignee: reem.UserName);
        await TestMesh.EventuallyAsync("the head to be told", async () => (await IdsAsync(boss, "kind=escalation")).Count == 1);
        // The mesh keeps the workflow's state in memory; that it survives is shown for all workflows elsewhere.
        await using var db = new SqliteConnection($"Data Source={Path.Combine(mesh.Data, "tenants", office.Slug, "task.db")};Mode=ReadOnly");
        await db.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = db.CreateCommand();
        command.CommandText = "select alarm_stage from work_item where kind = 'Approve'";
        Assert.Equal(2L, await command.ExecuteScalarAsync(TestContext.Current.CancellationToken));
    }

    private async Task<Guid> OpenAsync(Office office, DateTimeOffset dueAt, string assignee = "head", string urgency = "normal", int? dueInDays = null, string? unitCode = null)
    {
        using var service = mesh.Client("task", await mesh.ServiceTokenAsync("correspondence"), office.Slug);
        var id = Guid.CreateVersion7();
        using var answer = await service.PostAsJsonAsync("internal/tasks", new
        {
            taskId = id, kind = "approve", letterId = Guid.NewGuid(), routingId = Guid.NewGuid(), step = 1, assignee, subject = "طلب", dueAt, urgency, confidentiality = 1, dueInDays, letterUnitCode = unitCode,
        });
        await TestMesh.EnsureAsync(answer);
        return id;
    }

    private static async Task<List<Guid>> IdsAsync(Person person, string query) =>
        [.. (await person.Tasks.GetFromJsonAsync<JsonElement>($"{Inbox}?{query}")).GetProperty("items").EnumerateArray().Select(item => item.GetProperty("id").GetGuid())];
}
