using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Tarasol.Tests.Integration.Correspondence;

[Collection(nameof(CorrespondenceMesh))]
public sealed class RoutingTests(CorrespondenceMesh mesh)
{
    [Theory]
    [InlineData("incoming", new[] { "registered", "numbered", "routed", "step-approved", "step-approved", "completed" })]
    [InlineData("outgoing", new[] { "registered", "routed", "step-approved", "step-approved", "numbered", "completed" })]
    public async Task A_letter_that_both_approve_is_approved_and_numbered(string direction, string[] kinds)
    {
        var office = await mesh.OfficeAsync();
        var id = await office.RegisterAsync(direction);
        var routing = await office.RouteAsync(id, office.Head, office.Signatory);
        await Office.DecideAsync(office.Head, id, "approve");
        await Office.DecideAsync(office.Signatory, id, "approve", "لا مانع");
        var letter = await office.ReachedAsync(id, "approved");
        Assert.False(string.IsNullOrEmpty(letter.Text("referenceNumber")));

        var timeline = await office.TimelineAsync(id);
        Assert.Equal(kinds, timeline.Select(entry => entry.Text("kind")));
        var steps = timeline.Where(entry => entry.Text("kind") == "step-approved").ToList();
        Assert.Equal(["head", "signatory"], steps.Select(step => step.Text("actor")));
        Assert.Equal([1, 2], steps.Select(step => step.GetProperty("step").GetInt32()));
        Assert.Equal("لا مانع", steps[1].Text("comment"));
        Assert.Equal("approved", timeline[^1].Text("outcome"));
        Assert.Equal(letter.Text("referenceNumber"), timeline.Single(entry => entry.Text("kind") == "numbered").Text("referenceNumber"));
        Assert.Equal(timeline.Select(entry => entry.GetProperty("at").GetDateTimeOffset()).Order(), timeline.Select(entry => entry.GetProperty("at").GetDateTimeOffset()));

        var done = await office.Clerk.Letters.GetFromJsonAsync<JsonElement>($"{Office.Letters}/{id}/routing/{routing}");
        Assert.Equal("done", done.Text("state"));
        Assert.Equal(["approve", "approve"], done.GetProperty("steps").EnumerateArray().Select(step => step.Text("decision")));
        using var late = await office.Clerk.Letters.PostAsJsonAsync($"{Office.Letters}/{id}/routing", Office.Steps(office.Head));
        Assert.Equal(HttpStatusCode.Conflict, late.StatusCode);
    }

    [Fact]
    public async Task A_rejection_ends_the_circuit_for_good()
    {
        var office = await mesh.OfficeAsync();
        var id = await office.RegisterAsync("outgoing");
        await office.RouteAsync(id, office.Head, office.Signatory);
        await Office.DecideAsync(office.Head, id, "reject", "Not ours.");
        var letter = await office.ReachedAsync(id, "rejected");
        Assert.Null(letter.Text("referenceNumber"));
        Assert.Equal(["registered", "routed", "step-rejected", "completed"], await office.KindsAsync(id));
        using var again = await office.Clerk.Letters.PostAsJsonAsync($"{Office.Letters}/{id}/routing", Office.Steps(office.Head));
        Assert.Equal(HttpStatusCode.Conflict, again.StatusCode);
        Assert.Equal("letter-final", (await again.JsonAsync()).Text("code"));
    }

    [Fact]
    public async Task A_returned_letter_is_routed_again()
    {
        var office = await mesh.OfficeAsync();
        var id = await office.RegisterAsync("internal");
        await office.RouteAsync(id, office.Head, office.Signatory);
        await Office.DecideAsync(office.Head, id, "approve");
        await Office.DecideAsync(office.Signatory, id, "return", "Add the annex.");
        await office.ReachedAsync(id, "returned");
        await office.RouteAsync(id, office.Signatory);
        await Office.DecideAsync(office.Signatory, id, "approve");
        await office.ReachedAsync(id, "approved");
        Assert.Equal(
            ["registered", "routed", "step-approved", "step-returned", "completed", "routed", "step-approved", "numbered", "completed"], await office.KindsAsync(id));
    }

