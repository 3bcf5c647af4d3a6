using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.Correspondence.Data;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.ServiceDefaults.Problems;

namespace Tarasol.Correspondence.Letters;

/// <summary>GET /internal/letters/{id}: whether the person on whose behalf another service asks may read the letter.</summary>
public static class FindReadableLetter
{
    public sealed record Response(Guid Id, string? ReferenceNumber);

    public static async Task<Results<Ok<Response>, ProblemHttpResult>> HandleAsync(Guid id, VisibleLetters visible, HttpContext http, CorrespondenceDbContext db, CancellationToken cancel)
    {
        if (http.Features.Get<OnBehalfOf>()?.Person is not { } person)
            return CommonProblems.NotFound.Result();
        var letter = await (await visible.ForAsync(person, Permissions.ReadLetters, cancel)).AsNoTracking()
            .Where(row => row.Id == id).Select(row => new Response(row.Id, row.ReferenceNumber)).FirstOrDefaultAsync(cancel);
        return letter is null ? CommonProblems.NotFound.Result() : TypedResults.Ok(letter);
    }
}
