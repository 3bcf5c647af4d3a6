using System.Text.Json;
using Tarasol.Correspondence.Routing;
using Tarasol.Tests.Integration.Correspondence;
using Tarasol.Tests.Integration.Delegations;
using Tarasol.Tests.Integration.Mesh;

namespace Tarasol.Tests.Integration.Providers;

/// <summary>Circuits, tasks, referrals, the inbox and due times, on every database program.</summary>
internal static class WorkFlows
{
    private const string Circuits = "api/correspondence/circuits";
    private const string Referrals = "api/correspondence/referrals";
    private const string Inbox = "api/task/inbox";

    /// <summary>A circuit with a quorum, a unit's task, a signature and a way back; many decisions at once; a routing that is interrupted.</summary>
    public static async Task CircuitAsync(TestTenant tenant)
    {
        var office = await Office.OfAsync(tenant);
        var (reem, hani) = (await office.MemberAsync("reem", "handler", 1), await office.MemberAsync("hani", "handler", 1));
        object[] steps =
        [
            new { key = "check", items = new[] { Item("approve", new { type = "user", user = "head" }), Item("approve", new { type = "user", user = "signatory" }) }, quorum = "any" },
            new { key = "unit", items = new[] { Item("approve", new { type = "unit-role", unitId = office.UnitId, role = "handler" }) }, when = new[] { new { field = "confidentiality", @is = "at-least", values = new[] { "normal" } } } },
            new { key = "sign", items = new[] { Item("sign", new { type = "chosen", slot = "signatory" }), Item("inform", new { type = "user", user = "admin" }) } },
        ];
        var circuit = await office.Admin.Letters.MakeAsync(Circuits, new { code = "way", nameAr = "مسار", nameEn = "Way", steps = steps[..1] });
        await office.Admin.Letters.DoAsync("PUT", $"{Circuits}/{circuit}", new { nameAr = "مسار", nameEn = "Way", steps });
        Assert.True((await office.Admin.Letters.DoAsync("POST", $"{Circuits}/{circuit}/check")).GetProperty("sound").GetBoolean());
        await office.Admin.Letters.DoAsync("POST", $"{Circuits}/{circuit}/publish");
        var next = await office.Admin.Letters.MakeAsync(Circuits, new { code = "way", nameAr = "مسار", nameEn = "Way", steps });
        Assert.Equal([next, circuit], (await office.Clerk.Letters.PagesAsync($"{Circuits}?code=way&limit=1")).Ids());
        await office.Admin.Letters.DoAsync("POST", $"{Circuits}/{next}/retire");
        Assert.Equal(circuit, (await office.Clerk.Letters.ItemsAsync($"{Circuits}?state=published")).Ids().Single());
        Assert.Equal("retired", (await office.Clerk.Letters.ReadAsync($"{Circuits}/{next}")).Text("state"));

        var letter = await office.RegisterAsync("internal");
        var routing = await SendAsync(office, letter, new { circuit = "way", chosen = new { signatory = "signatory" } });
        var spare = await Office.TaskAsync(office.Signatory, letter);
        await Office.DecideAsync(office.Head, letter, "approve");
        await GoneAsync(office.Signatory, spare);
        var task = await OfferedAsync(office, letter, routing);
        Assert.Contains(task, (await reem.Tasks.ItemsAsync($"{Inbox}?view=my-unit")).Ids());
        await reem.Tasks.DoAsync("POST", $"{Office.Tasks}/{task}/take");
        var opinion = await reem.Tasks.MakeAsync($"{Office.Tasks}/{task}/opinions", new { colleague = "hani", question = "ما رأيك؟" });
        await reem.Tasks.DoAsync("DELETE", $"{Office.Tasks}/{task}/opinions/{opinion}");
        await reem.Tasks.DoAsync("POST", $"{Office.Tasks}/{task}/reassign", new { assignee = "hani", reason = "أنت أعلم" });
        await hani.Tasks.MakeAsync($"{Office.Tasks}/{task}/opinions", new { colleague = "reem", question = "وأنت؟" });
        await Office.DecideAsync(reem, letter, "comment", "لا بأس");
        Assert.Equal(2, (await hani.Tasks.ReadAsync($"{Office.Tasks}/{task}")).GetProperty("opinions").GetArrayLength());
        await hani.Tasks.DoAsync("POST", $"{Office.Tasks}/{task}/decision", new { decision = "approve" });
        await office.Signatory.Tasks.DoAsync("POST", $"{Office.Tasks}/{await Office.TaskAsync(office.Signatory, letter)}/decision", new { decision = "return", comment = "راجع المرفق", returnTo = "unit" });
        await reem.Tasks.DoAsync("POST", $"{Office.Tasks}/{await OfferedAsync(office, letter, routing)}/take");
        await Office.DecideAsync(reem, letter, "approve");
        await Office.DecideAsync(office.Signatory, letter, "sign");
        await office.ReachedAsync(letter, "approved");
        await TestMesh.EventuallyAsync("everything to be told", async () => (await office.KindsAsync(letter)).Count >= 14);
        Assert.Equal(
            ["completed", "numbered", "opinion-asked", "opinion-given", "registered", "routed", "step-approved", "step-reassigned", "step-returned", "step-signed"],
            (await office.KindsAsync(letter)).Distinct().Order(StringComparer.Ordinal));

        var letters = new[] { await office.RegisterAsync("internal"), await office.RegisterAsync("internal"), await office.RegisterAsync("internal") };
        foreach (var each in letters)
            await office.RouteAsync(each, office.Head);
        var items = new[] { (letters[0], "approve"), (letters[1], "reject") };
        var decided = await office.Head.Tasks.DoAsync("POST", "api/task/decisions", new
        {
            items = await Task.WhenAll(items.Select(async each => new { taskId = await Office.TaskAsync(office.Head, each.Item1), decision = each.Item2, comment = "معا" })),
        });
        Assert.Equal([204, 204], decided.GetProperty("results").EnumerateArray().Select(result => result.GetProperty("status").GetInt32()));
        await office.ReachedAsync(letters[0], "approved");
        await office.ReachedAsync(letters[1], "rejected");
        var open = await Office.TaskAsync(office.Head, letters[2]);
        var stopped = (await office.TimelineAsync(letters[2])).Single(entry => entry.Text("kind") == "routed").GetProperty("routingId").GetGuid();
        await office.Clerk.Letters.DoAsync("POST", $"{Office.Letters}/{letters[2]}/routing/{stopped}/interrupt", new { reason = "خطأ في الموضوع" });
        await GoneAsync(office.Head, open);
    }

