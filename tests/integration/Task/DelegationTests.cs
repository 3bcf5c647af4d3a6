using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Tarasol.Contracts.Delegations;
using Tarasol.Messaging;
using Tarasol.Tests.Integration.Correspondence;
using Tarasol.Tests.Integration.Isolation;
using Tarasol.Tests.Integration.Mesh;

namespace Tarasol.Tests.Integration.Tasks;

/// <summary>Whose work goes to whom. The delegation service itself is not asked: its events are what this service goes by.</summary>
[Collection(nameof(CorrespondenceMesh))]
[Trait("Scale", "large")]
public sealed class DelegationTests(CorrespondenceMesh mesh)
{
    [Fact]
    public async Task While_somebody_is_away_the_delegate_acts_and_every_record_says_for_whom()
    {
        var office = await mesh.NewOfficeAsync();
        var delegation = Guid.CreateVersion7();
        var now = DateTimeOffset.UtcNow;
        await DeliverAsync(office, DelegationAccepted.Type, new DelegationAccepted(
            delegation, "head", "signatory", new([new(office.UnitId, false)], [], ["approve"]), "restricted", now.AddHours(-1), now.AddDays(1), now.AddHours(-1)));

        var letter = await office.RegisterAsync();
        await office.RouteAsync(letter, office.Head);
        var task = await Office.TaskAsync(office.Signatory, letter);
        var inbox = await office.Signatory.Tasks.GetFromJsonAsync<JsonElement>("api/task/inbox?view=on-behalf");
        Assert.Equal((task, "head"), (inbox.GetProperty("items")[0].GetProperty("id").GetGuid(), inbox.GetProperty("items")[0].Text("onBehalfOf")));
        var away = await office.Head.Tasks.GetFromJsonAsync<JsonElement>("api/task/inbox?view=by-others");
        Assert.Equal("signatory", away.GetProperty("items")[0].Text("assignee"));
        await Office.DecideAsync(office.Signatory, letter, "approve");
        await office.ReachedAsync(letter, "approved");
        var step = (await office.TimelineAsync(letter)).Single(entry => entry.Text("kind") == "step-approved");
        Assert.Equal(("signatory", "head"), (step.Text("actor"), step.Text("onBehalfOf")));

        // Above the level of the delegation it is the person's own work.
        using var made = await office.Admin.Letters.PostAsJsonAsync(Office.Letters, office.Letter(confidentiality: "secret"));
        var secret = (await made.JsonAsync()).GetProperty("id").GetGuid();
        using var routed = await office.Admin.Letters.PostAsJsonAsync($"{Office.Letters}/{secret}/routing", Office.Steps(office.Head));
        await TestMesh.EnsureAsync(routed);
        await Office.TaskAsync(office.Head, secret);

        // At the end the person gets back what is open.
        var open = await office.RegisterAsync();
        await office.RouteAsync(open, office.Head);
        await Office.TaskAsync(office.Signatory, open);
        await DeliverAsync(office, DelegationEnded.Type, new DelegationEnded(delegation, "head", "signatory", "principal", "عدت", DateTimeOffset.UtcNow));
        await Office.TaskAsync(office.Head, open);
        await TestMesh.EventuallyAsync("the return to be told", async () => (await office.KindsAsync(open)).Contains("step-reassigned"));
    }

    [Fact]
    public async Task The_work_of_a_person_who_leaves_goes_to_the_head_of_the_unit()
    {
        var office = await mesh.NewOfficeAsync();
        var reem = await office.MemberAsync("reem", "handler", 1);
        var boss = await office.MemberAsync("boss", "unit-head", 3);
        var letter = await office.RegisterAsync();
        await office.RouteAsync(letter, reem);
        await Office.TaskAsync(reem, letter);
        using var identity = mesh.Client("identity", office.Admin.Token);
        var users = await identity.GetFromJsonAsync<JsonElement>("api/identity/users?limit=200");
        var id = users.GetProperty("items").EnumerateArray().Single(user => user.Text("userName") == "reem").GetProperty("id").GetGuid();
        using var left = await identity.DeleteAsync($"api/identity/users/{id}");
        await TestMesh.EnsureAsync(left);
        await Office.DecideAsync(boss, letter, "approve");
        await office.ReachedAsync(letter, "approved");
        await TestMesh.EventuallyAsync("the move to be told", async () =>
            (await office.TimelineAsync(letter)).Any(entry => entry.Text("kind") == "step-reassigned" && entry.Text("target") == "boss" && entry.Text("comment") == "person-left"));
    }

    private Task DeliverAsync<TEvent>(Office office, string type, TEvent data) => DeliverAsync(mesh, "task", office, type, data);

    internal static async Task DeliverAsync<TEvent>(TestMesh mesh, string service, Office office, string type, TEvent data)
    {
        using var sidecar = new HttpClient();
        sidecar.DefaultRequestHeaders.Add("dapr-api-token", mesh.Sidecar(service).AppApiToken);
        using var answer = await sidecar.PostAsync(
            new Uri($"http://127.0.0.1:{mesh.Sidecar(service).AppPort}/events/{type}"), ForgedEvent.Envelope(type, JsonSerializer.SerializeToElement(data, EventJson.Options), office.Slug));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }
}
