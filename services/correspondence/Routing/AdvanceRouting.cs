using Dapr.Workflow;
using Microsoft.EntityFrameworkCore;
using Tarasol.Contracts.Correspondence;
using Tarasol.Correspondence.Calls;
using Tarasol.Correspondence.Circuits;
using Tarasol.Correspondence.Data;
using Tarasol.Correspondence.Letters;
using Tarasol.Messaging;
using Tarasol.ServiceDefaults.Requests;
using Tarasol.Tenancy;

namespace Tarasol.Correspondence.Routing;

/// <summary>
/// Activity: takes a routing as far as it can go without a further decision. Each thing that is to be done is committed first and done then, so that a repeat after a crash
/// finishes what was begun and asks nobody twice.
/// </summary>
public sealed class AdvanceRouting(TenantScopes tenants, TimeProvider time) : WorkflowActivity<CircuitWorkflow.Input, string>
{
    /// <summary>Answer: a decision is needed.</summary>
    public const string Waits = "waits";

    public override Task<string> RunAsync(WorkflowActivityContext context, CircuitWorkflow.Input input) => tenants.RunAsync(input.Tenant, async services =>
    {
        var db = services.GetRequiredService<CorrespondenceDbContext>();
        var routing = await db.Routings.Include(row => row.Steps).FirstAsync(row => row.Id == input.RoutingId);
        var letter = await db.Letters.FirstAsync(row => row.Id == routing.LetterId);
        var plan = CircuitPlan.Read(routing.Plan!);
        while (routing.State is RoutingState.Starting or RoutingState.Running)
        {
            await FollowUpAsync(services, routing, letter, plan);
            switch (CircuitProgress.Of(plan.Steps, LetterFacts.Of(letter), routing.Steps))
            {
                case CircuitProgress.Wait:
                    return Waits;
                case CircuitProgress.Open open:
                    Drop(routing);
                    db.AddRange(await AskAsync(services, routing, letter, plan, open));
                    routing.Version++;
                    await db.SaveChangesAsync();
                    break;
                case CircuitProgress.Finish when Drop(routing):
                    routing.Version++;
                    await db.SaveChangesAsync();
                    break;
                case CircuitProgress.Finish finish:
                    await FinishAsync(services, routing, letter, finish.Outcome);
                    break;
            }
        }
        return routing.Outcome is { } outcome ? WireEnum.Name(outcome) : WireEnum.Name(routing.State);
    }, CancellationToken.None);

    private static async Task FollowUpAsync(IServiceProvider services, LetterRouting routing, Letter letter, CircuitPlan plan)
    {
        var items = services.GetRequiredService<WorkItems>();
        var unfinished = routing.Steps.Where(step => step.State is StepState.Opening or StepState.Cancelling).ToList();
        foreach (var step in unfinished)
        {
            var id = OpenTask.TaskId(routing.Id, step.Number);
            if (step.State == StepState.Cancelling)
            {
                await items.CancelAsync(id, CancellationToken.None);
                step.State = StepState.Cancelled;
                continue;
            }
            var due = services.GetRequiredService<TimeProvider>().GetUtcNow().AddHours(step.DueInHours);
            await items.OpenAsync(
                new(id, WireEnum.Name(step.Kind), routing.LetterId, routing.Id, step.Number, step.Assignee, letter.Subject, due)
                {
                    UnitId = step.UnitId,
                    Role = step.Role,
                    HeadOfUnitId = step.HeadOf,
                    AskedBy = routing.RoutedBy,
                    DueInDays = step.DueInDays,
                    Confidentiality = (int)letter.Confidentiality,
                    Urgency = WireEnum.Name(letter.Urgency),
                    LetterUnitId = letter.OwnerUnitId,
                    LetterUnitCode = letter.OwnerUnitCode,
                    LetterType = letter.LetterType,
                    CanReturn = step.Kind is StepKind.Approve or StepKind.Sign or StepKind.Act && !CircuitProgress.IsSigned(routing.Steps),
                    ReturnTo = CircuitProgress.ReturnTargets(plan.Steps, step.CircuitStep!.Value, routing.Steps),
                },
                CancellationToken.None);
            step.State = StepState.Open;
        }
        if (unfinished.Count == 0)
            return;
        routing.Version++;
        var db = services.GetRequiredService<CorrespondenceDbContext>();
        try
        {
            await db.SaveChangesAsync();
        }
        catch (DbUpdateConcurrencyException)
        {
            // Interrupted at this very moment: whoever cleared up may have come too early for what was opened here.
            if (await db.Routings.AsNoTracking().AnyAsync(row => row.Id == routing.Id && (row.State == RoutingState.Interrupting || row.State == RoutingState.Interrupted)))
            {
                foreach (var step in unfinished)
                    await items.CancelAsync(OpenTask.TaskId(routing.Id, step.Number), CancellationToken.None);
            }
            throw;
        }
    }

    // Nobody waits for the others of a step that is over. Who was only to be informed still is.
    private static bool Drop(LetterRouting routing)
    {
        var open = routing.Steps.Where(step => step.State == StepState.Open && step.Kind != StepKind.Inform).ToList();
        open.ForEach(step => step.State = StepState.Cancelling);
        return open.Count > 0;
    }

    private static async Task<List<RoutingStep>> AskAsync(IServiceProvider services, LetterRouting routing, Letter letter, CircuitPlan plan, CircuitProgress.Open open)
    {
        var assignees = services.GetRequiredService<Assignees>();
        var asked = new List<RoutingStep>();
        foreach (var item in plan.Steps[open.Step].Items)
        {
            var found = await assignees.FindAsync(item.Assignee, letter, routing, plan, CancellationToken.None);
            asked.Add(new()
            {
                RoutingId = routing.Id,
                Number = routing.Steps.Count + asked.Count + 1,
                Kind = item.Kind,
                Assignee = found.UserName ?? "",
                UnitId = found.UnitId,
                Role = found.Role,
                HeadOf = found.HeadOf,
                DueInHours = item.DueInHours,
                DueInDays = item.DueInDays,
                CircuitStep = open.Step,
                Round = open.Round,
                State = StepState.Opening,
            });
        }
        return asked;
    }

    private Task FinishAsync(IServiceProvider services, LetterRouting routing, Letter letter, LetterStatus outcome)
    {
        var actor = routing.Steps.Where(step => step.Decision is not null && step.Kind != StepKind.Inform).MaxBy(step => step.DecidedAt)?.DecidedBy ?? routing.RoutedBy;
        return EndRouting.ApplyAsync(services, routing, letter, outcome, actor, time.GetUtcNow());
    }
}
