using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.Contracts.Directories;
using Tarasol.Directories.Data;
using Tarasol.Messaging;
using Tarasol.ServiceDefaults;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.ServiceDefaults.Requests;
using Tarasol.Tenancy;

namespace Tarasol.Directories.Parties;

/// <summary>POST /api/directory/parties: the answer tells which parties are likely the same, so that somebody can merge them.</summary>
public static class CreateParty
{
    private const string Operation = "create-party";

    public sealed record Response(Guid Id, IReadOnlyList<PartyIndex.Duplicate> LikelyDuplicates);

    public static async Task<Created<Response>> HandleAsync(
        Body<PartyBody> body, IdempotencyKey key, ClaimsPrincipal user, PartyIndex index, DirectoryDbContext db, IOutbox outbox, TimeProvider time, CancellationToken cancel)
    {
        var hash = IdempotencyKey.HashOf(body.Value);
        if (await db.RequestKeys.ResultAsync(key, user.UserId(), Operation, hash, cancel) is { } before)
            return await AnswerAsync(await db.Parties.AsNoTracking().Include(row => row.Details).FirstAsync(row => row.Id == before, cancel));
        var now = time.GetUtcNow();
        var party = new Party { Id = SortableId.Next(now), CreatedAt = now };
        body.Value.ApplyTo(party, now);
        db.Add(party);
        await index.IndexAsync(party, cancel);
        db.RequestKeys.Remember(key, user.UserId(), Operation, hash, party.Id, now);
        outbox.Add(new PartyCreated(party.Id, WireEnum.Name(party.Kind), party.NameAr, party.NameEn, now));
        try
        {
            await db.SaveChangesAsync(cancel);
        }
        catch (DbUpdateException) when (key.Value is not null)
        {
            // Perhaps by the same request at the same time.
            db.ChangeTracker.Clear();
            if (await db.RequestKeys.ResultAsync(key, user.UserId(), Operation, hash, cancel) is not { } first)
                throw;
            return await AnswerAsync(await db.Parties.AsNoTracking().Include(row => row.Details).FirstAsync(row => row.Id == first, cancel));
        }
        return await AnswerAsync(party);

        async Task<Created<Response>> AnswerAsync(Party made) =>
            TypedResults.Created($"/api/directory/parties/{made.Id}", new Response(made.Id, await index.DuplicatesAsync(made, cancel)));
    }
}
