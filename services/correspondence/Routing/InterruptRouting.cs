using System.ComponentModel.DataAnnotations;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.Contracts.Correspondence;
using Tarasol.Correspondence.Data;
using Tarasol.Correspondence.Letters;
using Tarasol.Messaging;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.ServiceDefaults.Requests;
using Tarasol.Tenancy;
using Tarasol.Tenancy.Sweeps;

namespace Tarasol.Correspondence.Routing;

/// <summary>
/// POST /api/correspondence/letters/{id}/routing/{routingId}/interrupt: stops a letter on its way and sets it back to registered, so that it can be routed anew. Whoever was asked is not
/// asked any more: <see cref="ClearInterrupted"/> cancels the work items and ends the workflow. To repeat it is harmless.
/// </summary>
public static class InterruptRouting
{
    public static readonly Problem NotUnderWay = new("routing-not-under-way", 409, new("This routing is not under way any more.", "هذه الإحالة لم تعد جارية."));

    public sealed record Request([Required, MaxLength(4000)] string Reason);

    public static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(
        Guid id, Guid routingId, Body<Request> body, ClaimsPrincipal user, VisibleLetters visible, CorrespondenceDbContext db, IOutbox outbox,
        SweepSignal<ClearInterrupted> clear, CurrentTenant tenant, TimeProvider time, CancellationToken cancel)
    {
        if (await (await visible.ForAsync(user, Permissions.RouteLetter, cancel)).FirstOrDefaultAsync(row => row.Id == id, cancel) is not { } letter
            || await db.Routings.Include(row => row.Steps).FirstOrDefaultAsync(row => row.Id == routingId && row.LetterId == id, cancel) is not { } routing)
            return CommonProblems.NotFound.Result();
        if (routing.State is RoutingState.Interrupting or RoutingState.Interrupted)
            return TypedResults.NoContent();
        if (routing.State == RoutingState.Done)
            return NotUnderWay.Result();

        var now = time.GetUtcNow();
        routing.State = RoutingState.Interrupting;
        routing.CompletedAt = now;
        routing.Version++;
        foreach (var step in routing.Steps.Where(step => step.State is StepState.Opening or StepState.Open))
            step.State = StepState.Cancelling;
        letter.Status = LetterStatus.Registered;
        var entry = letter.Record(TimelineKind.RoutingInterrupted, user.UserName(), now);
        entry.RoutingId = routing.Id;
        entry.Comment = body.Value.Reason;
        db.Add(entry);
        outbox.Add(new RoutingInterrupted(letter.Id, routing.Id, user.UserName(), body.Value.Reason, now));
        await db.SaveChangesAsync(cancel);
        clear.Set(tenant.Slug);
        return TypedResults.NoContent();
    }
}
