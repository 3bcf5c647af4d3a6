using System.Net;
using Tarasol.Tests.E2e.Gateway;
using Tarasol.Tests.E2e.Letters;
using Tarasol.Tests.Servers;

namespace Tarasol.Tests.E2e.Api;

[Collection(nameof(SharedMesh))]
public sealed class TenantsTests(SharedMesh shared)
{
    [Fact]
    public async Task Two_tenants_at_once_see_nothing_of_one_another()
    {
        var organisations = await Task.WhenAll(Organisation.MakeAsync(shared.Mesh, "north"), Organisation.MakeAsync(shared.Mesh, "south"));
        var streams = organisations.Select(each => new LetterStream(each)).ToList();
        foreach (var stream in streams)
        {
            stream.Add(TestScale.Of(14, 5));
            stream.Complete();
        }

        await Task.WhenAll(streams.Select(stream => stream.RunAsync()));

        // Each has exactly its own letters, numbers from 1 and events.
        foreach (var stream in streams)
            await stream.CheckAsync();
        Assert.Empty(streams[0].Ids.Intersect(streams[1].Ids));
        await CannotSeeAsync(organisations[0], organisations[1], streams[1].Ids);
        await CannotSeeAsync(organisations[1], organisations[0], streams[0].Ids);
    }

    private static async Task CannotSeeAsync(Organisation own, Organisation other, IReadOnlyCollection<string> letters)
    {
        var users = (await own.Admin.ListAsync("/api/identity/users")).Select(user => user.GetProperty("id").GetString()!).ToList();
        Assert.Equal(own.UserIds.Order(), users.Where(id => own.UserIds.Contains(id)).Order());
        Assert.Equal(own.UserIds.Count + 1, users.Count);
        Assert.Equal(own.UnitId, (await own.Admin.ListAsync("/api/directory/units")).Single().GetProperty("id").GetString());
        (await own.Admin.GetAsync($"/api/identity/users/{other.UserIds[0]}")).IsProblem(HttpStatusCode.NotFound, "not-found");
        (await own.Admin.GetAsync($"/api/directory/units/{other.UnitId}")).IsProblem(HttpStatusCode.NotFound, "not-found");
        var foreign = letters.First();
        (await own.Clerk.GetAsync($"/api/correspondence/letters/{foreign}")).IsProblem(HttpStatusCode.NotFound, "not-found");
        (await own.Clerk.GetAsync($"/api/correspondence/letters/{foreign}/timeline")).IsProblem(HttpStatusCode.NotFound, "not-found");
        (await own.Clerk.PostAsync($"/api/correspondence/letters/{foreign}/routing", Organisation.Steps(own.Head))).IsProblem(HttpStatusCode.NotFound, "not-found");
        var problem = (await own.Clerk.PostAsync("/api/correspondence/letters", other.Letter())).IsProblem(HttpStatusCode.BadRequest, "invalid-request");
        Assert.True(problem.GetProperty("errors").TryGetProperty("ownerUnitId", out _));
        var task = (await other.Head.ListAsync("/api/task/tasks"))[0].GetProperty("id").GetString();
        (await own.Head.GetAsync($"/api/task/tasks/{task}")).IsProblem(HttpStatusCode.NotFound, "not-found");
        (await own.Head.PostAsync($"/api/task/tasks/{task}/decision", new { decision = "approve" })).IsProblem(HttpStatusCode.NotFound, "not-found");
        Assert.Empty((await own.Auditor.GetAsync($"/api/audit/events?subject={foreign}")).Is(HttpStatusCode.OK).Items);
        (await own.Admin.GetAsync($"/api/tenant/tenants/{other.Slug}")).IsProblem(HttpStatusCode.Forbidden, "forbidden");
        (await Person.SignInAsync(own.Mesh.Gateway, own.Slug, other.Admin.UserName, "Another-2026")).Is(HttpStatusCode.BadRequest);
    }
}
