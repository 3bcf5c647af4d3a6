using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Tarasol.Correspondence.Data;
using Tarasol.Correspondence.Letters;
using Tarasol.Correspondence.Routing;
using Tarasol.Tenancy;

namespace Tarasol.Tests.Integration.Correspondence;

/// <summary>What was accepted is finished, whatever stops in between.</summary>
[Collection(nameof(CorrespondenceMesh))]
[Trait("Scale", "large")]
public sealed class CrashTests(CorrespondenceMesh mesh)
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_letter_without_its_number_gets_it_later_and_no_number_is_skipped(bool restart)
    {
        var office = await mesh.NewOfficeAsync();
        await mesh.StopAsync("numbering");
        var key = Guid.NewGuid().ToString();
        using var kept = await PostAsync(office, key);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, kept.StatusCode);
        Assert.Equal("number-later", (await kept.JsonAsync()).Text("code"));
        Assert.Empty(await ItemsAsync(office));
        if (restart)
            await mesh.StopAsync("correspondence");
        await mesh.StartAsync("numbering");
        if (restart)
            await mesh.StartAsync("correspondence");

        await Mesh.TestMesh.EventuallyAsync("the letter to be registered", async () => (await ItemsAsync(office)).Count == 1);
        var letter = (await ItemsAsync(office))[0];
        using var again = await PostAsync(office, key);
        Assert.Equal(HttpStatusCode.Created, again.StatusCode);
        Assert.Equal(letter.Text("id"), (await again.JsonAsync()).Text("id"));
        Assert.Equal(letter.Text("referenceNumber"), (await again.JsonAsync()).Text("referenceNumber"));
        Assert.Equal(["registered", "numbered"], await office.KindsAsync(letter.GetProperty("id").GetGuid()));

        using var next = await PostAsync(office, Guid.NewGuid().ToString());
        Assert.Equal([1, 2], new[] { letter, await next.JsonAsync() }.Select(each => Sequence(each.Text("referenceNumber")!)));
    }

    [Fact]
    public async Task A_routing_that_was_committed_but_not_started_is_started_once()
    {
        var office = await mesh.OfficeAsync();
        var lost = await office.RegisterAsync("internal");
        var started = await office.RegisterAsync("internal");
        var routing = await office.RouteAsync(started, office.Head);
        await Office.TaskAsync(office.Head, started);
        await mesh.Services("correspondence").GetRequiredService<TenantScopes>().RunAsync(office.Slug, async services =>
        {
            var db = services.GetRequiredService<CorrespondenceDbContext>();
            // Died after scheduling, before noting it.
            await db.Routings.Where(row => row.Id == routing).ExecuteUpdateAsync(set => set.SetProperty(row => row.State, RoutingState.Starting));
            // Died after the commit.
            var letter = await db.Letters.FirstAsync(row => row.Id == lost);
            letter.Status = LetterStatus.InRouting;
            db.Add(letter.Record(TimelineKind.Routed, "clerk", DateTimeOffset.UtcNow));
            var id = Guid.CreateVersion7();
            db.Add(new LetterRouting
            {
                Id = id, LetterId = lost, State = RoutingState.Starting, RoutedBy = "clerk", RoutedAt = DateTimeOffset.UtcNow,
                Steps = { new() { RoutingId = id, Number = 1, Kind = StepKind.Approve, Assignee = "head", DueInHours = 1 } },
            });
            await db.SaveChangesAsync();
        }, CancellationToken.None);
        await mesh.StopAsync("correspondence");
        await mesh.StartAsync("correspondence");

        await Office.DecideAsync(office.Head, lost, "approve");
        await Office.DecideAsync(office.Head, started, "approve");
        await office.ReachedAsync(lost, "approved");
        await office.ReachedAsync(started, "approved");
        Assert.Equal(["registered", "routed", "step-approved", "numbered", "completed"], await office.KindsAsync(started));
    }

    [Fact]
    public async Task A_routing_waits_for_services_that_are_away()
    {
        var office = await mesh.OfficeAsync();
        var id = await office.RegisterAsync("outgoing");
        await mesh.StopAsync("task");
        await office.RouteAsync(id, office.Head);
        await mesh.StartAsync("task");
        var task = await Office.TaskAsync(office.Head, id);
        await mesh.StopAsync("numbering");
        await mesh.StopAsync("correspondence");
        using (var decided = await office.Head.Tasks.PostAsJsonAsync($"{Office.Tasks}/{task}/decision", new { decision = "approve" }))
            Assert.Equal(HttpStatusCode.NoContent, decided.StatusCode);
        await mesh.StartAsync("correspondence");
        await mesh.StartAsync("numbering");
        await office.ReachedAsync(id, "approved");
        Assert.Equal(["registered", "routed", "step-approved", "numbered", "completed"], await office.KindsAsync(id));
    }

    private static async Task<HttpResponseMessage> PostAsync(Office office, string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Office.Letters) { Content = JsonContent.Create(office.Letter()), Headers = { { "Idempotency-Key", key } } };
        return await office.Clerk.Letters.SendAsync(request);
    }

    private static async Task<List<JsonElement>> ItemsAsync(Office office) =>
        [.. (await office.Clerk.Letters.GetFromJsonAsync<JsonElement>(Office.Letters)).GetProperty("items").EnumerateArray()];

    private static int Sequence(string number) => int.Parse(number.Split('/', '-')[^1], System.Globalization.CultureInfo.InvariantCulture);
}