    /// <summary>Referrals with all that can become of them, closing and reopening.</summary>
    public static async Task ReferralAsync(TestTenant tenant)
    {
        var office = await Office.OfAsync(tenant);
        var letter = await office.RegisterAsync();
        var items = (await office.Clerk.Letters.DoAsync("POST", $"{Office.Letters}/{letter}/referrals", new
        {
            items = new object[]
            {
                new { purpose = "action", user = "head", instruction = "لاتخاذ اللازم", note = "بيني وبينك", dueAt = DateTimeOffset.UtcNow.AddDays(2) },
                new { purpose = "information", user = "signatory" }, new { purpose = "study", user = "admin" },
            },
        })).GetProperty("items").EnumerateArray().Ids().ToList();
        await TestMesh.EventuallyAsync("the referral to be in the inbox", async () => (await office.Head.Tasks.ItemsAsync($"{Inbox}?kind=referral")).Count == 1);
        await ActAsync(office.Head, items[0], "seen");
        await ActAsync(office.Head, items[0], "accept");
        await office.Head.Letters.DoAsync("POST", $"{Office.Letters}/{letter}/referrals", new { items = new[] { new { purpose = "study", user = "signatory" } }, parentId = items[0] });
        await ActAsync(office.Head, items[0], "answer", new { answer = "تم" });
        await ActAsync(office.Signatory, items[1], "decline", new { reason = "ليس من اختصاصي" });
        await ActAsync(office.Clerk, items[2], "recall");
        Assert.Equal(items.Order().Reverse(), (await office.Clerk.Letters.PagesAsync($"{Referrals}?box=sent&letterId={letter}&limit=1")).Ids());
        Assert.Equal(items[0], Assert.Single(await office.Head.Letters.ItemsAsync($"{Referrals}?box=received&state=answered")).GetProperty("id").GetGuid());
        Assert.Equal("ليس من اختصاصي", (await office.Clerk.Letters.ReadAsync($"{Referrals}/{items[1]}")).Text("answer"));
        await ActAsync(office.Clerk, items[0], "close");
        await office.Clerk.Letters.DoAsync("POST", $"{Office.Letters}/{letter}/close", new { mode = "action-taken", comment = "أنجز" });
        Assert.Equal(letter, Assert.Single(await office.Clerk.Letters.ItemsAsync($"{Office.Letters}?status=closed")).GetProperty("id").GetGuid());
        await office.Clerk.Letters.DoAsync("POST", $"{Office.Letters}/{letter}/reopen", new { reason = "ورد رد" });
        await office.ReachedAsync(letter, "registered");
        var other = await office.RegisterAsync();
        var link = (await office.Clerk.Letters.DoAsync("POST", $"{Office.Letters}/{other}/links", new { kind = "relates", letterId = letter })).GetProperty("linkId").GetGuid();
        await office.Clerk.Letters.DoAsync("DELETE", $"{Office.Letters}/{other}/links/{link}");
        Assert.Empty(await office.Clerk.Letters.ItemsAsync($"{Office.Letters}/{letter}/links"));
        using var label = tenant.Mesh.Client("numbering", office.Clerk.Token);
        await label.ReadAsync($"api/numbering/labels/{letter}?format=pdf");
    }

