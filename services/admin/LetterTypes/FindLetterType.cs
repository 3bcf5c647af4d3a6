using Microsoft.AspNetCore.Http.HttpResults;
using Tarasol.Administration.Settings;
using Tarasol.ServiceDefaults.Problems;

namespace Tarasol.Administration.LetterTypes;

/// <summary>GET /internal/letter-types/{code}: other services check a letter type. One that was never published is none; a closed one is, there are letters of it.</summary>
public static class FindLetterType
{
    public sealed record Response(string Code, int Version);

    public static async Task<Results<Ok<Response>, ProblemHttpResult>> HandleAsync(string code, Drafts drafts, CancellationToken cancel) =>
        await drafts.FindAsync<LetterTypeForm>(code, cancel) is { Published: > 0 } setting ? TypedResults.Ok(new Response(setting.Key, setting.Published)) : CommonProblems.NotFound.Result();
}
