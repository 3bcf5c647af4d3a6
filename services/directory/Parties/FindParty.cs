using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.Directories.Data;
using Tarasol.ServiceDefaults.Problems;

namespace Tarasol.Directories.Parties;

/// <summary>GET /internal/parties/{id}: other services learn what a party is called. One that was merged is told as the one in which it is kept.</summary>
public static class FindParty
{
    private const int Furthest = 100;

    /// <param name="Id">The one that stands for it now.</param>
    public sealed record Response(Guid Id, PartyKind Kind, string? NameAr, string? NameEn, string? Email);

    public static async Task<Results<Ok<Response>, ProblemHttpResult>> HandleAsync(Guid id, DirectoryDbContext db, CancellationToken cancel)
    {
        var party = await db.Parties.AsNoTracking().FirstOrDefaultAsync(row => row.Id == id, cancel);
        for (var step = 0; party?.MergedInto is { } kept && step < Furthest; step++)
            party = await db.Parties.AsNoTracking().FirstOrDefaultAsync(row => row.Id == kept, cancel);
        return party is null ? CommonProblems.NotFound.Result() : TypedResults.Ok(new Response(party.Id, party.Kind, party.NameAr, party.NameEn, party.Email));
    }
}