    /// <summary>Every view of the inbox with its pages and counts, saved filters, the clock, escalation, work that somebody else does meanwhile, and a person who leaves.</summary>
    public static async Task InboxAsync(TestTenant tenant)
    {
        var office = await Office.OfAsync(tenant);
        var now = DateTimeOffset.UtcNow;
        var late = await OpenAsync(office, "head", now.AddHours(-2));
        var later = await OpenAsync(office, "head", now.AddHours(-1));
        var calm = await OpenAsync(office, "head", now.AddDays(3), dueInDays: 3);
        await office.Head.Tasks.DoAsync("PUT", $"{Office.Tasks}/{calm}/marks", new { followUpAt = now.AddDays(1) });
        await office.Head.Tasks.DoAsync("POST", $"{Office.Tasks}/{later}/clock/stop", new { reason = "بانتظار رد الوزارة" });
        await ListsAsync("view=to-do", calm, late);
        await ListsAsync("view=waiting", later);
        await ListsAsync("view=overdue", late, later);
        await ListsAsync("view=unread&kind=approve&urgency=normal", later, late);
        await ListsAsync("view=follow-up", calm);
        await ListsAsync("view=decided");
        var counts = await office.Head.Tasks.ReadAsync($"{Inbox}/counts");
        Assert.Equal((2, 1, 2, 2, 1), (Count("toDo"), Count("waiting"), Count("overdue"), Count("unread"), Count("followUp")));
        Assert.Equal(late, (await office.Head.Tasks.ReadAsync($"{Inbox}/next")).GetProperty("task").GetProperty("id").GetGuid());
        var filter = await office.Head.Tasks.MakeAsync($"{Inbox}/filters", new { name = "ينتظر", view = "waiting", kind = "approve" });
        await office.Head.Tasks.MakeAsync($"{Inbox}/filters", new { name = "آخر", view = "unread" });
        Assert.Equal(filter, (await office.Head.Tasks.PagesAsync($"{Inbox}/filters?limit=1")).Ids().First());
        await ListsAsync($"filter={filter}", later);
        await office.Head.Tasks.DoAsync("DELETE", $"{Inbox}/filters/{filter}");

        await office.Head.Tasks.DoAsync("POST", $"{Office.Tasks}/{later}/clock/resume");
        var before = (await office.Head.Tasks.ReadAsync($"{Office.Tasks}/{calm}/deadline")).GetProperty("dueAt").GetDateTimeOffset();
        var extended = await office.Head.Tasks.DoAsync("POST", $"{Office.Tasks}/{calm}/extension", new { reason = "مرفقات كثيرة", workingDays = 10 });
        Assert.True(extended.GetProperty("dueAt").GetDateTimeOffset() > before.AddDays(9));
        await office.Head.Tasks.DoAsync("POST", $"{Office.Tasks}/{late}/extension", new { reason = "x", hours = 30 });
        Assert.Contains("extended", (await office.Head.Tasks.ReadAsync($"{Office.Tasks}/{calm}/deadline")).GetProperty("why").EnumerateArray().Select(why => why.Text("what")));

        // The head of the unit is told of who is late, and gets the work of who leaves.
        var (reem, boss) = (await office.MemberAsync("reem", "handler", 1), await office.MemberAsync("boss", "unit-head", 3));
        await OpenAsync(office, reem.UserName, DateTimeOffset.UtcNow.AddSeconds(1));
        await TestMesh.EventuallyAsync("the head to be told", async () => (await boss.Tasks.ItemsAsync($"{Inbox}?kind=escalation")).Count == 1);
        using var identity = tenant.Mesh.Client("identity", office.Admin.Token);
        var id = (await identity.ItemsAsync("api/identity/users?limit=200")).Single(user => user.Text("userName") == "reem").GetProperty("id").GetGuid();
        await identity.DoAsync("DELETE", $"api/identity/users/{id}");
        await TestMesh.EventuallyAsync("the work to move", async () => (await boss.Tasks.ItemsAsync($"{Inbox}?kind=approve")).Count == 1);

        // While the head is away the signatory has the work.
        using var offers = tenant.Mesh.Client("delegation", office.Head.Token);
        using var answers = tenant.Mesh.Client("delegation", office.Signatory.Token);
        var today = DateOnly.FromDateTime(DateTime.UtcNow);
        var delegation = await offers.MakeAsync(Bureau.Delegations, new { @delegate = "signatory", from = $"{today.AddDays(-1):O}", until = $"{today.AddDays(3):O}", reason = "إجازة", confidentiality = "restricted" });
        await answers.DoAsync("POST", $"{Bureau.Delegations}/{delegation}/accept");
        await TestMesh.EventuallyAsync("new work to go to the delegate", async () =>
        {
            await OpenAsync(office, "head", now.AddDays(2));
            return (await office.Signatory.Tasks.ItemsAsync($"{Inbox}?view=on-behalf&limit=1")).Count == 1;
        });
        Assert.NotEmpty(await office.Head.Tasks.PagesAsync($"{Inbox}?view=by-others&limit=1"));
        await offers.DoAsync("POST", $"{Bureau.Delegations}/{delegation}/end", new { reason = "عدت" });
        await TestMesh.EventuallyAsync("the work to come back", async () => (await office.Signatory.Tasks.ItemsAsync($"{Inbox}?view=on-behalf")).Count == 0);

        async Task ListsAsync(string query, params Guid[] expected) =>
            Assert.Equal(expected, (await office.Head.Tasks.PagesAsync($"{Inbox}?{query}&limit=1")).Ids());

        int Count(string view) => counts.GetProperty(view).GetInt32();
    }

