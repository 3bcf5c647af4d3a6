using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.Directories.Data;
using Tarasol.Directories.Units;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.ServiceDefaults.Requests;

namespace Tarasol.Directories.Positions;

/// <summary>
/// For services that route work. GET /internal/units/{id}/roles/{role}?on=: who has a role in a unit on a day (today). GET /internal/people/{userName}/positions?on=: what a person holds. A closed unit's work is with its successor.
/// </summary>
public static class FindHolders
{
    /// <param name="UnitId">The unit of the position: the one that was asked for, its successor, or one above.</param>
    /// <param name="Until">The first day without; null: no end is known.</param>
    public sealed record Holder(string UserName, Guid UnitId, Guid PositionId, string Role, string TitleAr, string TitleEn, DateOnly From, DateOnly? Until);

    public static async Task<Results<Ok<Page<Holder>>, ProblemHttpResult>> RoleAsync(Guid id, string role, DateOnly? on, UnitTree tree, DirectoryDbContext db, CancellationToken cancel)
    {
        var day = on ?? tree.Today;
        var units = await db.Units.AsNoTracking().ToDictionaryAsync(unit => unit.Id, cancel);
        return !units.ContainsKey(id) ? CommonProblems.NotFound.Result()
            : TypedResults.Ok(new Page<Holder>(Tree.InCharge(id, units, day) is { } unit ? await HoldersAsync(db, unit.Id, role, day, cancel) : [], null));
    }

    public static async Task<Ok<Page<Holder>>> PersonAsync(string userName, DateOnly? on, UnitTree tree, DirectoryDbContext db, CancellationToken cancel)
    {
        var day = on ?? tree.Today;
        return TypedResults.Ok(new Page<Holder>(await Held(db, day, db.Appointments.Where(held => held.UserName == userName)).ToListAsync(cancel), null));
    }

    internal static Task<List<Holder>> HoldersAsync(DirectoryDbContext db, Guid unit, string role, DateOnly day, CancellationToken cancel) =>
        Held(db, day, db.Appointments.Where(held => db.Positions.Any(position => position.Id == held.PositionId && position.UnitId == unit && position.Role == role))).ToListAsync(cancel);

    private static IQueryable<Holder> Held(DirectoryDbContext db, DateOnly day, IQueryable<Appointment> appointments) =>
        from held in appointments.AsNoTracking()
        join position in db.Positions on held.PositionId equals position.Id
        where held.FromDay <= day && (held.UntilDay == null || held.UntilDay > day)
        orderby position.Id, held.Id
        select new Holder(held.UserName, position.UnitId, position.Id, position.Role, position.TitleAr, position.TitleEn, held.FromDay, held.UntilDay);
}
