using Dapr.Workflow;
using Microsoft.EntityFrameworkCore;
using Tarasol.Correspondence.Data;
using Tarasol.Correspondence.Letters;
using Tarasol.Tenancy;

namespace Tarasol.Correspondence.Routing;

/// <summary>
/// Activity: ends a routing by its last decision. Harmless when repeated: a routing is done once.
/// </summary>
public sealed class CompleteRouting(TenantScopes tenants, TimeProvider time) : WorkflowActivity<CompleteRouting.Input, object?>
{
    public sealed record Input(string Tenant, Guid RoutingId);

    public override Task<object?> RunAsync(WorkflowActivityContext context, Input input) => tenants.RunAsync<object?>(input.Tenant, async services =>
    {
        var db = services.GetRequiredService<CorrespondenceDbContext>();
        var routing = await db.Routings.Include(row => row.Steps).FirstAsync(row => row.Id == input.RoutingId);
        if (routing.State == RoutingState.Done)
            return null;

        var letter = await db.Letters.FirstAsync(row => row.Id == routing.LetterId);
        var last = routing.Steps.Where(step => step.Decision is not null).MaxBy(step => step.Number)!;
        await EndRouting.ApplyAsync(services, routing, letter, OutcomeOf(last.Decision!.Value), last.DecidedBy!, time.GetUtcNow());
        return null;
    }, CancellationToken.None);

    public static LetterStatus OutcomeOf(Decision decision) => decision switch
    {
        Decision.Approve => LetterStatus.Approved,
        Decision.Reject => LetterStatus.Rejected,
        _ => LetterStatus.Returned,
    };
}
