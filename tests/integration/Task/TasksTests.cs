using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Tarasol.Tests.Integration.Correspondence;

namespace Tarasol.Tests.Integration.Tasks;

[Collection(nameof(CorrespondenceMesh))]
public sealed class TasksTests(CorrespondenceMesh mesh)
{
    [Fact]
    public async Task A_task_is_decided_once_by_its_assignee_also_at_the_same_moment()
    {
        var office = await mesh.OfficeAsync();
        var task = await OpenAsync(office, "head");
        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => DecideAsync(office.Head, task, new { decision = "approve" })));
        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.NoContent);
        Assert.Equal(5, answers.Count(answer => answer.StatusCode == HttpStatusCode.Conflict));
        using var later = await DecideAsync(office.Head, task, new { decision = "reject", comment = "No." });
        Assert.Equal(HttpStatusCode.Conflict, later.StatusCode);
        var read = await office.Head.Tasks.GetFromJsonAsync<JsonElement>($"{Office.Tasks}/{task}");
        Assert.Equal("decided", read.Text("state"));
        Assert.Equal("approve", read.Text("decision"));
    }

    [Fact]
    public async Task Somebody_elses_task_does_not_exist()
    {
        var (office, other) = (await mesh.OfficeAsync(), await mesh.NewOfficeAsync());
        var task = await OpenAsync(office, "head");
        foreach (var person in new[] { office.Signatory, office.Admin, other.Head })
        {
            using var read = await person.Tasks.GetAsync($"{Office.Tasks}/{task}");
            Assert.Equal(HttpStatusCode.NotFound, read.StatusCode);
            using var decided = await DecideAsync(person, task, new { decision = "approve" });
            Assert.Equal(HttpStatusCode.NotFound, decided.StatusCode);
            var list = await person.Tasks.GetFromJsonAsync<JsonElement>($"{Office.Tasks}?limit=200");
            Assert.DoesNotContain(task, list.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("id").GetGuid()));
        }
    }

    [Fact]
    public async Task A_repeat_with_the_same_key_is_the_same_decision()
    {
        var office = await mesh.OfficeAsync();
        var task = await OpenAsync(office, "head");
        var answers = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => DecideAsync(office.Head, task, new { decision = "return", comment = "Why?" }, "k1")));
        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode));
        using var different = await DecideAsync(office.Head, task, new { decision = "approve" }, "k1");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, different.StatusCode);
        using var otherKey = await DecideAsync(office.Head, task, new { decision = "return", comment = "Why?" }, "k2");
        Assert.Equal(HttpStatusCode.Conflict, otherKey.StatusCode);
    }

    [Theory]
    [InlineData("""{"decision":"maybe"}""", "decision")]
    [InlineData("""{}""", "decision")]
    [InlineData("""{"decision":"reject"}""", "comment")]
    [InlineData("""{"decision":"return","comment":" "}""", "comment")]
    [InlineData("""{"decision":"approve","by":"me"}""", "by")]
    public async Task Bad_decisions_are_named(string body, string field)
    {
        var office = await mesh.OfficeAsync();
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using var answer = await office.Head.Tasks.PostAsync($"{Office.Tasks}/{Guid.NewGuid()}/decision", content);
        Assert.Equal([field], await answer.BadFieldsAsync());
    }

    [Fact]
    public async Task Lists_show_the_callers_tasks_by_state_newest_first()
    {
        var office = await mesh.NewOfficeAsync();
        var tasks = new List<Guid>();
        for (var i = 0; i < 3; i++)
            tasks.Add(await OpenAsync(office, "head"));
        using (var decided = await DecideAsync(office.Head, tasks[1], new { decision = "approve" }))
            Assert.Equal(HttpStatusCode.NoContent, decided.StatusCode);
        Assert.Equal([tasks[2], tasks[0]], await IdsAsync("state=open"));
        Assert.Equal([tasks[1]], await IdsAsync("state=decided"));
        var first = await office.Head.Tasks.GetFromJsonAsync<JsonElement>($"{Office.Tasks}?limit=2");
        Assert.Equal(["dueAt", "id", "kind", "letterId", "state", "subject"], first.GetProperty("items")[0].EnumerateObject().Select(member => member.Name).Order(StringComparer.Ordinal));
        Assert.Equal([tasks[0]], await IdsAsync($"limit=2&cursor={first.Text("next")}"));
        using var wrong = await office.Head.Tasks.GetAsync($"{Office.Tasks}?state=lost");
        Assert.Equal(["state"], await wrong.BadFieldsAsync());

        async Task<List<Guid>> IdsAsync(string query) => [.. (await office.Head.Tasks.GetFromJsonAsync<JsonElement>($"{Office.Tasks}?{query}"))
            .GetProperty("items").EnumerateArray().Select(item => item.GetProperty("id").GetGuid())];
    }

    [Fact]
    public async Task A_cancelled_task_cannot_be_decided_and_a_decided_one_not_cancelled()
    {
        var office = await mesh.OfficeAsync();
        var task = await OpenAsync(office, "head");
        using var service = await ServiceAsync(office);
        foreach (var _ in Enumerable.Range(0, 2))
        {
            using var cancelled = await service.PostAsync($"internal/tasks/{task}/cancel", null);
            Assert.Equal(HttpStatusCode.NoContent, cancelled.StatusCode);
        }
        using var late = await DecideAsync(office.Head, task, new { decision = "approve" });
        Assert.Equal(HttpStatusCode.Conflict, late.StatusCode);

        var other = await OpenAsync(office, "head");
        using var decided = await DecideAsync(office.Head, other, new { decision = "approve" });
        using var tooLate = await service.PostAsync($"internal/tasks/{other}/cancel", null);
        Assert.Equal(HttpStatusCode.Conflict, tooLate.StatusCode);
        using var unknown = await service.PostAsync($"internal/tasks/{Guid.NewGuid()}/cancel", null);
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
    }

    [Fact]
    public async Task Only_services_open_tasks_and_the_same_id_opens_one()
    {
        var office = await mesh.OfficeAsync();
        var request = Request(Guid.NewGuid(), "head");
        using var person = await office.Admin.Tasks.PostAsJsonAsync("internal/tasks", request);
        Assert.Equal(HttpStatusCode.Unauthorized, person.StatusCode);

        using var service = await ServiceAsync(office);
        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => service.PostAsJsonAsync("internal/tasks", request)));
        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode));
        using var taken = await service.PostAsJsonAsync("internal/tasks", Request((Guid)request["taskId"], "signatory"));
        Assert.Equal(HttpStatusCode.Conflict, taken.StatusCode);
    }

    private async Task<HttpClient> ServiceAsync(Office office) => mesh.Client("task", await mesh.ServiceTokenAsync("correspondence"), office.Slug);

    private async Task<Guid> OpenAsync(Office office, string assignee)
    {
        using var service = await ServiceAsync(office);
        var id = Guid.NewGuid();
        using var answer = await service.PostAsJsonAsync("internal/tasks", Request(id, assignee));
        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        return id;
    }

    private static Dictionary<string, object> Request(Guid id, string assignee) => new()
    {
        ["taskId"] = id,
        ["kind"] = "approve",
        ["letterId"] = Guid.NewGuid(),
        ["routingId"] = Guid.NewGuid(),
        ["step"] = 1,
        ["assignee"] = assignee,
        ["subject"] = "طلب",
        ["dueAt"] = DateTimeOffset.UtcNow.AddHours(1),
    };

    private static async Task<HttpResponseMessage> DecideAsync(Person person, Guid task, object decision, string? key = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{Office.Tasks}/{task}/decision") { Content = JsonContent.Create(decision) };
        if (key is not null)
            request.Headers.Add("Idempotency-Key", key);
        return await person.Tasks.SendAsync(request);
    }
}
