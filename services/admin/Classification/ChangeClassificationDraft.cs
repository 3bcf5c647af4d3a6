using Microsoft.AspNetCore.Http.HttpResults;
using Tarasol.Administration.Data;
using Tarasol.Administration.Settings;
using Tarasol.ServiceDefaults.Requests;

namespace Tarasol.Administration.Classification;

/// <summary>PUT and DELETE /api/admin/classification/draft: what the next version is to be.</summary>
public static class ChangeClassificationDraft
{
    public static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(
        Body<ClassificationSystem> body, HttpContext context, Drafts drafts, AdminDbContext db, CancellationToken cancel) =>
        await ChangeDraft.WriteAsync(await drafts.OnlyAsync<ClassificationSystem>(cancel), body.Value, context, drafts, db, cancel);

    public static async Task<Results<NoContent, ProblemHttpResult>> DiscardAsync(HttpContext context, Drafts drafts, AdminDbContext db, CancellationToken cancel) =>
        await ChangeDraft.WriteAsync<ClassificationSystem>(await drafts.OnlyAsync<ClassificationSystem>(cancel), null, context, drafts, db, cancel);
}
