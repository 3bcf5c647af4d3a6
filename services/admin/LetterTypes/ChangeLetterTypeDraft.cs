using Microsoft.AspNetCore.Http.HttpResults;
using Tarasol.Administration.Data;
using Tarasol.Administration.Settings;
using Tarasol.ServiceDefaults.Requests;

namespace Tarasol.Administration.LetterTypes;

/// <summary>PUT and DELETE /api/admin/letter-types/{id}/draft: what the next version is to be. Letters notice nothing of it.</summary>
public static class ChangeLetterTypeDraft
{
    public static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(
        Guid id, Body<LetterTypeForm> body, HttpContext context, Drafts drafts, AdminDbContext db, CancellationToken cancel) =>
        await ChangeDraft.WriteAsync(await drafts.FindAsync<LetterTypeForm>(id, cancel), body.Value, context, drafts, db, cancel);

    public static async Task<Results<NoContent, ProblemHttpResult>> DiscardAsync(Guid id, HttpContext context, Drafts drafts, AdminDbContext db, CancellationToken cancel) =>
        await ChangeDraft.WriteAsync<LetterTypeForm>(await drafts.FindAsync<LetterTypeForm>(id, cancel), null, context, drafts, db, cancel);
}
