using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Tarasol.Administration.Data;
using Tarasol.Administration.Settings;

namespace Tarasol.Administration.Deadlines;

/// <summary>POST /api/admin/deadline-policy/publication: tasks are warned of and escalated by the draft from now on.</summary>
public static class PublishDeadlinePolicy
{
    public static async Task<Results<Ok<Published>, ProblemHttpResult>> HandleAsync(
        ClaimsPrincipal user, HttpContext context, Drafts drafts, AdminDbContext db, CancellationToken cancel) =>
        await ChangeDraft.PublishAsync<DeadlinePolicy>(await drafts.OnlyAsync<DeadlinePolicy>(cancel), user, context, drafts, db, cancel);
}
