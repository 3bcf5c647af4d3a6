using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.ServiceDefaults.Requests;

namespace Tarasol.Correspondence.Letters;

/// <summary>GET /api/correspondence/letters with the query of <see cref="LetterFilter"/>: newest first, without the bodies. Letters that arrive meanwhile come before the first page.</summary>
public static class ListLetters
{
    public sealed record Item(
        Guid Id,
        Direction Direction,
        string Subject,
        Language Language,
        Urgency Urgency,
        Confidentiality Confidentiality,
        RegisterLetter.Sender Sender,
        DateOnly DocumentDate,
        Guid OwnerUnitId,
        LetterStatus Status,
        string? ReferenceNumber,
        DateTimeOffset RegisteredAt,
        string? LetterType,
        string? Classification,
        bool NeedsReply);

    public static async Task<Ok<Page<Item>>> HandleAsync(
        [AsParameters] LetterFilter filter, Paging paging, ClaimsPrincipal user, VisibleLetters visible, CancellationToken cancel)
    {
        var rows = await PageOf(filter.Of(await visible.ForAsync(user, Permissions.ReadLetters, cancel)), paging).ToListAsync(cancel);
        return TypedResults.Ok(paging.Page(rows, item => item.Id, item => item));
    }

    /// <summary>One page, and one more to know whether there is another.</summary>
    public static IQueryable<Item> PageOf(IQueryable<Letter> letters, Paging paging) => (paging.After is { } after ? letters.Where(letter => letter.Id < after) : letters).AsNoTracking()
        .OrderByDescending(letter => letter.Id)
        .Select(letter => new Item(
            letter.Id, letter.Direction, letter.Subject, letter.Language, letter.Urgency, letter.Confidentiality, new(letter.SenderName), letter.DocumentDate,
            letter.OwnerUnitId, letter.Status, letter.ReferenceNumber, letter.RegisteredAt, letter.LetterType, letter.Classification, letter.NeedsReply))
        .Take(paging.Limit + 1);
}
