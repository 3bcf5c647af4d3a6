using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Tarasol.Administration.Data;
using Tarasol.Administration.Settings;

namespace Tarasol.Administration.LetterTypes;

/// <summary>POST /api/admin/letter-types/{id}/publication: the draft becomes the version by which letters are registered from now on.</summary>
public static class PublishLetterType
{
    public static async Task<Results<Ok<Published>, ProblemHttpResult>> HandleAsync(
        Guid id, ClaimsPrincipal user, HttpContext context, Drafts drafts, AdminDbContext db, CancellationToken cancel) =>
        await ChangeDraft.PublishAsync<LetterTypeForm>(await drafts.FindAsync<LetterTypeForm>(id, cancel), user, context, drafts, db, cancel);
}
