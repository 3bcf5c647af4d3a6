using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.Contracts.Directories;
using Tarasol.Directories.Data;
using Tarasol.Messaging;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.ServiceDefaults.Requests;

namespace Tarasol.Directories.Parties;

/// <summary>PUT /api/directory/parties/{id}: replaces what is said of it; what merges brought stays. With If-Match only if it has not changed since.</summary>
public static class ChangeParty
{
    public static readonly Problem Merged = new("party-merged", 409, new("This party is kept in another one: {0}.", "دُمجت هذه الجهة في جهة أخرى: {0}."));

    public static async Task<Results<Ok<PartyView>, ProblemHttpResult>> HandleAsync(
        Guid id, Body<PartyBody> body, HttpContext context, PartyIndex index, DirectoryDbContext db, IOutbox outbox, TimeProvider time, CancellationToken cancel)
    {
        if (await db.Parties.Include(row => row.Details).FirstOrDefaultAsync(row => row.Id == id, cancel) is not { } party)
            return CommonProblems.NotFound.Result();
        if (PartyView.IsOutdated(context, party))
            return CommonProblems.Changed.Result();
        if (party.MergedInto is { } kept)
            return Merged.Result(kept);
        var now = time.GetUtcNow();
        body.Value.ApplyTo(party, now);
        party.Version++;
        await index.IndexAsync(party, cancel);
        outbox.Add(new PartyChanged(party.Id, WireEnum.Name(party.Kind), party.NameAr, party.NameEn, now));
        await index.SaveAsync([party], cancel);
        context.Response.GetTypedHeaders().ETag = PartyView.Tag(party);
        return TypedResults.Ok(PartyView.Of(party));
    }
}
