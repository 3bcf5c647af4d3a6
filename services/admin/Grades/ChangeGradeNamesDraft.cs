using Microsoft.AspNetCore.Http.HttpResults;
using Tarasol.Administration.Data;
using Tarasol.Administration.Settings;
using Tarasol.ServiceDefaults.Requests;

namespace Tarasol.Administration.Grades;

/// <summary>PUT and DELETE /api/admin/grade-names/draft: what the next version is to be.</summary>
public static class ChangeGradeNamesDraft
{
    public static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(
        Body<GradeNames> body, HttpContext context, Drafts drafts, AdminDbContext db, CancellationToken cancel) =>
        await ChangeDraft.WriteAsync(await drafts.OnlyAsync<GradeNames>(cancel), body.Value, context, drafts, db, cancel);

    public static async Task<Results<NoContent, ProblemHttpResult>> DiscardAsync(HttpContext context, Drafts drafts, AdminDbContext db, CancellationToken cancel) =>
        await ChangeDraft.WriteAsync<GradeNames>(await drafts.OnlyAsync<GradeNames>(cancel), null, context, drafts, db, cancel);
}
