using System.ComponentModel.DataAnnotations;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.ServiceDefaults.Requests;
using Tarasol.Tasks.Data;

namespace Tarasol.Tasks.WorkItems;

/// <summary>POST /api/task/decisions: several tasks at once, each decided by itself: one that is refused does not hold up the others. With the same Idempotency-Key nothing is decided twice.</summary>
public static class DecideManyWorkItems
{
    public sealed record Item(Guid TaskId, Decision Decision, [MaxLength(4000)] string? Comment = null, [MaxLength(60)] string? ReturnTo = null);

    public sealed record Request([MinLength(1), MaxLength(100)] IReadOnlyList<Item> Items) : IValidated
    {
        public void Validate(Errors errors)
        {
            foreach (var (index, item) in Items.Index())
            {
                var wrong = new Errors();
                new DecideWorkItem.Request(item.Decision, item.Comment, item.ReturnTo).Validate(wrong);
                wrong.CopyTo(errors, $"items[{index}].");
            }
        }
    }

    /// <param name="TaskId">Which.</param>
    /// <param name="Status">204 when it is decided, else the status that a single decision would have been answered with.</param>
    /// <param name="Code">Why not.</param>
    /// <param name="Title">The same for people.</param>
    public sealed record Result(Guid TaskId, int Status, string? Code, string? Title);

    public sealed record Response(IReadOnlyList<Result> Results);

    public static async Task<Ok<Response>> HandleAsync(
        Body<Request> body, IdempotencyKey key, ClaimsPrincipal user, MakeDecision decision, TasksDbContext db, CancellationToken cancel)
    {
        var results = new List<Result>();
        foreach (var item in body.Value.Items)
        {
            var refusal = await decision.RunAsync(item.TaskId, new(item.Decision, item.Comment, item.ReturnTo), user.UserName(), key, cancel);
            results.Add(new(item.TaskId, refusal?.Details.Status ?? StatusCodes.Status204NoContent, refusal?.Details.Extensions["code"] as string, refusal?.Details.Title));
            db.ChangeTracker.Clear();
        }
        return TypedResults.Ok(new Response(results));
    }
}
