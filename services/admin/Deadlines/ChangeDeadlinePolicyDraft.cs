using Microsoft.AspNetCore.Http.HttpResults;
using Tarasol.Administration.Data;
using Tarasol.Administration.Settings;
using Tarasol.ServiceDefaults.Requests;

namespace Tarasol.Administration.Deadlines;

/// <summary>PUT and DELETE /api/admin/deadline-policy/draft: what the next version is to be.</summary>
public static class ChangeDeadlinePolicyDraft
{
    public static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(
        Body<DeadlinePolicy> body, HttpContext context, Drafts drafts, AdminDbContext db, CancellationToken cancel) =>
        await ChangeDraft.WriteAsync(await drafts.OnlyAsync<DeadlinePolicy>(cancel), body.Value, context, drafts, db, cancel);

    public static async Task<Results<NoContent, ProblemHttpResult>> DiscardAsync(HttpContext context, Drafts drafts, AdminDbContext db, CancellationToken cancel) =>
        await ChangeDraft.WriteAsync<DeadlinePolicy>(await drafts.OnlyAsync<DeadlinePolicy>(cancel), null, context, drafts, db, cancel);
}
