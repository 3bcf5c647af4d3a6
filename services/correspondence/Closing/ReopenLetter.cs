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

namespace Tarasol.Correspondence.Closing;

/// <summary>POST /api/correspondence/letters/{id}/reopen: a closed letter is again what it was before, for a reason. Only a closed one: what was rejected stays rejected.</summary>
public static class ReopenLetter
{
    public static readonly Problem NotClosed = new("letter-not-closed", 409, new("Only a closed letter can be reopened; this one is {0}.", "لا يعاد فتح إلا خطاب مغلق؛ حالة هذا الخطاب {0}."));

    public sealed record Request([Required, MaxLength(4000)] string Reason);

    public static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(
        Guid id, Body<Request> body, ClaimsPrincipal user, VisibleLetters visible, CorrespondenceDbContext db, IOutbox outbox, TimeProvider time, CancellationToken cancel)
    {
        if (await (await visible.ForAsync(user, Permissions.CloseLetter, cancel)).FirstOrDefaultAsync(row => row.Id == id, cancel) is not { } letter)
            return CommonProblems.NotFound.Result();
        if (letter.Status != LetterStatus.Closed)
            return NotClosed.Result(WireEnum.Name(letter.Status));
        var now = time.GetUtcNow();
        letter.Status = letter.ClosedFrom!.Value;
        letter.ClosedFrom = null;
        letter.Closure = null;
        var entry = letter.Record(TimelineKind.Reopened, user.UserName(), now);
        entry.Comment = body.Value.Reason;
        db.Add(entry);
        outbox.Add(new LetterReopened(id, body.Value.Reason, now));
        await db.SaveChangesAsync(cancel);
        return TypedResults.NoContent();
    }
}
