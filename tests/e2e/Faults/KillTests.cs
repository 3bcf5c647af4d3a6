using System.Net;
using Tarasol.Tests.E2e.Api;
using Tarasol.Tests.E2e.Gateway;
using Tarasol.Tests.E2e.Letters;
using Tarasol.Tests.Servers;

namespace Tarasol.Tests.E2e.Faults;

[Collection(nameof(SharedMesh))]
public sealed class KillTests(SharedMesh shared)
{
    private const int LettersPerKill = 5;
    private static readonly int LettersAtTheEnd = TestScale.Of(16, 8);
    private static readonly string[] Victims = ["sidecar", "numbering", "correspondence", "task", "audit", "identity", "tenant", "gateway"];

    [Fact]
    public async Task Nothing_is_lost_or_done_twice_when_each_process_in_turn_and_then_all_at_once_are_killed_under_work()
    {
        var mesh = shared.Mesh;
        var organisation = await Organisation.MakeAsync(mesh, "kills");
        var stream = new LetterStream(organisation);
        var clients = stream.RunAsync();

        foreach (var victim in Victims.Take(TestScale.Of(Victims.Length, 0)))
        {
            var (registered, decided) = (stream.Registered, stream.Decisions);
            stream.Add(LettersPerKill);
            // In the middle of the work: the first of these letters is there, the others are under way, and earlier ones are being decided.
            await UntilAsync(() => stream.Registered > registered && stream.Decisions >= decided);
            await mesh.KillAsync(victim);
            await SeeItDownAsync(organisation, victim);
            await mesh.WaitHealthyAsync();
        }

        // As when the power fails: some letters are decided, some wait, some are being registered.
        var before = (stream.Registered, stream.Decisions);
        stream.Add(LettersAtTheEnd);
        await UntilAsync(() => stream.Registered >= before.Registered + 5 && stream.Decisions >= before.Decisions + 3);
        await mesh.KillEverythingAsync();
        await mesh.RestartAsync();

        stream.Complete();
        await clients;
        await stream.CheckAsync();

        async Task UntilAsync(Func<bool> holds)
        {
            await mesh.UntilAsync(() => Task.FromResult(holds() || clients.IsCompleted), "the stream to go on");
            if (clients.IsFaulted)
                await clients;
        }
    }

    /// <summary>Behind the gateway a dead service is a known answer; without the gateway there is none.</summary>
    private static async Task SeeItDownAsync(Organisation organisation, string victim)
    {
        var service = victim == "sidecar" ? "directory" : victim;
        try
        {
            var answer = await organisation.Clerk.PostAsync($"/api/{service}/anything", new { });
            Assert.NotEqual("gateway", victim);
            var problem = answer.IsProblem(HttpStatusCode.ServiceUnavailable, "service-unavailable");
            Assert.Contains(service, problem.GetProperty("title").GetString(), StringComparison.Ordinal);
        }
        catch (HttpRequestException) when (victim == "gateway")
        {
            // As expected.
        }
    }
}
