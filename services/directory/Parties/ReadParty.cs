using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.Directories.Data;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.ServiceDefaults.Requests;

namespace Tarasol.Directories.Parties;

/// <summary>
/// GET /api/directory/parties?text=&amp;kind= (those that stand for themselves), /{id}, /{id}/duplicates (likely the same), /{id}/merges (what was merged with it, undone or not).
/// </summary>
public static class ReadParty
{
    public sealed record Merge(Guid Id, Guid KeptId, Guid MergedId, string? Reason, string MergedBy, DateTimeOffset MergedAt, string? UndoneBy, DateTimeOffset? UndoneAt);

    public static async Task<Ok<Page<PartyView>>> ListAsync(string? text, string? kind, Paging paging, PartyIndex index, DirectoryDbContext db, CancellationToken cancel)
    {
        var errors = new Errors();
        var wanted = WireEnum.Query<PartyKind>(kind, "kind", errors);
        errors.ThrowIfAny();
        var parties = db.Parties.AsNoTracking().Include(party => party.Details).Where(party => party.MergedInto == null && (wanted == null || party.Kind == wanted));
        var rows = await (string.IsNullOrWhiteSpace(text) ? parties : index.Search(parties, text))
            .Where(party => paging.After == null || party.Id > paging.After).OrderBy(party => party.Id).Take(paging.Limit + 1).ToListAsync(cancel);
        return TypedResults.Ok(paging.Page(rows, party => party.Id, PartyView.Of));
    }

    public static async Task<Results<Ok<PartyView>, ProblemHttpResult>> HandleAsync(Guid id, HttpContext context, DirectoryDbContext db, CancellationToken cancel)
    {
        if (await FindAsync(id, db, cancel) is not { } party)
            return CommonProblems.NotFound.Result();
        context.Response.GetTypedHeaders().ETag = PartyView.Tag(party);
        return TypedResults.Ok(PartyView.Of(party));
    }

    public static async Task<Results<Ok<Page<PartyIndex.Duplicate>>, ProblemHttpResult>> DuplicatesAsync(Guid id, PartyIndex index, DirectoryDbContext db, CancellationToken cancel) =>
        await FindAsync(id, db, cancel) is { } party
            ? TypedResults.Ok(new Page<PartyIndex.Duplicate>(await index.DuplicatesAsync(party, cancel), null))
            : CommonProblems.NotFound.Result();

    public static async Task<Results<Ok<Page<Merge>>, ProblemHttpResult>> MergesAsync(Guid id, Paging paging, DirectoryDbContext db, CancellationToken cancel)
    {
        if (await FindAsync(id, db, cancel) is null)
            return CommonProblems.NotFound.Result();
        var rows = await db.PartyMerges.AsNoTracking().Where(merge => merge.KeptId == id || merge.MergedId == id)
            .Where(merge => paging.After == null || merge.Id > paging.After).OrderBy(merge => merge.Id).Take(paging.Limit + 1).ToListAsync(cancel);
        return TypedResults.Ok(paging.Page(rows, merge => merge.Id, merge => new Merge(
            merge.Id, merge.KeptId, merge.MergedId, merge.Reason, merge.MergedBy, merge.MergedAt, merge.UndoneBy, merge.UndoneAt)));
    }

    private static Task<Party?> FindAsync(Guid id, DirectoryDbContext db, CancellationToken cancel) =>
        db.Parties.AsNoTracking().Include(row => row.Details).FirstOrDefaultAsync(row => row.Id == id, cancel);
}
