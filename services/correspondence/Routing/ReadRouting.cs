using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.Correspondence.Data;
using Tarasol.Correspondence.Letters;
using Tarasol.ServiceDefaults.Problems;

namespace Tarasol.Correspondence.Routing;

/// <summary>GET /api/correspondence/letters/{id}/routing/{routingId}: how far a routing has come.</summary>
public static class ReadRouting
{
    public sealed record StepView(
        int Step, StepKind Kind, string Assignee, int DueInHours, Decision? Decision, string? DecidedBy, DateTimeOffset? DecidedAt, string? Comment,
        StepState? State, string? StepKey, int? Round, Guid? UnitId, string? OnBehalfOf, string? ReturnTo);

    public sealed record Response(
        Guid RoutingId, Guid LetterId, RoutingState State, LetterStatus? Outcome, string RoutedBy, DateTimeOffset RoutedAt, DateTimeOffset? CompletedAt, IReadOnlyList<StepView> Steps,
        string? Circuit, int? CircuitVersion);

    public static async Task<Results<Ok<Response>, ProblemHttpResult>> HandleAsync(
        Guid id, Guid routingId, ClaimsPrincipal user, VisibleLetters visible, CorrespondenceDbContext db, CancellationToken cancel)
    {
        if (!await (await visible.ForAsync(user, Permissions.ReadLetters, cancel)).AnyAsync(letter => letter.Id == id, cancel)
            || await db.Routings.AsNoTracking().Include(row => row.Steps).FirstOrDefaultAsync(row => row.Id == routingId && row.LetterId == id, cancel) is not { } routing)
            return CommonProblems.NotFound.Result();
        var plan = routing.Plan is { } kept ? CircuitPlan.Read(kept) : null;
        return TypedResults.Ok(new Response(
            routing.Id, routing.LetterId, routing.State, routing.Outcome, routing.RoutedBy, routing.RoutedAt, routing.CompletedAt,
            [.. routing.Steps.OrderBy(step => step.Number).Select(step => new StepView(
                step.Number, step.Kind, step.Assignee, step.DueInHours, step.Decision, step.DecidedBy, step.DecidedAt, step.Comment,
                step.State, step.CircuitStep is { } place ? plan?.Steps[place].Key : null, step.Round, step.UnitId, step.OnBehalfOf, step.ReturnTo))],
            routing.CircuitCode, routing.CircuitVersion));
    }
}
