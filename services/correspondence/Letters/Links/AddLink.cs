using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.Correspondence.Data;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.ServiceDefaults.Requests;
using Tarasol.Tenancy;

namespace Tarasol.Correspondence.Letters.Links;

/// <summary>POST /api/correspondence/letters/{id}/links. A link that is there already is answered with itself. It changes neither letter, so that a final one can have links too.</summary>
public static class AddLink
{
    public sealed record Response(Guid LinkId);

    public static async Task<Results<Created<Response>, ProblemHttpResult>> HandleAsync(
        Guid id, Body<LinkRules.Request> body, IdempotencyKey key, ClaimsPrincipal user, VisibleLetters visible, CorrespondenceDbContext db, TimeProvider time, CancellationToken cancel)
    {
        var request = body.Value;
        if (await (await visible.ForAsync(user, Permissions.RegisterLetter, cancel)).FirstOrDefaultAsync(row => row.Id == id, cancel) is not { } letter)
            return CommonProblems.NotFound.Result();
        var operation = $"add-link {id}";
        var hash = IdempotencyKey.HashOf(request);
        if (await db.RequestKeys.ResultAsync(key, user.UserId(), operation, hash, cancel) is { } before)
            return Answer(before);
        var errors = new Errors();
        var others = await LinkRules.CheckAsync([request], id, await visible.ForAsync(user, Permissions.ReadLetters, cancel), _ => "", errors, cancel);
        errors.ThrowIfAny();
        if (await FindAsync() is { } known)
            return Answer(known);

        var now = time.GetUtcNow();
        var link = LinkRules.Make(id, request, user.UserName(), now);
        db.Add(link);
        var (other, teller) = (others[0], LetterLink.Teller(letter, others[0]));
        var entry = teller.Record(TimelineKind.Linked, user.UserName(), now);
        entry.OtherLetterId = teller == letter ? other.Id : letter.Id;
        entry.LinkKind = request.Kind;
        db.Add(entry);
        db.RequestKeys.Remember(key, user.UserId(), operation, hash, link.Id, now);
        try
        {
            await db.SaveChangesAsync(cancel);
        }
        catch (DbUpdateException raced) when (raced is not DbUpdateConcurrencyException)
        {
            // The same link was made at the same time.
            db.ChangeTracker.Clear();
            if (await FindAsync() is { } first)
                return Answer(first);
            throw;
        }
        return Answer(link.Id);

        async Task<Guid?> FindAsync() =>
            await db.Links.Where(row => row.LetterId == id && row.Kind == request.Kind && row.OtherId == request.LetterId).Select(row => (Guid?)row.Id).FirstOrDefaultAsync(cancel);

        Created<Response> Answer(Guid linkId) => TypedResults.Created($"/api/correspondence/letters/{id}/links/{linkId}", new Response(linkId));
    }
}
