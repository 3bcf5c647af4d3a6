using System.Globalization;
using System.Security.Claims;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.ServiceDefaults.Requests;

namespace Tarasol.Audit.Trail;

/// <summary>GET /api/audit/events?subject=&amp;type=&amp;cursor=&amp;limit=: oldest first, without what is above the reader's clearance.</summary>
public static class ListEvents
{
    private const int MaxLength = 200;
    private static readonly Text TooLong = new("must have at most {0} characters", "يجب ألا يتجاوز {0} حرفا");

    public sealed record Item(
        long Sequence, string Id, string Type, string Subject, string? LetterId, string Actor, DateTimeOffset At, DateTimeOffset ReceivedAt, JsonElement Data, string PreviousHash, string Hash);

    public static async Task<Ok<Page<Item>>> HandleAsync(string? subject, string? type, string? cursor, HttpRequest request, ClaimsPrincipal user, IAuditTrail trail, CancellationToken cancel)
    {
        var errors = new Errors();
        var limit = Paging.ReadLimit(request, errors);
        var after = 0L;
        if (!string.IsNullOrEmpty(cursor) && (!long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out after) || after < 1))
            errors.Add("cursor", Paging.BadCursor);
        if (subject?.Length > MaxLength)
            errors.Add("subject", TooLong.With(MaxLength));
        if (type?.Length > MaxLength)
            errors.Add("type", TooLong.With(MaxLength));
        errors.ThrowIfAny();

        var rows = await trail.ReadAsync(new(Id(subject), string.IsNullOrEmpty(type) ? null : type, after, limit, user.Clearance()), cancel);
        return TypedResults.Ok(new Page<Item>(
            [.. rows.Take(limit).Select(Show)],
            rows.Count > limit ? rows[limit - 1].Sequence.ToString(CultureInfo.InvariantCulture) : null));
    }

    private static string? Id(string? subject) => string.IsNullOrEmpty(subject) ? null : Guid.TryParse(subject, out var id) ? id.ToString() : subject;

    private static Item Show(AuditEntry entry) => new(
        entry.Sequence, entry.EventId, entry.Type, entry.Subject, entry.LetterId, entry.Actor, entry.At, entry.ReceivedAt,
        JsonElement.Parse(entry.Data), entry.PreviousHash, entry.Hash);
}
