using System.ComponentModel.DataAnnotations;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Tarasol.Contracts.Directories;
using Tarasol.Directories.Data;
using Tarasol.Directories.Positions;
using Tarasol.Messaging;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.ServiceDefaults.Requests;

namespace Tarasol.Directories.Units;

/// <summary>
/// POST /api/directory/units/{id}/close and /api/directory/units/merge: units end, and another goes on with their work, the one above
/// where none is named. Units below them go under it, their positions end.
/// Nothing of them is deleted.
/// </summary>
public static class CloseUnits
{
    public static readonly Problem SuccessorBelow = new("unit-successor-below", 409,
        new("{0} lies below {1}: move it out first.", "تقع {0} تحت {1}: انقلها أولا."));

    private static readonly Text NoSuchUnit = new("is not an open unit of this organisation", "ليست وحدة قائمة في هذه الجهة");
    private static readonly Text NothingAbove = new("is required: no unit is above this one that could go on with its work", "مطلوب: لا توجد وحدة أعلى تتولى عمل هذه الوحدة");
    private static readonly Text Itself = new("is closed itself", "هي الوحدة المغلقة نفسها");

    /// <param name="SuccessorId">Left out: the unit above.</param>
    /// <param name="Reason">In words.</param>
    /// <param name="On">The first day without it; left out: today.</param>
    public sealed record CloseRequest([Required, MaxLength(1000)] string Reason, Guid? SuccessorId = null, DateOnly? On = null);

    public sealed record MergeRequest([MinLength(1), MaxLength(100)] IReadOnlyList<Guid> UnitIds, Guid SuccessorId, [Required, MaxLength(1000)] string Reason, DateOnly? On = null);

    public static async Task<Results<NoContent, ProblemHttpResult>> CloseAsync(
        Guid id, Body<CloseRequest> body, ClaimsPrincipal user, UnitTree tree, Vacancies vacancies, DirectoryDbContext db, IOutbox outbox, TimeProvider time, CancellationToken cancel)
    {
        var units = await tree.TakeTurnAsync(cancel);
        if (!units.TryGetValue(id, out var unit) || await AllowedAsync(user, tree, cancel) is { } allowed && !allowed.Contains(id))
            return CommonProblems.NotFound.Result();
        var successor = body.Value.SuccessorId ?? unit.ParentId ?? throw new ProblemException(Errors.Of("successorId", NothingAbove.ToString()).Details());
        return await EndAsync(new([id], successor, body.Value.Reason, body.Value.On), units, user, tree, vacancies, db, outbox, time, cancel);
    }

    public static async Task<Results<NoContent, ProblemHttpResult>> MergeAsync(
        Body<MergeRequest> body, ClaimsPrincipal user, UnitTree tree, Vacancies vacancies, DirectoryDbContext db, IOutbox outbox, TimeProvider time, CancellationToken cancel)
    {
        var units = await tree.TakeTurnAsync(cancel);
        var allowed = await AllowedAsync(user, tree, cancel);
        var errors = new Errors();
        foreach (var (at, id) in body.Value.UnitIds.Index())
        {
            if (!units.ContainsKey(id) || allowed?.Contains(id) == false)
                errors.Add($"unitIds[{at}]", NoSuchUnit);
        }
        errors.ThrowIfAny();
        return await EndAsync(body.Value with { UnitIds = [.. body.Value.UnitIds.Distinct()] }, units, user, tree, vacancies, db, outbox, time, cancel);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> EndAsync(
        MergeRequest request, Dictionary<Guid, Unit> units, ClaimsPrincipal user, UnitTree tree, Vacancies vacancies, DirectoryDbContext db, IOutbox outbox, TimeProvider time, CancellationToken cancel)
    {
        var closing = request.UnitIds.Select(id => units[id]).ToList();
        // The same request again.
        if (closing.All(unit => unit.ClosedOn is not null && unit.SuccessorId == request.SuccessorId))
            return TypedResults.NoContent();
        if (closing.FirstOrDefault(unit => unit.ClosedOn is not null) is { } gone)
            return ChangeUnit.Closed.Result(gone.Code);
        if (request.UnitIds.Contains(request.SuccessorId))
            Errors.Of("successorId", Itself.ToString()).ThrowIfAny();
        if (!units.TryGetValue(request.SuccessorId, out var successor) || successor.ClosedOn is not null || await AllowedAsync(user, tree, cancel) is { } allowed && !allowed.Contains(successor.Id))
        {
            Errors.Of("successorId", NoSuchUnit.ToString()).ThrowIfAny();
            return CommonProblems.NotFound.Result();
        }
        if (closing.FirstOrDefault(unit => Tree.Below([unit.Id], [.. units.Values.Select(each => (each.Id, each.ParentId, each.SuccessorId))]).Contains(successor.Id)) is { } above)
            return SuccessorBelow.Result(successor.Code, above.Code);

        var moving = units.Values.Where(unit => unit.ClosedOn is null && unit.ParentId is { } parent && request.UnitIds.Contains(parent) && !request.UnitIds.Contains(unit.Id)).ToList();
        var day = await ChangeDay.ReadAsync(request.On, [.. closing, .. moving], tree, db, cancel);
        var now = time.GetUtcNow();
        foreach (var child in moving)
        {
            await tree.KeepAsync(child, day, user.UserName(), cancel);
            child.ParentId = successor.Id;
            outbox.Add(new UnitChanged(child.Id, child.Code, child.NameAr, child.NameEn, child.ParentId, day, now));
        }
        foreach (var unit in closing)
        {
            (unit.ClosedOn, unit.SuccessorId, unit.CloseReason) = (day, successor.Id, request.Reason);
            unit.Version++;
            await vacancies.CloseOfUnitAsync(unit.Id, day, user.UserName(), cancel);
            outbox.Add(new UnitClosed(unit.Id, unit.Code, successor.Id, successor.Code, day, request.Reason, now));
        }
        await db.SaveChangesAsync(cancel);
        return TypedResults.NoContent();
    }

    private static async Task<IReadOnlySet<Guid>?> AllowedAsync(ClaimsPrincipal user, UnitTree tree, CancellationToken cancel) =>
        user.BranchesOf(Permissions.ManageUnits) is { } roots ? await tree.BelowAsync(roots, cancel) : null;
}
