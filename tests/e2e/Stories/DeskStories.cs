using System.Net;
using Tarasol.Tests.E2e.Api;

namespace Tarasol.Tests.E2e.Stories;

[Collection(nameof(SharedMesh))]
[Trait("Scale", "large")]
public sealed class DeskStories(SharedMesh shared)
{
    [Fact]
    public async Task The_head_gives_a_task_to_a_deputy_who_asks_the_lawyer_before_approving()
    {
        var office = await Office.OpenAsync(shared, "story-opinion", "en");
        var (clerk, head) = (await office.HireAsync("huda", "registry-clerk"), await office.HireAsync("salem", "unit-head"));
        var (deputy, lawyer) = (await office.HireAsync("noura", "handler"), await office.HireAsync("faisal", "handler"));
        var letter = await clerk.RegistersAsync(new("internal", "Contract with the supplier") { Language = "en" });
        await clerk.SendsAsync(letter, head);

        await head.ReassignsAsync(await head.FindsAsync(letter), deputy, "Contracts are yours");
        Assert.Null(await head.LooksForAsync(letter));
        var task = await deputy.FindsAsync(letter);
        await deputy.AsksAsync(task, lawyer, "Is clause 4 lawful?");
        Assert.Equal([letter.Id], await deputy.LooksAtInboxAsync("waiting"));
        await Office.IsRefusedAsync(HttpStatusCode.Conflict, "opinion-pending", "A colleague was asked for an opinion, which is still awaited; withdraw the question to decide without it.",
            () => deputy.ApprovesAsync(letter));

        var asked = await lawyer.FindsAsync(letter, "opinion");
        Assert.Equal("Is clause 4 lawful?", (await lawyer.ReadsTaskAsync(asked)).Text("question"));
        await lawyer.DecidesAsync(asked, "comment", "It is.");
        Assert.Equal("It is.", (await deputy.ReadsTaskAsync(task)).GetProperty("opinions")[0].Text("answer"));
        await deputy.ApprovesAsync(letter, "The lawyer agrees");
        await clerk.SeesAsync(letter, "approved");
        await clerk.SeesInTimelineAsync(letter, ("step-reassigned", "salem", "noura"), ("opinion-asked", "noura", "faisal"), ("opinion-given", "faisal", "noura"), ("step-approved", "noura", null));
    }

    [Fact]
    public async Task قرارات_بالجملة_ولكل_معاملة_نتيجتها()
    {
        var office = await Office.OpenAsync(shared, "story-bulk", "ar");
        var (clerk, head, director) = (await office.HireAsync("huda", "registry-clerk"), await office.HireAsync("salem", "unit-head"), await office.HireAsync("director", "signatory"));
        var letters = new List<Letter>();
        foreach (var subject in new[] { "طلب نقل", "طلب إجازة", "طلب صرف", "طلب تدريب" })
            letters.Add(await clerk.RegistersAsync(new("internal", subject)));
        foreach (var letter in letters)
            await clerk.SendsAsync(letter, letter == letters[3] ? director : head);
        var (early, good, poor, foreign) = (await head.FindsAsync(letters[0]), await head.FindsAsync(letters[1]), await head.FindsAsync(letters[2]), await director.FindsAsync(letters[3]));
        await head.ApprovesAsync(letters[0]);

        var results = await head.DecidesManyAsync((early, "approve", null), (good, "approve", null), (poor, "reject", "المستندات ناقصة"), (foreign, "approve", null));

        Assert.Equal([(409, "task-not-open", "هذه المهمة لم تعد مفتوحة."), (204, null, null), (204, null, null), (404, "not-found", "لا يوجد هنا ما طلبته.")], results);
        await clerk.SeesAsync(letters[1], "approved");
        await clerk.SeesAsync(letters[2], "rejected");
        Assert.Equal("in-routing", (await clerk.ReadsAsync(letters[3])).Text("status"));
    }