    private static object Item(string kind, object assignee) => new { kind, assignee, dueInHours = 24 };

    private static async Task<Guid> SendAsync(Office office, Guid letter, object way) =>
        (await office.Clerk.Letters.DoAsync("POST", $"{Office.Letters}/{letter}/routing", way)).GetProperty("routingId").GetGuid();

    /// <summary>The unit's open task.</summary>
    private static async Task<Guid> OfferedAsync(Office office, Guid letter, Guid routing)
    {
        Guid task = default;
        await TestMesh.EventuallyAsync("the unit's step to be open", async () =>
        {
            var step = (await office.Clerk.Letters.ReadAsync($"{Office.Letters}/{letter}/routing/{routing}")).GetProperty("steps").EnumerateArray().LastOrDefault(each => each.Text("stepKey") == "unit");
            if (step.ValueKind == JsonValueKind.Undefined || step.Text("state") != "open")
                return false;
            task = OpenTask.TaskId(routing, step.GetProperty("step").GetInt32());
            return true;
        });
        return task;
    }

    private static async Task<Guid> OpenAsync(Office office, string assignee, DateTimeOffset dueAt, int? dueInDays = null)
    {
        using var service = office.Mesh.Client("task", await office.Mesh.ServiceTokenAsync("correspondence"), office.Slug);
        var id = Guid.CreateVersion7();
        await service.DoAsync("POST", "internal/tasks", new
        {
            taskId = id, kind = "approve", letterId = Guid.NewGuid(), routingId = Guid.NewGuid(), step = 1, assignee, subject = "طلب", dueAt, urgency = "normal", confidentiality = 1, dueInDays,
        });
        return id;
    }

    private static Task GoneAsync(Person person, Guid task) =>
        TestMesh.EventuallyAsync("the task to be gone", async () => (await person.Tasks.ReadAsync($"{Office.Tasks}/{task}")).Text("state") == "cancelled");

    private static Task ActAsync(Person person, Guid referral, string act, object? body = null) => person.Letters.DoAsync("POST", $"{Referrals}/{referral}/{act}", body);
}
