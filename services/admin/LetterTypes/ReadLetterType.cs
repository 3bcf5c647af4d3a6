using Microsoft.AspNetCore.Http.HttpResults;
using Tarasol.Administration.Settings;
using Tarasol.ServiceDefaults.Problems;

namespace Tarasol.Administration.LetterTypes;

/// <summary>GET /api/admin/letter-types/{id}, with its ETag.</summary>
public static class ReadLetterType
{
    /// <param name="Version">0: not published yet.</param>
    /// <param name="Draft">What waits for its publication.</param>
    public sealed record Response(Guid Id, string Code, int Version, LetterTypeForm? Published, LetterTypeForm? Draft, DateTimeOffset ChangedAt);

    public static async Task<Results<Ok<Response>, ProblemHttpResult>> HandleAsync(Guid id, HttpContext context, Drafts drafts, CancellationToken cancel)
    {
        if (await drafts.FindAsync<LetterTypeForm>(id, cancel) is not { } setting)
            return CommonProblems.NotFound.Result();
        SettingTag.Tell(context, setting);
        return TypedResults.Ok(new Response(
            setting.Id, setting.Key, setting.Published, await drafts.PublishedAsync<LetterTypeForm>(setting, cancel), Drafts.Drafted<LetterTypeForm>(setting), setting.ChangedAt));
    }
}
