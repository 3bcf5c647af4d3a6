using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.Tasks.Data;

namespace Tarasol.Tasks.WorkItems;

/// <summary>GET /api/task/tasks/{id}: one of the caller's own tasks, with what can be decided and what colleagues were asked.</summary>
public static class ReadWorkItem
{
    public sealed record Opinion(Guid Id, string Colleague, string Question, WorkItemState State, string? Answer, DateTimeOffset AskedAt, DateTimeOffset? AnsweredAt);

    public sealed record Response(
        Guid Id, WorkItemKind Kind, Guid LetterId, Guid RoutingId, int Step, string Subject, DateTimeOffset OpenedAt, DateTimeOffset DueAt, WorkItemState State,
        Decision? Decision, string? Comment, DateTimeOffset? DecidedAt, Urgency Urgency, string? OnBehalfOf, Guid? UnitId, string? Question, string? AskedBy,
        IReadOnlyList<Decision> Allowed, IReadOnlyList<string> ReturnTo, IReadOnlyList<Opinion> Opinions);

    public static async Task<Results<Ok<Response>, ProblemHttpResult>> HandleAsync(Guid id, ClaimsPrincipal user, TasksDbContext db, CancellationToken cancel)
    {
        var me = user.UserName();
        if (await db.WorkItems.AsNoTracking().FirstOrDefaultAsync(row => row.Id == id && row.Assignee == me, cancel) is not { } item)
            return CommonProblems.NotFound.Result();
        var opinions = await db.WorkItems.AsNoTracking().Where(row => row.ParentId == id).OrderBy(row => row.Position).ToListAsync(cancel);
        return TypedResults.Ok(new Response(
            item.Id, item.Kind, item.LetterId, item.RoutingId, item.Step, item.Subject, item.OpenedAt, item.DueAt, item.State,
            item.Decision, item.Comment, item.DecidedAt, item.Urgency, item.OnBehalfOf, item.UnitId, item.Question, item.AskedBy,
            item.State == WorkItemState.Open ? AllowedDecisions.Of(item) : [], item.ReturnKeys,
            [.. opinions.Select(each => new Opinion(each.Id, each.Assignee, each.Question!, each.State, each.Comment, each.OpenedAt, each.DecidedAt))]));
    }
}
