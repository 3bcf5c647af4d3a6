using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Tarasol.Contracts.Delegations;
using Tarasol.Contracts.Directories;
using Tarasol.Tests.Integration.Correspondence;
using Tarasol.Tests.Integration.Directories;
using Tarasol.Tests.Integration.Mesh;

namespace Tarasol.Tests.Integration.Tasks;

/// <summary>Units close and people leave: nobody's work gets stuck, and every record says why it moved.</summary>
[Collection(nameof(CorrespondenceMesh))]
[Trait("Scale", "large")]
public sealed class TransferTests(CorrespondenceMesh mesh)
{
    private const string Referrals = "api/correspondence/referrals";

    [Fact]
    public async Task The_open_work_of_a_unit_that_closes_is_its_successors_and_every_record_says_why()
    {
        var office = await mesh.NewOfficeAsync();
        using var directory = mesh.Client("directory", office.Admin.Token);
        var next = await UnitLifeTests.CreateAsync(directory, "NEXT");
        var chief = await office.MemberAsync("chief", "handler", 3);
        await UnitLifeTests.HeadAsync(directory, office.UnitId, chief.UserName);
        var reem = await office.MemberAsync("reem", "handler", 1);
        var omar = await MemberAsync(office, next, "omar", "handler", 1);
        // The position counts, not the role.
        var boss = await MemberAsync(office, next, "boss", "handler", 3);
        await UnitLifeTests.HeadAsync(directory, next, boss.UserName);
        await MemberAsync(office, next, "aaa-has-the-role", "unit-head", 3);

        var code = await CircuitsTests.PublishAsync(
            office, CircuitsTests.Step("first", CircuitsTests.Item("approve", new { type = "unit-head" }), CircuitsTests.Item("approve", new { type = "unit-role", role = "handler" })),
            CircuitsTests.Step("second", CircuitsTests.Item("approve", new { type = "unit-head", unitId = office.UnitId })),
            CircuitsTests.Step("third", CircuitsTests.Item("act", new { type = "unit", unitId = office.UnitId })));
        var (letter, final) = (await office.RegisterAsync("internal"), await office.RegisterAsync("internal"));
        var routing = await CircuitsTests.SendAsync(office, letter, new { circuit = code });
        await office.RouteAsync(final, chief);
        await Office.DecideAsync(chief, final, "approve");
        await office.ReachedAsync(final, "approved");
        await Office.TaskAsync(chief, letter);
        var referral = await ReferAsync(office, letter, new { purpose = "study", unitId = office.UnitId });
        var own = await office.RegisterAsync();
        await office.RouteAsync(own, chief);
        await TestMesh.EventuallyAsync("the chief's work to be there", async () => (await CountAsync(chief, "toDo"), await CountAsync(reem, "myUnit"), await CountAsync(omar, "myUnit")) == (3, 1, 0));

        using (var closed = await directory.PostAsJsonAsync($"api/directory/units/{office.UnitId}/close", new { successorId = next, reason = "دمج الإدارتين" }))
            await TestMesh.EnsureAsync(closed);
        await TestMesh.EventuallyAsync("the counts to follow", async () =>
            (await CountAsync(chief, "toDo"), await CountAsync(boss, "toDo"), await CountAsync(omar, "myUnit"), await CountAsync(reem, "myUnit")) == (1, 2, 1, 1));
        // What was asked of the person stays with the person.
        await Office.TaskAsync(chief, own);
        var moved = await WaitForAsync(office, letter, "transferred");
        Assert.Equal((office.Admin.UserName, "NEXT", "دمج الإدارتين"), (moved.Text("actor"), moved.Text("target"), moved.Text("comment")));
        Assert.Equal($"{next}", moved.GetProperty("changes")[0].Text("after"));
        Assert.Equal(("boss", "unit-closed"), Told(await WaitForAsync(office, letter, "step-reassigned")));
        Assert.Equal(($"{next}", "unit-closed"), Told(await WaitForAsync(office, letter, "step-transferred")));
        Assert.Equal(("boss", "unit-closed"), Told(await WaitForAsync(office, letter, "referral-reassigned")));
        Assert.Equal(next, (await office.Clerk.Letters.GetFromJsonAsync<JsonElement>($"{Office.Letters}/{letter}")).GetProperty("ownerUnitId").GetGuid());
        // What is final stays what it was.
        Assert.Equal(office.UnitId, (await office.Clerk.Letters.GetFromJsonAsync<JsonElement>($"{Office.Letters}/{final}")).GetProperty("ownerUnitId").GetGuid());
        await ActAsync(chief, referral, "accept", HttpStatusCode.NotFound);
        await ActAsync(boss, referral, "accept", HttpStatusCode.NoContent);

        // Told again it changes nothing.
        var before = (await office.KindsAsync(letter)).Count;
        var again = new UnitClosed(office.UnitId, "REG", next, "NEXT", DateOnly.FromDateTime(DateTime.UtcNow), "دمج الإدارتين", DateTimeOffset.UtcNow);
        await DelegationTests.DeliverAsync(mesh, "task", office, UnitClosed.Type, again);
        await DelegationTests.DeliverAsync(mesh, "correspondence", office, UnitClosed.Type, again);

        // The later steps of a running circuit find the successor.
        using (var taken = await omar.Tasks.PostAsync($"{Office.Tasks}/{Tarasol.Correspondence.Routing.OpenTask.TaskId(routing, 2)}/take", null))
            await TestMesh.EnsureAsync(taken);
        await Office.DecideAsync(omar, letter, "approve");
        await DecideAsync(boss, Tarasol.Correspondence.Routing.OpenTask.TaskId(routing, 1), "approve");
        await DecideAsync(boss, Tarasol.Correspondence.Routing.OpenTask.TaskId(routing, 3), "approve");
        await TestMesh.EventuallyAsync("the third step to be offered to the successor", async () => await CountAsync(reem, "myUnit") == 1);
        using (var taken = await reem.Tasks.PostAsync($"{Office.Tasks}/{Tarasol.Correspondence.Routing.OpenTask.TaskId(routing, 4)}/take", null))
            await TestMesh.EnsureAsync(taken);
        await Office.DecideAsync(reem, letter, "done");
        await office.ReachedAsync(letter, "approved");
        Assert.Equal(1, (await office.KindsAsync(letter)).Count(kind => kind == "transferred"));
        Assert.Equal(1, (await office.KindsAsync(letter)).Count(kind => kind == "referral-reassigned"));
        Assert.True((await office.KindsAsync(letter)).Count > before);
        using var late = await office.Clerk.Letters.PostAsJsonAsync(Office.Letters, office.Letter());
        Assert.Equal(["ownerUnitId"], await late.BadFieldsAsync());
    }

