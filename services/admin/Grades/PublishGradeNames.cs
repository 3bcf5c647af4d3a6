using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Tarasol.Administration.Data;
using Tarasol.Administration.Settings;

namespace Tarasol.Administration.Grades;

/// <summary>POST /api/admin/grade-names/publication: people read the drafted names from now on.</summary>
public static class PublishGradeNames
{
    public static async Task<Results<Ok<Published>, ProblemHttpResult>> HandleAsync(
        ClaimsPrincipal user, HttpContext context, Drafts drafts, AdminDbContext db, CancellationToken cancel) =>
        await ChangeDraft.PublishAsync<GradeNames>(await drafts.OnlyAsync<GradeNames>(cancel), user, context, drafts, db, cancel);
}
