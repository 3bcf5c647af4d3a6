using System.ComponentModel.DataAnnotations;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.Administration.Data;
using Tarasol.Administration.Settings;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.ServiceDefaults.Requests;
using Tarasol.Tenancy;

namespace Tarasol.Administration.Calendars;

/// <summary>POST /api/admin/calendars: a working calendar of a unit and those below it without one of their own, or of everybody else, as a draft.</summary>
public static class CreateCalendar
{
    public const string UnitCodeForm = "^[A-Za-z0-9\\u0600-\\u06FF-]+$";
    public static readonly Problem CalendarTaken = new("calendar-taken", 409, new("This unit, or the organisation, has its working calendar already.", "لهذه الوحدة أو الجهة تقويم عمل بالفعل."));
    private const string Operation = "create-calendar";

    /// <param name="UnitCode">Null: of everybody without one of their own. A unit can get its calendar before it is there.</param>
    public sealed record Request(WorkingCalendar Calendar, [MaxLength(40), RegularExpression(UnitCodeForm)] string? UnitCode = null) : IValidated
    {
        public void Validate(Errors errors) => Calendar.Check(errors, "calendar.");
    }

    public sealed record Response(Guid Id);

    public static async Task<Results<Created<Response>, ProblemHttpResult>> HandleAsync(
        Body<Request> body, IdempotencyKey key, ClaimsPrincipal user, Drafts drafts, AdminDbContext db, TimeProvider time, CancellationToken cancel)
    {
        var request = body.Value;
        var hash = IdempotencyKey.HashOf(request);
        if (await db.RequestKeys.ResultAsync(key, user.UserId(), Operation, hash, cancel) is { } before)
            return Answer(before);
        if (await drafts.FindAsync<WorkingCalendar>(request.UnitCode ?? "", cancel) is not null)
            return CalendarTaken.Result();
        var setting = drafts.Create<WorkingCalendar>(request.UnitCode ?? "");
        await drafts.WriteAsync(setting, request.Calendar, cancel);
        db.RequestKeys.Remember(key, user.UserId(), Operation, hash, setting.Id, time.GetUtcNow());
        try
        {
            await db.SaveChangesAsync(cancel);
        }
        catch (DbUpdateException)
        {
            // Another request was first: the same one again, or another calendar of the unit.
            db.ChangeTracker.Clear();
            if (await db.RequestKeys.ResultAsync(key, user.UserId(), Operation, hash, cancel) is { } first)
                return Answer(first);
            if (await drafts.FindAsync<WorkingCalendar>(request.UnitCode ?? "", cancel) is not null)
                return CalendarTaken.Result();
            throw;
        }
        return Answer(setting.Id);

        static Created<Response> Answer(Guid id) => TypedResults.Created($"/api/admin/calendars/{id}", new Response(id));
    }
}