    [Trait("Scale", "large")]
    [Fact]
    public async Task A_letter_has_one_routing_at_a_time_and_a_repeat_with_the_same_key_is_that_one()
    {
        var office = await mesh.OfficeAsync();
        var id = await office.RegisterAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => office.Clerk.Letters.PostAsJsonAsync($"{Office.Letters}/{id}/routing", Office.Steps(office.Head))));
        Assert.Equal(
            [HttpStatusCode.Accepted, HttpStatusCode.Conflict, HttpStatusCode.Conflict, HttpStatusCode.Conflict], answers.Select(answer => answer.StatusCode).Order());
        Assert.Equal(["registered", "numbered", "routed"], await office.KindsAsync(id));

        var other = await office.RegisterAsync();
        var key = Guid.NewGuid().ToString();
        var repeats = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => RouteAsync(other, key, Office.Steps(office.Head))));
        Assert.All(repeats, answer => Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode));
        Assert.Single((await Task.WhenAll(repeats.Select(answer => answer.JsonAsync()))).Select(body => body.Text("routingId")).Distinct());
        using var different = await RouteAsync(other, key, Office.Steps(office.Signatory));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, different.StatusCode);

        async Task<HttpResponseMessage> RouteAsync(Guid letter, string idempotencyKey, object steps)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, $"{Office.Letters}/{letter}/routing")
            {
                Content = JsonContent.Create(steps), Headers = { { "Idempotency-Key", idempotencyKey } },
            };
            return await office.Clerk.Letters.SendAsync(request);
        }
    }

    [Fact]
    public async Task A_letter_that_has_changed_is_not_routed_by_an_old_version()
    {
        var office = await mesh.OfficeAsync();
        var id = await office.RegisterAsync();
        using var outdated = new HttpRequestMessage(HttpMethod.Post, $"{Office.Letters}/{id}/routing")
        {
            Content = JsonContent.Create(Office.Steps(office.Head)), Headers = { { "If-Match", "\"1\"" } },
        };
        using var answer = await office.Clerk.Letters.SendAsync(outdated);
        Assert.Equal(HttpStatusCode.PreconditionFailed, answer.StatusCode);
    }

    public static TheoryData<string, string> BadSteps => new()
    {
        { "{}", "steps" },
        { """{"steps":[]}""", "steps" },
        { """{"steps":[{"kind":"sign","assignee":"head","dueInHours":1}]}""", "steps[0].kind" },
        { """{"steps":[{"kind":"approve","assignee":"head","dueInHours":1},{"kind":"approve","assignee":"nobody","dueInHours":1}]}""", "steps[1].assignee" },
        { """{"steps":[{"kind":"approve","assignee":"head","dueInHours":0}]}""", "steps[0].dueInHours" },
        { """{"steps":[{"kind":"approve","assignee":"head","dueInHours":8761}]}""", "steps[0].dueInHours" },
        { """{"steps":[{"kind":"approve","assignee":"head"}]}""", "steps[0].dueInHours" },
        { """{"steps":[{"kind":"approve","assignee":"head","dueInHours":1,"note":1}]}""", "steps[0].note" },
        { $$"""{"steps":[{{string.Join(',', Enumerable.Repeat("""{"kind":"approve","assignee":"head","dueInHours":1}""", 21))}}]}""", "steps" },
    };

    [Theory]
    [MemberData(nameof(BadSteps))]
    public async Task Bad_steps_are_named(string body, string field)
    {
        var office = await mesh.OfficeAsync();
        var id = await office.RegisterAsync("internal");
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using var answer = await office.Clerk.Letters.PostAsync($"{Office.Letters}/{id}/routing", content);
        Assert.Equal([field], await answer.BadFieldsAsync());
        Assert.Equal(["registered"], await office.KindsAsync(id));
    }

    [Fact]
    public async Task Nobody_is_asked_about_a_letter_above_their_clearance()
    {
        var office = await mesh.OfficeAsync();
        using var made = await office.Admin.Letters.PostAsJsonAsync(Office.Letters, office.Letter(confidentiality: "top-secret"));
        var id = (await made.JsonAsync()).GetProperty("id").GetGuid();
        using var answer = await office.Admin.Letters.PostAsJsonAsync($"{Office.Letters}/{id}/routing", Office.Steps(office.Head, office.Signatory));
        Assert.Equal(["steps[1].assignee"], await answer.BadFieldsAsync());
        using var unknown = await office.Admin.Letters.PostAsJsonAsync($"{Office.Letters}/{Guid.NewGuid()}/routing", Office.Steps(office.Head));
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
    }
}
