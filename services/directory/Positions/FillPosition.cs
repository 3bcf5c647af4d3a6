using System.ComponentModel.DataAnnotations;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Tarasol.Contracts.Directories;
using Tarasol.Directories.Calls;
using Tarasol.Directories.Data;
using Tarasol.Messaging;
using Tarasol.ServiceDefaults;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.ServiceDefaults.Requests;

namespace Tarasol.Directories.Positions;

/// <summary>POST /api/directory/positions/{id}/fill: a person gets it from a day on (today, unless one is named), until a last day where one is named. The same again does nothing.</summary>
public static class FillPosition
{
    public static readonly Problem Occupied = new("position-occupied", 409, new("{0} holds this position from {1}: end that first.", "يشغل {0} هذا المنصب منذ {1}: أنهِ ذلك أولا."));
    public static readonly Problem Closed = new("position-closed", 409, new("This position is closed.", "هذا المنصب ملغى."));
    private static readonly Text NoSuchPerson = new("is nobody who works here", "ليس من العاملين هنا");
    private static readonly Text BeforeFrom = new("is before the first day", "قبل اليوم الأول");

    /// <param name="Until">The last day.</param>
    public sealed record Request([Required, MaxLength(256)] string UserName, DateOnly? From = null, DateOnly? Until = null) : IValidated
    {
        public void Validate(Errors errors)
        {
            if (Until < From || Until == DateOnly.MaxValue)
                errors.Add("until", BeforeFrom);
        }
    }

    public static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(
        Guid id, Body<Request> body, ClaimsPrincipal user, VisiblePositions positions, PeopleOfTenant identity, Units.UnitTree tree, DirectoryDbContext db, IOutbox outbox, TimeProvider time,
        CancellationToken cancel)
    {
        if (await positions.FindAsync(id, user, Permissions.ManagePositions, cancel) is not { } position)
            return CommonProblems.NotFound.Result();
        if (position.ClosedOn is not null)
            return Closed.Result();
        var from = body.Value.From ?? tree.Today;
        var until = body.Value.Until?.AddDays(1);
        if (await identity.FindAsync(body.Value.UserName, cancel) is not { } person)
        {
            Errors.Of("userName", NoSuchPerson.ToString()).ThrowIfAny();
            return CommonProblems.NotFound.Result();
        }
        if (until <= from)
            Errors.Of("until", BeforeFrom.ToString()).ThrowIfAny();
        if (position.Appointments.FirstOrDefault(held => held.Meets(from, until)) is { } there)
            return (there.UserName, there.FromDay, there.UntilDay) == (person.UserName, from, until)
                ? TypedResults.NoContent()
                : Occupied.Result(there.UserName, there.FromDay.ToString("O", System.Globalization.CultureInfo.InvariantCulture));

        var now = time.GetUtcNow();
        db.Add(new Appointment { Id = SortableId.Next(now), PositionId = position.Id, UserName = person.UserName, FromDay = from, UntilDay = until, MadeBy = user.UserName(), MadeAt = now });
        // Two people at the same time: the second one fails at the save.
        position.Version++;
        outbox.Add(new PositionFilled(position.Id, position.UnitId, position.Role, person.UserName, from, until, now));
        await db.SaveChangesAsync(cancel);
        return TypedResults.NoContent();
    }
}