    [Fact]
    public async Task The_inbox_says_what_comes_next_and_keeps_views_filters_and_follow_ups()
    {
        var office = await Office.OpenAsync(shared, "story-inbox", "en");
        var (clerk, head) = (await office.HireAsync("huda", "registry-clerk"), await office.HireAsync("salem", "unit-head"));
        var (normal, urgent, pressing) = (await ComesAsync("normal"), await ComesAsync("urgent"), await ComesAsync("very-urgent"));

        var next = await head.DoAsync(HttpMethod.Get, "/api/task/inbox/next");
        Assert.Equal(pressing.Id, next.GetProperty("task").Text("letterId"));
        Assert.Contains(next.GetProperty("why").EnumerateArray(), why => why.Text("what") == "urgency-very-urgent" && why.GetProperty("points").GetInt32() == 72);
        Assert.Equal([pressing.Id, urgent.Id, normal.Id], await head.LooksAtInboxAsync("to-do"));

        // What can wait until tomorrow is marked; what is urgent gets a filter of its own.
        await head.DoAsync(HttpMethod.Put, $"/api/task/tasks/{(await head.FindsAsync(normal)).Text("id")}/marks", new { unread = false, followUpAt = DateTimeOffset.UtcNow.AddDays(1) });
        Assert.Equal([pressing.Id, urgent.Id], await head.LooksAtInboxAsync("unread"));
        Assert.Equal([normal.Id], await head.LooksAtInboxAsync("follow-up"));
        var filter = (await head.DoAsync(HttpMethod.Post, "/api/task/inbox/filters", new { name = "Urgent ones", view = "to-do", urgency = "urgent" })).Text("id");
        Assert.Equal([urgent.Id], (await head.ListsAsync($"/api/task/inbox?filter={filter}")).Select(task => task.Text("letterId")));
        await Office.IsRefusedAsync(HttpStatusCode.Conflict, "filter-name-taken", "You have a filter with the name Urgent ones.",
            () => head.DoAsync(HttpMethod.Post, "/api/task/inbox/filters", new { name = "Urgent ones", view = "overdue" }));

        // A page goes on where it ended although a letter came in between.
        var page = await head.DoAsync(HttpMethod.Get, "/api/task/inbox?limit=2");
        var late = await ComesAsync("normal");
        var rest = await head.DoAsync(HttpMethod.Get, $"/api/task/inbox?limit=2&cursor={Uri.EscapeDataString(page.Text("next"))}");
        Assert.Equal([normal.Id], rest.GetProperty("items").EnumerateArray().Select(task => task.Text("letterId")));
        await head.ApprovesAsync(pressing);
        Assert.Equal([pressing.Id], await head.LooksAtInboxAsync("decided"));
        var counts = await head.DoAsync(HttpMethod.Get, "/api/task/inbox/counts");
        Assert.Equal((3, 2, 1), (counts.GetProperty("toDo").GetInt32(), counts.GetProperty("unread").GetInt32(), counts.GetProperty("followUp").GetInt32()));
        Assert.Equal([late.Id, urgent.Id, normal.Id], await head.LooksAtInboxAsync("to-do"));

        async Task<Letter> ComesAsync(string urgency)
        {
            var letter = await clerk.RegistersAsync(new("incoming", $"A {urgency} letter") { Language = "en", Urgency = urgency });
            await clerk.SendsAsync(letter, head);
            await head.FindsAsync(letter);
            return letter;
        }
    }

    [Fact]
    public async Task ما_يعرض_على_الوحدة_يأخذه_أول_من_يطلبه()
    {
        var office = await Office.OpenAsync(shared, "story-offered", "ar");
        var legal = await office.AddUnitAsync("LEG", "الشؤون القانونية", "Legal");
        var (clerk, first, second) = (await office.HireAsync("huda", "registry-clerk"), await office.HireAsync("fahad", "handler", legal), await office.HireAsync("reem", "handler", legal));
        await office.PublishCircuitAsync("legal", "مسار القانونية", "Legal", new { key = "legal", items = new[] { new { kind = "approve", assignee = new { type = "unit", unitId = legal } } } });
        var letter = await clerk.RegistersAsync(new("internal", "مراجعة عقد صيانة"));
        await clerk.SendsAsync(letter, "legal");

        // Both see it, and nobody has it; somebody of another unit does not see it.
        await office.UntilAsync(async () => (await first.LooksAtInboxAsync("my-unit")).Contains(letter.Id), "the letter to be offered to the unit");
        Assert.Equal([letter.Id], await second.LooksAtInboxAsync("my-unit"));
        Assert.Empty(await clerk.LooksAtInboxAsync("my-unit"));
        var task = (await first.ListsAsync("/api/task/inbox?view=my-unit")).Single();
        await Office.IsRefusedAsync(HttpStatusCode.NotFound, "not-found", "لا يوجد هنا ما طلبته.", () => clerk.TakesAsync(task));
        await first.TakesAsync(task);
        await Office.IsRefusedAsync(HttpStatusCode.Conflict, "task-taken", "أخذ شخص آخر هذه المهمة.", () => second.TakesAsync(task));
        Assert.Empty(await second.LooksAtInboxAsync("my-unit"));
        await first.ApprovesAsync(letter, "العقد سليم");
        await clerk.SeesAsync(letter, "approved");
        await clerk.SeesInTimelineAsync(letter, ("step-reassigned", "fahad", "fahad"), ("step-approved", "fahad", null));
    }
}
