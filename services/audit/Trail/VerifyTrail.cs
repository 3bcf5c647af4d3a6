using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Tarasol.ServiceDefaults.Problems;

namespace Tarasol.Audit.Trail;

/// <summary>GET /api/audit/verify: goes through the whole chain and computes every hash again.</summary>
public static class VerifyTrail
{
    /// <param name="Verified">True: every entry is as it was written, none is missing.</param>
    /// <param name="Count">Entries that were found in order.</param>
    /// <param name="Head">Hash of the last of them; keep it elsewhere to notice later that a whole trail was replaced.</param>
    /// <param name="BrokenAt">Sequence at which the chain breaks.</param>
    /// <param name="Reason">How it breaks.</param>
    /// <param name="Detail">The same for people.</param>
    public sealed record Response(
        bool Verified,
        long Count,
        string Head,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? BrokenAt = null,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Break? Reason = null,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Detail = null);

    /// <summary>How a chain can break.</summary>
    public enum Break
    {
        /// <summary>An entry is not there, at this place or from here to the end.</summary>
        EntryMissing,

        /// <summary>An entry does not point to the hash of the one before.</summary>
        LinkBroken,

        /// <summary>An entry's fields do not give its hash.</summary>
        EntryChanged,

        /// <summary>The last entry is not the one at which the chain ended.</summary>
        EndChanged,
    }

    public static async Task<Ok<Response>> HandleAsync(IAuditTrail trail, CancellationToken cancel)
    {
        // Entries that are appended meanwhile come after this end and do not matter.
        var end = await trail.EndAsync(cancel);
        var (count, head) = (0L, EntryHash.Genesis);
        await foreach (var entry in trail.EntriesAsync(end.Sequence).WithCancellation(cancel))
        {
            if (Wrong(entry, count, head) is { } wrong)
                return Broken(count, head, wrong);
            (count, head) = (entry.Sequence, entry.Hash);
        }
        if (count != end.Sequence)
            return Broken(count, head, Break.EntryMissing);
        return head == end.Hash ? TypedResults.Ok(new Response(true, count, head)) : Broken(Math.Max(count - 1, 0), head, Break.EndChanged);
    }

    private static Break? Wrong(AuditEntry entry, long count, string head) => entry switch
    {
        _ when entry.Sequence != count + 1 => Break.EntryMissing,
        _ when entry.PreviousHash != head => Break.LinkBroken,
        _ when entry.Hash != EntryHash.Of(entry) => Break.EntryChanged,
        _ => null,
    };

    private static Ok<Response> Broken(long count, string head, Break reason) =>
        TypedResults.Ok(new Response(false, count, head, count + 1, reason, Detail(reason).With(count + 1)));

    private static Text Detail(Break reason) => reason switch
    {
        Break.EntryMissing => new("Entry {0} is missing.", "القيد {0} مفقود."),
        Break.LinkBroken => new("Entry {0} does not follow from the one before it.", "القيد {0} لا يتصل بالقيد الذي قبله."),
        Break.EntryChanged => new("Entry {0} was changed after it was written.", "القيد {0} تغيّر بعد كتابته."),
        _ => new("Entry {0} is not the one with which the trail ended.", "القيد {0} ليس القيد الذي انتهى به السجل."),
    };
}
