using System.ComponentModel.DataAnnotations;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.Contracts.Directories;
using Tarasol.Directories.Data;
using Tarasol.Messaging;
using Tarasol.ServiceDefaults;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.ServiceDefaults.Requests;

namespace Tarasol.Directories.Parties;

/// <summary>
/// POST /api/directory/parties/{id}/merge: another party is the same and is kept in this one from now on. POST /api/directory/parties/{id}/merges/{mergeId}/undo: they were two after all.
/// Doing either again does nothing.
/// </summary>
public static class MergeParties
{
    public static readonly Problem KeptElsewhere = new("party-merged-since", 409,
        new("This party was merged into {0} since: undo that first.", "دُمجت هذه الجهة في {0} بعد ذلك: تراجع عن ذلك الدمج أولا."));

    private static readonly Text NoSuchParty = new("is not a party of this organisation that stands for itself", "ليست جهة قائمة بذاتها لدى هذه المنشأة");
    private static readonly Text Itself = new("is the party itself", "هي الجهة نفسها");

    /// <param name="Other">The one that will be kept in this one.</param>
    public sealed record Request(Guid Other, [MaxLength(1000)] string? Reason = null);

    public sealed record Response(Guid MergeId);

    public static async Task<Results<Ok<Response>, ProblemHttpResult>> HandleAsync(
        Guid id, Body<Request> body, ClaimsPrincipal user, PartyIndex index, DirectoryDbContext db, IOutbox outbox, TimeProvider time, CancellationToken cancel)
    {
        var (other, reason) = (body.Value.Other, body.Value.Reason);
        if (await FindAsync(id, db, cancel) is not { } kept)
            return CommonProblems.NotFound.Result();
        if (other == id)
            Errors.Of("other", Itself.ToString()).ThrowIfAny();
        var merged = await FindAsync(other, db, cancel);
        if (merged?.MergedInto == id && await db.PartyMerges.FirstOrDefaultAsync(row => row.KeptId == id && row.MergedId == other && row.UndoneAt == null, cancel) is { } same)
            return TypedResults.Ok(new Response(same.Id));
        if (kept.MergedInto is { } elsewhere)
            return ChangeParty.Merged.Result(elsewhere);
        if (merged is null or { MergedInto: not null })
        {
            Errors.Of("other", NoSuchParty.ToString()).ThrowIfAny();
            return CommonProblems.NotFound.Result();
        }

        var now = time.GetUtcNow();
        var merge = new PartyMerge { Id = SortableId.Next(now), KeptId = kept.Id, MergedId = merged.Id, Reason = reason, MergedBy = user.UserName(), MergedAt = now };
        db.Add(merge);
        foreach (var detail in PartyRules.Merge(kept, merged, merge.Id, () => SortableId.Next(now)).ToList())
            db.Add(detail);
        // Another merge of either at the same time fails at the save.
        kept.Version++;
        merged.Version++;
        await index.IndexAsync(kept, cancel);
        outbox.Add(new PartyMerged(merge.Id, kept.Id, merged.Id, reason, now));
        await index.SaveAsync([kept, merged], cancel);
        return TypedResults.Ok(new Response(merge.Id));
    }

    public static async Task<Results<NoContent, ProblemHttpResult>> UndoAsync(
        Guid id, Guid mergeId, ClaimsPrincipal user, PartyIndex index, DirectoryDbContext db, IOutbox outbox, TimeProvider time, CancellationToken cancel)
    {
        if (await db.PartyMerges.FirstOrDefaultAsync(row => row.Id == mergeId && row.KeptId == id, cancel) is not { } merge)
            return CommonProblems.NotFound.Result();
        if (merge.UndoneAt is not null)
            return TypedResults.NoContent();
        var kept = (await FindAsync(merge.KeptId, db, cancel))!;
        var merged = (await FindAsync(merge.MergedId, db, cancel))!;
        // What this merge brought went on to the next one and would stay there.
        if (kept.MergedInto is { } elsewhere)
            return KeptElsewhere.Result(elsewhere);

        var now = time.GetUtcNow();
        foreach (var detail in PartyRules.Undo(kept, merged, merge.Id))
        {
            kept.Details.Remove(detail);
            db.Remove(detail);
        }
        (merge.UndoneBy, merge.UndoneAt) = (user.UserName(), now);
        kept.Version++;
        merged.Version++;
        await index.IndexAsync(kept, cancel);
        outbox.Add(new PartyUnmerged(merge.Id, kept.Id, merged.Id, now));
        await index.SaveAsync([kept, merged], cancel);
        return TypedResults.NoContent();
    }

    private static Task<Party?> FindAsync(Guid id, DirectoryDbContext db, CancellationToken cancel) => db.Parties.Include(row => row.Details).FirstOrDefaultAsync(row => row.Id == id, cancel);
}
