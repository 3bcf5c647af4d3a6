using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.Correspondence.Data;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.ServiceDefaults.Requests;

namespace Tarasol.Correspondence.Letters.Links;

/// <summary>GET /api/correspondence/letters/{id}/links: in both directions, oldest first, without those whose other end the caller may not know of.</summary>
public static class ListLinks
{
    /// <summary>The kind as it reads from this letter.</summary>
    public enum Relation
    {
        RepliesTo,
        RepliedBy,
        Relates,
        Supersedes,
        SupersededBy,
        Duplicates,
        DuplicatedBy,
    }

    /// <param name="LinkId">Of the link.</param>
    /// <param name="LetterId">The letter at the other end.</param>
    public sealed record Item(Guid LinkId, Relation Kind, Guid LetterId, string Subject, string? ReferenceNumber, LetterStatus Status, DateOnly DocumentDate);

    public static async Task<Results<Ok<Page<Item>>, ProblemHttpResult>> HandleAsync(
        Guid id, Paging paging, ClaimsPrincipal user, VisibleLetters visible, CorrespondenceDbContext db, CancellationToken cancel)
    {
        var letters = await visible.ForAsync(user, Permissions.ReadLetters, cancel);
        if (!await letters.AnyAsync(letter => letter.Id == id, cancel))
            return CommonProblems.NotFound.Result();
        var rows = await db.Links.AsNoTracking().Where(link => (link.LetterId == id || link.OtherId == id) && (paging.After == null || link.Id > paging.After))
            .Join(letters.AsNoTracking(), link => link.LetterId == id ? link.OtherId : link.LetterId, letter => letter.Id, (link, letter) => new
            {
                link.Id, link.Kind, IsOurs = link.LetterId == id, LetterId = letter.Id, letter.Subject, letter.ReferenceNumber, letter.Status, letter.DocumentDate,
            })
            .OrderBy(row => row.Id).Take(paging.Limit + 1).ToListAsync(cancel);
        return TypedResults.Ok(paging.Page(rows, row => row.Id, row => new Item(
            row.Id, RelationOf(row.Kind, row.IsOurs), row.LetterId, row.Subject, row.ReferenceNumber, row.Status, row.DocumentDate)));
    }

    private static Relation RelationOf(LinkKind kind, bool isOurs) => (kind, isOurs) switch
    {
        (LinkKind.RepliesTo, true) => Relation.RepliesTo,
        (LinkKind.RepliesTo, false) => Relation.RepliedBy,
        (LinkKind.Supersedes, true) => Relation.Supersedes,
        (LinkKind.Supersedes, false) => Relation.SupersededBy,
        (LinkKind.Duplicates, true) => Relation.Duplicates,
        (LinkKind.Duplicates, false) => Relation.DuplicatedBy,
        _ => Relation.Relates,
    };
}
