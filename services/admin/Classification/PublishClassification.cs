using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Tarasol.Administration.Data;
using Tarasol.Administration.Settings;

namespace Tarasol.Administration.Classification;

/// <summary>POST /api/admin/classification/publication: the draft becomes the system by which letters are classified from now on.</summary>
public static class PublishClassification
{
    public static async Task<Results<Ok<Published>, ProblemHttpResult>> HandleAsync(
        ClaimsPrincipal user, HttpContext context, Drafts drafts, AdminDbContext db, CancellationToken cancel) =>
        await ChangeDraft.PublishAsync<ClassificationSystem>(await drafts.OnlyAsync<ClassificationSystem>(cancel), user, context, drafts, db, cancel);
}
