using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Tarasol.Administration.Data;
using Tarasol.Administration.Settings;

namespace Tarasol.Administration.Calendars;

/// <summary>POST /api/admin/calendars/{id}/publication: the draft becomes the calendar by which days are counted from now on.</summary>
public static class PublishCalendar
{
    public static async Task<Results<Ok<Published>, ProblemHttpResult>> HandleAsync(
        Guid id, ClaimsPrincipal user, HttpContext context, Drafts drafts, AdminDbContext db, CancellationToken cancel) =>
        await ChangeDraft.PublishAsync<WorkingCalendar>(await drafts.FindAsync<WorkingCalendar>(id, cancel), user, context, drafts, db, cancel);
}
