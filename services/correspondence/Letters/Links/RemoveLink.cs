using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.Correspondence.Data;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.ServiceDefaults.Problems;

namespace Tarasol.Correspondence.Letters.Links;

/// <summary>DELETE /api/correspondence/letters/{id}/links/{linkId}, from either end. A letter that supersedes another goes on doing so.</summary>
public static class RemoveLink
{
    public static readonly Problem Permanent = new("link-permanent", 409, new("A letter that supersedes another goes on doing so.", "الخطاب الذي يحل محل غيره يبقى كذلك."));

    public static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(
        Guid id, Guid linkId, ClaimsPrincipal user, VisibleLetters visible, CorrespondenceDbContext db, TimeProvider time, CancellationToken cancel)
    {
        if (await (await visible.ForAsync(user, Permissions.RegisterLetter, cancel)).FirstOrDefaultAsync(row => row.Id == id, cancel) is not { } letter
            || await db.Links.FirstOrDefaultAsync(row => row.Id == linkId && (row.LetterId == id || row.OtherId == id), cancel) is not { } link)
            return CommonProblems.NotFound.Result();
        var otherId = link.LetterId == id ? link.OtherId : link.LetterId;
        if (await (await visible.ForAsync(user, Permissions.ReadLetters, cancel)).FirstOrDefaultAsync(row => row.Id == otherId, cancel) is not { } other)
            return CommonProblems.NotFound.Result();
        if (link.Kind == LinkKind.Supersedes)
            return Permanent.Result();
        db.Remove(link);
        var (first, second) = link.LetterId == id ? (letter, other) : (other, letter);
        var teller = LetterLink.Teller(first, second);
        var entry = teller.Record(TimelineKind.Unlinked, user.UserName(), time.GetUtcNow());
        entry.OtherLetterId = teller == first ? second.Id : first.Id;
        entry.LinkKind = link.Kind;
        db.Add(entry);
        await db.SaveChangesAsync(cancel);
        return TypedResults.NoContent();
    }
}
