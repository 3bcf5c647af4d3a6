using System.ComponentModel.DataAnnotations;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.ServiceDefaults.Requests;

namespace Tarasol.Tasks.WorkItems;

/// <summary>POST /api/task/tasks/{id}/decision: the assignee decides, once. Others do not see the task.</summary>
public static class DecideWorkItem
{
    public static readonly Problem NotOpen = new("task-not-open", 409, new("This task is not open any more.", "هذه المهمة لم تعد مفتوحة."));

    private static readonly Text CommentNeeded = new("is required to reject, return or comment", "مطلوب عند الرفض أو الإعادة أو التعليق");

    /// <param name="Decision">One that the task's kind allows.</param>
    /// <param name="Comment">Why; or what there is to say.</param>
    /// <param name="ReturnTo">Of a return: key of the step that the letter is returned to; without it its author.</param>
    public sealed record Request(Decision Decision, [MaxLength(4000)] string? Comment = null, [MaxLength(60)] string? ReturnTo = null) : IValidated
    {
        public void Validate(Errors errors)
        {
            if (Decision is Decision.Reject or Decision.Return or Decision.Comment && string.IsNullOrWhiteSpace(Comment))
                errors.Add("comment", CommentNeeded);
        }
    }

    public static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(
        Guid id, Body<Request> body, IdempotencyKey key, ClaimsPrincipal user, MakeDecision decision, CancellationToken cancel) =>
        await decision.RunAsync(id, body.Value, user.UserName(), key, cancel) is { } refusal ? TypedResults.Problem(refusal.Details) : TypedResults.NoContent();
}
