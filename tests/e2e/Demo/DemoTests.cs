using System.Net;
using Tarasol.Tests.E2e.Api;
using Tarasol.Tests.E2e.Gateway;
using Tarasol.Tests.E2e.Letters;

namespace Tarasol.Tests.E2e.Demo;

[Collection(nameof(SharedMesh))]
[Trait("Scale", "large")]
public sealed class DemoTests(SharedMesh shared)
{
    [Fact]
    public async Task The_demo_tells_a_whole_day_again_and_again_and_a_second_up_finds_everything_as_it_was()
    {
        var mesh = shared.Mesh;
        await RunDemoAsync(mesh, "en", "60 letters, ", "recalled from ", " is void: ", " supersedes ", " is overdue with ", " on behalf of ", "and its chain verifies", "the register proves it");
        var organisation = await Organisation.MakeAsync(mesh, "again");
        var stream = new LetterStream(organisation);
        stream.Add(4);
        stream.Complete();
        await stream.RunAsync();
        await stream.CheckAsync();
        var open = (await organisation.Clerk.PostAsync("/api/correspondence/letters", organisation.Letter())).Is(HttpStatusCode.Created).Json.GetProperty("id").GetString();
        (await organisation.Clerk.PostAsync($"/api/correspondence/letters/{open}/routing", Organisation.Steps(organisation.Head))).Is(HttpStatusCode.Accepted);
        await mesh.UntilAsync(async () => (await organisation.Head.GetAsync("/api/task/tasks?state=open")).Items.Count == 1 && MeshData.Queues(mesh.DataPath) == 0, "the open task");
        var before = await SnapshotAsync(organisation);

        Assert.Equal(0, await mesh.StopAsync());
        await mesh.WaitGoneAsync();
        await mesh.RestartAsync();

        Assert.Equal(before, await SnapshotAsync(organisation));
        var task = (await organisation.Head.GetAsync("/api/task/tasks?state=open")).Items.Single().GetProperty("id").GetString();
        (await organisation.Head.PostAsync($"/api/task/tasks/{task}/decision", new { decision = "approve", comment = "ok" })).Is(HttpStatusCode.NoContent);
        await mesh.UntilAsync(async () => (await organisation.Clerk.GetAsync($"/api/correspondence/letters/{open}")).Json.GetProperty("status").GetString() == "approved", "the open routing to go on");
        await RunDemoAsync(mesh, "ar", "60 خطابا و", "سُحبت الإحالة من ", " ملغى: ", " يحل محل ", " متأخر لدى ", " نيابة عن ", "وسلسلته سليمة", "والسجل يثبت ذلك");
    }

    private static async Task RunDemoAsync(MeshProcess mesh, string language, params string[] told)
    {
        var (exitCode, output) = await MeshProcess.RunAsync("demo", "--port", $"{mesh.Port}", "--data", mesh.DataPath, "--language", language);
        Assert.True(exitCode == 0, output);
        Assert.All(told, text => Assert.Contains(text, output, StringComparison.Ordinal));
    }

    /// <summary>Everything that the API shows of a tenant.</summary>
    private static async Task<IReadOnlyList<string>> SnapshotAsync(Organisation organisation)
    {
        var all = new List<string>();
        var letters = await organisation.Clerk.ListAsync("/api/correspondence/letters");
        foreach (var id in letters.Select(letter => letter.GetProperty("id").GetString()))
        {
            all.Add((await organisation.Clerk.GetAsync($"/api/correspondence/letters/{id}")).Is(HttpStatusCode.OK).Text);
            all.Add((await organisation.Clerk.GetAsync($"/api/correspondence/letters/{id}/timeline")).Is(HttpStatusCode.OK).Text);
        }

        foreach (var approver in new[] { organisation.Head, organisation.Signatory })
            all.AddRange((await approver.ListAsync("/api/task/tasks")).Select(task => task.GetRawText()));
        all.AddRange((await organisation.Auditor.ListAsync("/api/audit/events")).Select(entry => entry.GetRawText()));
        all.AddRange((await organisation.Admin.ListAsync("/api/identity/users")).Select(user => user.GetRawText()));
        all.AddRange((await organisation.Admin.ListAsync("/api/directory/units")).Select(unit => unit.GetRawText()));
        all.AddRange((await Organisation.Operator(organisation.Mesh).ListAsync("/api/tenant/tenants")).Select(tenant => tenant.GetRawText()));
        var verdict = (await organisation.Auditor.GetAsync("/api/audit/verify")).Is(HttpStatusCode.OK);
        Assert.True(verdict.Json.GetProperty("verified").GetBoolean());
        all.Add(verdict.Text);
        return all;
    }
}
