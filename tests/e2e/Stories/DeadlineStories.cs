using System.Net;
using System.Text.Json;
using Tarasol.Tests.E2e.Api;

namespace Tarasol.Tests.E2e.Stories;

[Collection(nameof(SharedMesh))]
[Trait("Scale", "large")]
public sealed class DeadlineStories(SharedMesh shared)
{
    [Fact]
    public async Task Whoever_is_late_is_told_of_to_the_head_and_then_up_the_tree()
    {
        var office = await Office.OpenAsync(shared, "story-escalation", "en");
        var legal = await office.AddUnitAsync("LEG", "الشؤون القانونية", "Legal", above: office.Registry);
        var (clerk, director) = (await office.HireAsync("huda", "registry-clerk"), await office.HireAsync("director", "unit-head"));
        var (head, handler, auditor) = (await office.HireAsync("salem", "unit-head", legal), await office.HireAsync("fahad", "handler", legal), await office.HireAsync("auditor", "auditor"));
        var letter = await clerk.RegistersAsync(new("incoming", "Question of the ministry") { Language = "en" });

        // Due three days ago: the head is told at once, and as two days have passed since, so is the one above.
        var referral = (await clerk.RefersAsync(letter, [new { purpose = "reply", user = handler.Name, dueAt = DateTimeOffset.UtcNow.AddDays(-3) }]))[0];
        await handler.FindsAsync(letter, "referral");
        Assert.Equal([letter.Id], await handler.LooksAtInboxAsync("overdue"));
        var told = await head.ReadsTaskAsync(await head.FindsAsync(letter, "escalation"));
        Assert.Equal((handler.Name, "Question of the ministry"), (told.Text("askedBy"), told.Text("subject")));
        await director.FindsAsync(letter, "escalation");
        await auditor.SeesInTrailAsync(letter, "task.deadline-warned.v1", "task.task-escalated.v1");

        await head.DecidesAsync(await head.FindsAsync(letter, "escalation"), "seen");
        await handler.AnswersAsync(referral, "The answer to the ministry is attached");
        await office.UntilAsync(async () => (await handler.LooksAtInboxAsync("overdue")).Count == 0, "the answered referral to be overdue no more");
        Assert.Null(await head.LooksForAsync(letter));
    }

    [Fact]
    public async Task مهلة_بأيام_العمل_توقف_وتستأنف_وتمدد_وتبين_أسبابها()
    {
        var office = await Office.OpenAsync(shared, "story-deadline", "ar");
        var (clerk, head, handler) = (await office.HireAsync("huda", "registry-clerk"), await office.HireAsync("salem", "unit-head"), await office.HireAsync("fahad", "handler"));
        var feast = DateOnly.FromDateTime(DateTime.UtcNow).AddDays(2);
        await office.PublishCalendarAsync(new
        {
            weekend = new[] { "friday", "saturday" },
            holidays = new[] { new { calendar = "gregorian", year = feast.Year, month = feast.Month, day = feast.Day, days = 3, nameAr = "إجازة العيد", nameEn = "Feast" } },
        });
        await office.PublishCircuitAsync("study", "مسار الدراسة", "Study", new { key = "study", items = new[] { new { kind = "approve", assignee = new { type = "user", user = handler.Name }, dueInDays = 5 } } });
        var letter = await clerk.RegistersAsync(new("incoming", "طلب ترخيص"));
        await clerk.SendsAsync(letter, "study");
        var task = await handler.FindsAsync(letter);
        await office.UntilAsync(async () => (await WhyAsync()).Any(why => why.Text("what") == "holiday"), "the calendar to be known");

        await handler.StopsClockAsync(task, "بانتظار مستندات مقدم الطلب");
        Assert.Equal(JsonValueKind.Null, (await handler.ReadsDeadlineAsync(task)).GetProperty("dueAt").ValueKind);
        await Office.IsRefusedAsync(HttpStatusCode.Conflict, "clock-stopped", "ساعة هذه المهمة متوقفة بالفعل.", () => handler.StopsClockAsync(task, "مرة أخرى"));
        await handler.ResumesClockAsync(task);
        await Office.IsRefusedAsync(HttpStatusCode.Forbidden, "forbidden", "لا تملك صلاحية هذا الإجراء.", () => handler.ExtendsAsync(task, 2, "ضيق الوقت"));
        await head.ExtendsAsync(task, 2, "وصلت المستندات متأخرة");

        // Five days and two more, without Fridays, Saturdays and the feast.
        var why = await WhyAsync();
        var (start, due) = (Day(why[0]), Day(why.Single(each => each.Text("what") == "due")));
        Assert.Equal(WorkingDay(start, 7, day => day >= feast && day < feast.AddDays(3)), due);
        var told = why.Select(each => (each.Text("what"), each.Maybe("ar"))).ToHashSet();
        Assert.Superset(new HashSet<(string, string?)> { ("weekend", null), ("holiday", "إجازة العيد"), ("stopped", "بانتظار مستندات مقدم الطلب"), ("extended", "وصلت المستندات متأخرة") }, told);
        await clerk.SeesInTimelineAsync(letter, ("deadline-stopped", "fahad", null), ("deadline-resumed", "fahad", null), ("deadline-extended", "salem", null));

        async Task<IReadOnlyList<JsonElement>> WhyAsync() => [.. (await handler.ReadsDeadlineAsync(task)).GetProperty("why").EnumerateArray()];
        static DateOnly Day(JsonElement why) => DateOnly.Parse(why.Text("from"), System.Globalization.CultureInfo.InvariantCulture);
    }

    private static DateOnly WorkingDay(DateOnly start, int count, Func<DateOnly, bool> isHoliday)
    {
        while (count > 0)
        {
            start = start.AddDays(1);
            if (start.DayOfWeek is not (DayOfWeek.Friday or DayOfWeek.Saturday) && !isHoliday(start))
                count--;
        }
        return start;
    }
}
