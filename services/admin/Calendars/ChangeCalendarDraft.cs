using Microsoft.AspNetCore.Http.HttpResults;
using Tarasol.Administration.Data;
using Tarasol.Administration.Settings;
using Tarasol.ServiceDefaults.Requests;

namespace Tarasol.Administration.Calendars;

/// <summary>PUT and DELETE /api/admin/calendars/{id}/draft: what the next version is to be. No deadline notices anything of it.</summary>
public static class ChangeCalendarDraft
{
    public static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(
        Guid id, Body<WorkingCalendar> body, HttpContext context, Drafts drafts, AdminDbContext db, CancellationToken cancel) =>
        await ChangeDraft.WriteAsync(await drafts.FindAsync<WorkingCalendar>(id, cancel), body.Value, context, drafts, db, cancel);

    public static async Task<Results<NoContent, ProblemHttpResult>> DiscardAsync(Guid id, HttpContext context, Drafts drafts, AdminDbContext db, CancellationToken cancel) =>
        await ChangeDraft.WriteAsync<WorkingCalendar>(await drafts.FindAsync<WorkingCalendar>(id, cancel), null, context, drafts, db, cancel);
}
