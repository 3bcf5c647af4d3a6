using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Tarasol.Tests.Integration.Mesh;

namespace Tarasol.Tests.Integration.Correspondence;

[Collection(nameof(CorrespondenceMesh))]
[Trait("Scale", "large")]
public sealed class CircuitsTests(CorrespondenceMesh mesh)
{
    private const string Circuits = "api/correspondence/circuits";

    private static object User(string name) => new { type = "user", user = name };

    internal static object Step(string key, params object[] items) => new { key, items };

    internal static object Item(string kind, object assignee) => new { kind, assignee, dueInHours = 24 };

    [Fact]
    public async Task A_circuit_is_drafted_checked_published_and_never_changed_again()
    {
        var office = await mesh.OfficeAsync();
        var code = Code();
        using var bad = await office.Admin.Letters.PostAsJsonAsync(Circuits, Draft(code, Step("one", Item("inform", User("nobody")))));
        var id = (await bad.JsonAsync()).GetProperty("id").GetGuid();
        using var refused = await office.Admin.Letters.PostAsync($"{Circuits}/{id}/publish", null);
        Assert.Equal((HttpStatusCode.Conflict, "circuit-unsound"), (refused.StatusCode, (await refused.JsonAsync()).Text("code")));
        Assert.Equal(["steps", "steps[0].items[0].assignee"], (await refused.JsonAsync()).GetProperty("errors").EnumerateObject().Select(place => place.Name).Order(StringComparer.Ordinal));
        using var changed = await office.Admin.Letters.PutAsJsonAsync($"{Circuits}/{id}", Draft(null, Step("one", Item("approve", User("head")))));
        await TestMesh.EnsureAsync(changed);
        using var check = await office.Admin.Letters.PostAsync($"{Circuits}/{id}/check", null);
        Assert.True((await check.JsonAsync()).GetProperty("sound").GetBoolean());
        using var published = await office.Admin.Letters.PostAsync($"{Circuits}/{id}/publish", null);
        Assert.Equal("published", (await published.JsonAsync()).Text("state"));
        using var late = await office.Admin.Letters.PutAsJsonAsync($"{Circuits}/{id}", Draft(null, Step("one", Item("approve", User("head")))));
        Assert.Equal("circuit-not-draft", (await late.JsonAsync()).Text("code"));
        using var next = await office.Admin.Letters.PostAsJsonAsync(Circuits, Draft(code, Step("one", Item("approve", User("head")))));
        Assert.Equal(2, (await next.JsonAsync()).GetProperty("version").GetInt32());
        using var clerk = await office.Clerk.Letters.PostAsync($"{Circuits}/{id}/publish", null);
        Assert.Equal(HttpStatusCode.Forbidden, clerk.StatusCode);
        var listed = await office.Clerk.Letters.GetFromJsonAsync<JsonElement>($"{Circuits}?code={code}");
        Assert.Equal([2, 1], listed.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("version").GetInt32()));
    }

    [Fact]
    public async Task A_letter_goes_through_groups_a_quorum_and_a_signature_and_back_to_a_step()
    {
        var office = await mesh.OfficeAsync();
        var code = await PublishAsync(office,
            new { key = "check", items = new[] { Item("approve", User("head")), Item("approve", User("signatory")) }, quorum = "any" },
            new { key = "secret-only", items = new[] { Item("approve", User("head")) }, when = new[] { new { field = "confidentiality", @is = "at-least", values = new[] { "secret" } } } },
            Step("consult", Item("comment", new { type = "author" }), Item("inform", User("admin"))),
            Step("sign", Item("sign", new { type = "chosen", slot = "signatory" })));
        var letter = await office.RegisterAsync("outgoing");
        using var unnamed = await office.Clerk.Letters.PostAsJsonAsync($"{Office.Letters}/{letter}/routing", new { circuit = code });
        Assert.Equal(["chosen.signatory"], await unnamed.BadFieldsAsync());
        var routing = await SendAsync(office, letter, new { circuit = code, chosen = new { signatory = "signatory" } });

        // One of two is enough; the other is not asked any more.
        var left = await Office.TaskAsync(office.Signatory, letter);
        await Office.DecideAsync(office.Head, letter, "approve");
        await TestMesh.EventuallyAsync("the other task to be gone", async () =>
            (await office.Signatory.Tasks.GetFromJsonAsync<JsonElement>($"{Office.Tasks}/{left}")).Text("state") == "cancelled");
        using (var wrong = await office.Clerk.Tasks.PostAsJsonAsync($"{Office.Tasks}/{await Office.TaskAsync(office.Clerk, letter)}/decision", new { decision = "approve" }))
            Assert.Equal(["decision"], await wrong.BadFieldsAsync());
        await Office.DecideAsync(office.Clerk, letter, "comment", "أنصح بالموافقة");

        // The signatory sends it back to the check.
        var sign = await office.Signatory.Tasks.GetFromJsonAsync<JsonElement>($"{Office.Tasks}/{await Office.TaskAsync(office.Signatory, letter)}");
        Assert.Equal(["check", "consult"], sign.GetProperty("returnTo").EnumerateArray().Select(key => key.GetString()));
        using (var returned = await office.Signatory.Tasks.PostAsJsonAsync($"{Office.Tasks}/{sign.GetProperty("id").GetGuid()}/decision", new { decision = "return", comment = "راجع المرفق", returnTo = "check" }))
            await TestMesh.EnsureAsync(returned);
        await Office.DecideAsync(office.Head, letter, "approve");
        await Office.DecideAsync(office.Clerk, letter, "comment", "كما سبق");
        await Office.DecideAsync(office.Signatory, letter, "sign");
        var final = await office.ReachedAsync(letter, "approved");
        Assert.False(string.IsNullOrEmpty(final.Text("referenceNumber")));
        Assert.Equal(
            ["registered", "routed", "step-approved", "step-commented", "step-returned", "step-approved", "step-commented", "step-signed", "numbered", "completed"], await office.KindsAsync(letter));
        var done = await office.Clerk.Letters.GetFromJsonAsync<JsonElement>($"{Office.Letters}/{letter}/routing/{routing}");
        Assert.Equal(["check", "check", "consult", "consult", "sign", "check", "check", "consult", "consult", "sign"], done.GetProperty("steps").EnumerateArray().Select(step => step.Text("stepKey")));

        // Whoever is informed takes note when they like.
        using (var page = await office.Admin.Tasks.GetAsync($"{Office.Tasks}?state=open&limit=200"))
        {
            var inform = (await page.JsonAsync()).GetProperty("items").EnumerateArray().First(item => item.GetProperty("letterId").GetGuid() == letter);
            using var seen = await office.Admin.Tasks.PostAsJsonAsync($"{Office.Tasks}/{inform.GetProperty("id").GetGuid()}/decision", new { decision = "seen" });
            await TestMesh.EnsureAsync(seen);
        }
        await TestMesh.EventuallyAsync("the note to be told", async () => (await office.KindsAsync(letter))[^1] == "step-seen");
    }

    [Fact]
    public async Task After_a_rejection_nothing_goes_on()
    {
        var office = await mesh.OfficeAsync();
        var code = await PublishAsync(office, Step("both", Item("approve", User("head")), Item("approve", User("signatory"))), Step("sign", Item("sign", User("head"))));
        var letter = await office.RegisterAsync("outgoing");
        await SendAsync(office, letter, new { circuit = code });
        await Office.TaskAsync(office.Signatory, letter);
        await Office.DecideAsync(office.Head, letter, "reject", "ليس من اختصاصنا");
        Assert.Null((await office.ReachedAsync(letter, "rejected")).Text("referenceNumber"));
        Assert.Equal(["registered", "routed", "step-rejected", "completed"], await office.KindsAsync(letter));
        var open = await office.Signatory.Tasks.GetFromJsonAsync<JsonElement>($"{Office.Tasks}?state=open&limit=200");
        Assert.DoesNotContain(letter, open.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("letterId").GetGuid()));
    }

    [Fact]
    public async Task A_units_task_is_taken_by_one_of_the_unit_and_passed_on_and_a_colleague_is_asked()
    {
        var office = await mesh.NewOfficeAsync();
        var (reem, hani) = (await office.MemberAsync("reem", "handler", 1), await office.MemberAsync("hani", "handler", 1));
        var low = await office.MemberAsync("low", "handler", 0);
        var code = await PublishAsync(office, Step("unit", Item("approve", new { type = "unit-role", unitId = office.UnitId, role = "handler" })));
        using var made = await office.Clerk.Letters.PostAsJsonAsync(Office.Letters, office.Letter("internal", "restricted"));
        var letter = (await made.JsonAsync()).GetProperty("id").GetGuid();
        var routing = await SendAsync(office, letter, new { circuit = code });
        Guid task = default;
        await TestMesh.EventuallyAsync("the step to be open", async () =>
        {
            var step = (await office.Clerk.Letters.GetFromJsonAsync<JsonElement>($"{Office.Letters}/{letter}/routing/{routing}")).GetProperty("steps").EnumerateArray().FirstOrDefault();
            if (step.ValueKind == JsonValueKind.Undefined || step.Text("state") != "open")
                return false;
            task = Tarasol.Correspondence.Routing.OpenTask.TaskId(routing, 1);
            return true;
        });
        using (var notCleared = await low.Tasks.PostAsync($"{Office.Tasks}/{task}/take", null))
            Assert.Equal(HttpStatusCode.NotFound, notCleared.StatusCode);
        using (var elsewhere = await office.Head.Tasks.PostAsync($"{Office.Tasks}/{task}/take", null))
            Assert.Equal(HttpStatusCode.NotFound, elsewhere.StatusCode);
        using (var taken = await reem.Tasks.PostAsync($"{Office.Tasks}/{task}/take", null))
            await TestMesh.EnsureAsync(taken);
        using (var late = await hani.Tasks.PostAsync($"{Office.Tasks}/{task}/take", null))
            Assert.Equal("task-taken", (await late.JsonAsync()).Text("code"));

        using (var low2 = await reem.Tasks.PostAsJsonAsync($"{Office.Tasks}/{task}/reassign", new { assignee = "low", reason = "x" }))
            Assert.Equal(["assignee"], await low2.BadFieldsAsync());
        using (var moved = await reem.Tasks.PostAsJsonAsync($"{Office.Tasks}/{task}/reassign", new { assignee = "hani", reason = "أنت أعلم" }))
            await TestMesh.EnsureAsync(moved);
        using (var asked = await hani.Tasks.PostAsJsonAsync($"{Office.Tasks}/{task}/opinions", new { colleague = "reem", question = "ما رأيك؟" }))
            await TestMesh.EnsureAsync(asked);
        using (var early = await hani.Tasks.PostAsJsonAsync($"{Office.Tasks}/{task}/decision", new { decision = "approve" }))
            Assert.Equal("opinion-pending", (await early.JsonAsync()).Text("code"));
        await Office.DecideAsync(reem, letter, "comment", "لا بأس");
        var read = await hani.Tasks.GetFromJsonAsync<JsonElement>($"{Office.Tasks}/{task}");
        Assert.Equal("لا بأس", read.GetProperty("opinions")[0].Text("answer"));
        using (var decided = await hani.Tasks.PostAsJsonAsync($"{Office.Tasks}/{task}/decision", new { decision = "approve" }))
            await TestMesh.EnsureAsync(decided);
        await office.ReachedAsync(letter, "approved");
        await TestMesh.EventuallyAsync("everything to be told", async () => (await office.KindsAsync(letter)).Count == 9);
        Assert.Equal(
            ["numbered", "opinion-asked", "opinion-given", "registered", "routed", "step-approved", "step-reassigned", "step-reassigned"],
            (await office.KindsAsync(letter)).Where(kind => kind != "completed").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task An_interrupted_letter_asks_nobody_any_more_and_is_routed_anew()
    {
        var office = await mesh.OfficeAsync();
        var code = await PublishAsync(office, Step("one", Item("approve", User("head"))));
        foreach (var way in new object[] { new { circuit = code }, Office.Steps(office.Head) })
        {
            var letter = await office.RegisterAsync("internal");
            var routing = await SendAsync(office, letter, way);
            var task = await Office.TaskAsync(office.Head, letter);
            for (var repeat = 0; repeat < 2; repeat++)
            {
                using var stopped = await office.Clerk.Letters.PostAsJsonAsync($"{Office.Letters}/{letter}/routing/{routing}/interrupt", new { reason = "خطأ في الموضوع" });
                Assert.Equal(HttpStatusCode.NoContent, stopped.StatusCode);
            }
            await TestMesh.EventuallyAsync("the task to be gone", async () => (await office.Head.Tasks.GetFromJsonAsync<JsonElement>($"{Office.Tasks}/{task}")).Text("state") == "cancelled");
            await office.RouteAsync(letter, office.Signatory);
            await Office.DecideAsync(office.Signatory, letter, "approve");
            await office.ReachedAsync(letter, "approved");
            Assert.Equal(["registered", "routed", "routing-interrupted", "routed", "step-approved", "numbered", "completed"], await office.KindsAsync(letter));
        }
    }

    [Fact]
    public async Task Many_tasks_are_decided_at_once_each_by_itself()
    {
        var office = await mesh.OfficeAsync();
        var (one, two) = (await office.RegisterAsync("internal"), await office.RegisterAsync("internal"));
        await office.RouteAsync(one, office.Head);
        await office.RouteAsync(two, office.Head);
        var items = new object[]
        {
            new { taskId = await Office.TaskAsync(office.Head, one), decision = "approve" },
            new { taskId = Guid.NewGuid(), decision = "approve" },
            new { taskId = await Office.TaskAsync(office.Head, two), decision = "sign" },
        };
        for (var repeat = 0; repeat < 2; repeat++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "api/task/decisions") { Content = JsonContent.Create(new { items }), Headers = { { "Idempotency-Key", $"many-{one}" } } };
            using var answer = await office.Head.Tasks.SendAsync(request);
            Assert.Equal([204, 404, 400], (await answer.JsonAsync()).GetProperty("results").EnumerateArray().Select(result => result.GetProperty("status").GetInt32()));
        }
        await office.ReachedAsync(one, "approved");
        using var bad = await office.Head.Tasks.PostAsJsonAsync("api/task/decisions", new { items = new[] { new { taskId = one, decision = "reject" } } });
        Assert.Equal(["items[0].comment"], await bad.BadFieldsAsync());
    }

    private static string Code() => $"c{Guid.NewGuid():N}"[..12];

    private static object Draft(string? code, params object[] steps) => code is null
        ? new { nameAr = "مسار", nameEn = "Circuit", steps }
        : new { code, nameAr = "مسار", nameEn = "Circuit", steps };

    internal static async Task<string> PublishAsync(Office office, params object[] steps)
    {
        var code = Code();
        using var made = await office.Admin.Letters.PostAsJsonAsync(Circuits, Draft(code, steps));
        await TestMesh.EnsureAsync(made);
        using var published = await office.Admin.Letters.PostAsync($"{Circuits}/{(await made.JsonAsync()).GetProperty("id").GetGuid()}/publish", null);
        await TestMesh.EnsureAsync(published);
        return code;
    }

    internal static async Task<Guid> SendAsync(Office office, Guid letter, object way)
    {
        using var answer = await office.Clerk.Letters.PostAsJsonAsync($"{Office.Letters}/{letter}/routing", way);
        await TestMesh.EnsureAsync(answer);
        return (await answer.JsonAsync()).GetProperty("routingId").GetGuid();
    }
}