    [Fact]
    public async Task A_unit_that_closes_without_a_successor_hands_its_work_up()
    {
        var office = await mesh.NewOfficeAsync();
        using var directory = mesh.Client("directory", office.Admin.Token);
        var below = await UnitLifeTests.CreateAsync(directory, "BELOW", office.UnitId);
        var (lower, upper) = (await MemberAsync(office, below, "zaid", "unit-head", 1), await office.MemberAsync("amal", "unit-head", 3));
        var made = office.Letter("internal");
        made["ownerUnitId"] = below;
        var letter = await Office.RegisterAsync(office.Clerk, made);
        var code = await CircuitsTests.PublishAsync(office, CircuitsTests.Step("one", CircuitsTests.Item("approve", new { type = "unit-head" })));
        await CircuitsTests.SendAsync(office, letter, new { circuit = code });
        await Office.TaskAsync(lower, letter);
        using (var root = await directory.PostAsJsonAsync($"api/directory/units/{office.UnitId}/close", new { reason = "x" }))
            Assert.Equal(["successorId"], await root.BadFieldsAsync());
        using (var closed = await directory.PostAsJsonAsync($"api/directory/units/{below}/close", new { reason = "لا عمل لها" }))
            await TestMesh.EnsureAsync(closed);
        Assert.Equal("REG", (await WaitForAsync(office, letter, "transferred")).Text("target"));
        await Office.DecideAsync(upper, letter, "approve");
        await office.ReachedAsync(letter, "approved");
    }

    [Fact]
    public async Task Whoever_leads_in_the_directory_gets_the_work_of_who_is_disabled_or_removed_and_their_delegate_while_they_are_away()
    {
        var office = await mesh.NewOfficeAsync();
        using var directory = mesh.Client("directory", office.Admin.Token);
        var (reem, hani) = (await office.MemberAsync("reem", "handler", 1), await office.MemberAsync("hani", "handler", 1));
        var lead = await office.MemberAsync("lead", "handler", 3);
        await office.MemberAsync("aaa-has-the-role", "unit-head", 3);
        await UnitLifeTests.HeadAsync(directory, office.UnitId, lead.UserName);
        var (one, two) = (await office.RegisterAsync(), await office.RegisterAsync());
        await office.RouteAsync(one, reem, hani);
        await Office.TaskAsync(reem, one);
        await office.RouteAsync(two, hani);
        await Office.TaskAsync(hani, two);
        var referral = await ReferAsync(office, two, new { purpose = "reply", user = "reem" });
        await TestMesh.EventuallyAsync("the referral to be in the inbox", async () => await CountAsync(reem, "toDo") == 2);

        await LeaveAsync(office, "reem", remove: false);
        Assert.Equal(("lead", "person-left"), Told(await WaitForAsync(office, one, "step-reassigned")));
        Assert.Equal(("lead", "person-left"), Told(await WaitForAsync(office, two, "referral-reassigned")));
        await ActAsync(lead, referral, "answer", HttpStatusCode.NoContent, new { answer = "تم" });

        var now = DateTimeOffset.UtcNow;
        await DelegationTests.DeliverAsync(mesh, "task", office, DelegationAccepted.Type, new DelegationAccepted(
            Guid.CreateVersion7(), "lead", "signatory", new([], [], []), "restricted", now.AddHours(-1), now.AddDays(1), now.AddHours(-1)));
        await LeaveAsync(office, "hani", remove: true);
        Assert.Equal(("signatory", "person-left"), Told(await WaitForAsync(office, two, "step-reassigned")));
        var inbox = await office.Signatory.Tasks.GetFromJsonAsync<JsonElement>("api/task/inbox?view=on-behalf");
        Assert.Equal("lead", Assert.Single(inbox.GetProperty("items").EnumerateArray()).Text("onBehalfOf"));
        // Their later step, which was named before they left, opens for nobody who is gone.
        await Office.DecideAsync(lead, one, "approve");
        await Office.DecideAsync(office.Signatory, one, "approve");
        await office.ReachedAsync(one, "approved");
    }

