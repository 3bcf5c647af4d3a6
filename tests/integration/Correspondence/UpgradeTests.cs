using Dapr.Workflow;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Tarasol.Correspondence.Routing;
using Tarasol.Tests.Integration.Mesh;

namespace Tarasol.Tests.Integration.Correspondence;

/// <summary>A new version of the routing's rules while letters are on their way.</summary>
[Trait("Scale", "large")]
public sealed class UpgradeTests(UpgradeMesh mesh) : IClassFixture<UpgradeMesh>
{
    private const int Letters = 50;

    [Fact]
    public async Task Letters_in_flight_finish_by_the_rules_that_they_started_under()
    {
        var office = await mesh.NewOfficeAsync();
        var inFlight = new List<Guid>();
        for (var number = 0; number < Letters; number++)
            inFlight.Add(await StartAsync(office));
        // Every second one is past its first desk when the new version comes.
        foreach (var letter in inFlight.Where((_, number) => number % 2 == 0))
            await Office.DecideAsync(office.Head, letter, "approve");

        mesh.Upgraded = true;
        await using (mesh.StartBeside("correspondence"))
        {
            // Both versions work now.
            var between = await StartAsync(office);
            await Office.DecideAsync(office.Signatory, inFlight[0], "reject", "not complete");
            await Office.DecideAsync(office.Head, inFlight[1], "reject", "not complete");
            await mesh.StopAsync("correspondence");
            await Office.DecideAsync(office.Head, between, "reject", "not complete");
            await Office.DecideAsync(office.Signatory, inFlight[2], "approve");
            await mesh.StartAsync("correspondence");
            inFlight.Add(between);
        }

        // By the old rules a rejection ends the circuit.
        await office.ReachedAsync(inFlight[0], "rejected");
        await office.ReachedAsync(inFlight[1], "rejected");
        Assert.DoesNotContain("step-approved", await office.KindsAsync(inFlight[1]));
        await office.ReachedAsync(inFlight[2], "approved");
        for (var number = 3; number < Letters; number++)
        {
            if (number % 2 == 0)
                await Office.DecideAsync(office.Signatory, inFlight[number], "approve");
            else
                await Office.DecideAsync(office.Head, inFlight[number], "reject", "not complete");
        }
        for (var number = 3; number < Letters; number++)
            await office.ReachedAsync(inFlight[number], number % 2 == 0 ? "approved" : "rejected");

        // By the new rules every desk is asked, and the last one decides. The one that was started between the two versions has finished by the rules of whoever began it.
        var fresh = await StartAsync(office);
        await Office.DecideAsync(office.Head, fresh, "reject", "not complete");
        await Office.DecideAsync(office.Signatory, fresh, "approve");
        await office.ReachedAsync(fresh, "approved");
        await FinishAsync(office, inFlight[Letters]);
    }

    private static async Task<Guid> StartAsync(Office office)
    {
        var letter = await office.RegisterAsync();
        await office.RouteAsync(letter, office.Head, office.Signatory);
        await Office.TaskAsync(office.Head, letter);
        return letter;
    }

    /// <summary>Rejected at its first desk: that was the end, or the second desk is asked too.</summary>
    private static async Task FinishAsync(Office office, Guid letter)
    {
        var kinds = await office.KindsAsync(letter);
        if (kinds.Contains("completed"))
        {
            await office.ReachedAsync(letter, "rejected");
            return;
        }
        await Office.DecideAsync(office.Signatory, letter, "approve");
        await office.ReachedAsync(letter, "approved");
    }
}

/// <summary>A mesh whose correspondence service can be started with another version of the routing's rules.</summary>
public sealed class UpgradeMesh() : TestMesh("directory", "numbering", "task", "correspondence")
{
    public bool Upgraded { get; set; }

    public async Task<Office> NewOfficeAsync() => await Office.OfAsync(await NewTenantAsync());

    protected override (string Type, (string Name, string Value)[] Metadata) PubSub => ("pubsub.sqlite", [("connectionString", "pubsub.db")]);

    protected override void Configure(string appId, IServiceCollection services)
    {
        if (appId != "correspondence" || !Upgraded)
            return;
        services.RemoveAll<WorkflowRuntimeOptions>();
        services.AddDaprWorkflow(options =>
        {
            options.RegisterWorkflow<NextRoutingWorkflow>(nameof(LetterRoutingWorkflow));
            options.RegisterActivity<OpenTask>();
            options.RegisterActivity<RecordDecision>();
            options.RegisterActivity<CompleteRouting>();
        });
    }

    /// <summary>The next version: a rejection no longer ends the circuit.</summary>
    private sealed class NextRoutingWorkflow : Workflow<LetterRoutingWorkflow.Input, string>
    {
        public override async Task<string> RunAsync(WorkflowContext context, LetterRoutingWorkflow.Input input)
        {
            var everyDesk = context.IsPatched("every-desk-is-asked");
            var decision = "";
            foreach (var step in input.Steps)
            {
                var due = new DateTimeOffset(DateTime.SpecifyKind(context.CurrentUtcDateTime, DateTimeKind.Utc)).AddHours(step.DueInHours);
                await context.CallActivityAsync(nameof(OpenTask), new OpenTask.Input(input.Tenant, input.RoutingId, step.Number, due));
                var decided = await context.WaitForExternalEventAsync<LetterRoutingWorkflow.Decided>(LetterRoutingWorkflow.EventOf(step.Number));
                await context.CallActivityAsync(nameof(RecordDecision), new RecordDecision.Input(input.Tenant, input.RoutingId, step.Number, decided));
                decision = decided.Decision;
                if (decision != "approve" && !everyDesk)
                    break;
            }
            await context.CallActivityAsync(nameof(CompleteRouting), new CompleteRouting.Input(input.Tenant, input.RoutingId));
            return decision;
        }
    }
}
