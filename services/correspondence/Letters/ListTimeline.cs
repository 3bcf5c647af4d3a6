using System.Buffers.Binary;
using System.Security.Claims;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.Correspondence.Data;
using Tarasol.Correspondence.Letters.Links;
using Tarasol.Messaging;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.ServiceDefaults.Requests;

namespace Tarasol.Correspondence.Letters;

/// <summary>GET /api/correspondence/letters/{id}/timeline: what happened, in order.</summary>
public static class ListTimeline
{
    public sealed record Item(
        TimelineKind Kind, string Actor, DateTimeOffset At, Guid? RoutingId, int? Step, string? Comment, string? ReferenceNumber, LetterStatus? Outcome,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<FieldChange>? Changes = null,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] LinkKind? LinkKind = null,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Guid? OtherLetterId = null,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? OnBehalfOf = null,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Target = null);

    public static async Task<Results<Ok<Page<Item>>, ProblemHttpResult>> HandleAsync(
        Guid id, Paging paging, ClaimsPrincipal user, VisibleLetters visible, CorrespondenceDbContext db, CancellationToken cancel)
    {
        var letters = await visible.ForAsync(user, Permissions.ReadLetters, cancel);
        if (!await letters.AnyAsync(letter => letter.Id == id, cancel))
            return CommonProblems.NotFound.Result();
        var after = paging.After is { } cursor ? Sequence(cursor) : 0;
        var rows = await db.Timeline.AsNoTracking()
            .Where(entry => entry.LetterId == id && entry.Sequence > after)
            .Where(entry => entry.OtherLetterId == null || letters.Any(other => other.Id == entry.OtherLetterId))
            .OrderBy(entry => entry.Sequence).Take(paging.Limit + 1).ToListAsync(cancel);
        return TypedResults.Ok(paging.Page(rows, entry => Cursor(entry.Sequence), entry => new Item(
            entry.Kind, entry.Actor, entry.At, entry.RoutingId, entry.Step, entry.Comment, entry.ReferenceNumber, entry.Outcome,
            entry.Changes is { } changes ? JsonSerializer.Deserialize<List<FieldChange>>(changes, EventJson.Options) : null, entry.LinkKind, entry.OtherLetterId,
            entry.OnBehalfOf, entry.Target)));
    }

    // Cursors are 16 bytes; a place in this list is a number.
    private static Guid Cursor(int sequence)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteInt32BigEndian(bytes[12..], sequence);
        return new(bytes, bigEndian: true);
    }

    private static int Sequence(Guid cursor)
    {
        Span<byte> bytes = stackalloc byte[16];
        cursor.TryWriteBytes(bytes, bigEndian: true, out _);
        return BinaryPrimitives.ReadInt32BigEndian(bytes[12..]);
    }
}