    [Fact]
    public async Task Where_nobody_leads_work_goes_back_to_who_sent_it_and_waits_for_who_comes_when_there_is_nobody()
    {
        var office = await mesh.NewOfficeAsync();
        var reem = await office.MemberAsync("reem", "handler", 1);
        var letter = await office.RegisterAsync();
        await office.RouteAsync(letter, reem);
        await Office.TaskAsync(reem, letter);
        await LeaveAsync(office, "reem", remove: true);
        Assert.Equal(("clerk", "person-left"), Told(await WaitForAsync(office, letter, "step-reassigned")));
        await Office.TaskAsync(office.Clerk, letter);
        await LeaveAsync(office, "clerk", remove: false);
        var boss = await office.MemberAsync("boss", "unit-head", 3);
        await Office.DecideAsync(boss, letter, "approve");
        await TestMesh.EventuallyAsync("the letter to be approved", async () =>
            (await office.Admin.Letters.GetFromJsonAsync<JsonElement>($"{Office.Letters}/{letter}")).Text("status") == "approved");
    }

    private static (string? Target, string? Why) Told(JsonElement entry) => (entry.Text("target"), entry.Text("comment"));

    private static async Task<JsonElement> WaitForAsync(Office office, Guid letter, string kind)
    {
        JsonElement found = default;
        await TestMesh.EventuallyAsync($"{kind} to be told", async () =>
            (found = (await office.TimelineAsync(letter)).LastOrDefault(entry => entry.Text("kind") == kind)).ValueKind != JsonValueKind.Undefined);
        return found;
    }

    private static async Task<int> CountAsync(Person person, string view) => (await person.Tasks.GetFromJsonAsync<JsonElement>("api/task/inbox/counts")).GetProperty(view).GetInt32();

    private static async Task DecideAsync(Person person, Guid task, string decision)
    {
        await TestMesh.EventuallyAsync($"the task of {person.UserName}", async () => (await person.Tasks.GetAsync($"{Office.Tasks}/{task}")).IsSuccessStatusCode);
        using var answer = await person.Tasks.PostAsJsonAsync($"{Office.Tasks}/{task}/decision", new { decision });
        await TestMesh.EnsureAsync(answer);
    }

    private static async Task<Guid> ReferAsync(Office office, Guid letter, object item)
    {
        using var sent = await office.Clerk.Letters.PostAsJsonAsync($"{Office.Letters}/{letter}/referrals", new { items = new[] { item } });
        await TestMesh.EnsureAsync(sent);
        return (await sent.JsonAsync()).GetProperty("items")[0].GetProperty("id").GetGuid();
    }

    private static async Task ActAsync(Person person, Guid referral, string act, HttpStatusCode expected, object? body = null)
    {
        using var answer = await person.Letters.PostAsJsonAsync($"{Referrals}/{referral}/{act}", body ?? new { });
        Assert.Equal(expected, answer.StatusCode);
    }

    private static Task<Person> MemberAsync(Office office, Guid unit, string userName, string role, int clearance) => (office with { UnitId = unit }).MemberAsync(userName, role, clearance);

    private async Task LeaveAsync(Office office, string userName, bool remove)
    {
        using var identity = mesh.Client("identity", office.Admin.Token);
        var users = await identity.GetFromJsonAsync<JsonElement>("api/identity/users?limit=200");
        var id = users.GetProperty("items").EnumerateArray().Single(user => user.Text("userName") == userName).GetProperty("id").GetGuid();
        using var left = remove ? await identity.DeleteAsync($"api/identity/users/{id}") : await identity.PostAsync(new Uri($"api/identity/users/{id}/disable", UriKind.Relative), null);
        await TestMesh.EnsureAsync(left);
    }
}
