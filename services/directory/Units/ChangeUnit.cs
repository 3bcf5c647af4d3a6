using System.ComponentModel.DataAnnotations;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Tarasol.Contracts.Directories;
using Tarasol.Directories.Data;
using Tarasol.Messaging;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.ServiceDefaults.Requests;

namespace Tarasol.Directories.Units;

/// <summary>PATCH /api/directory/units/{id}: other names or another place in the tree, from a day on. How it was before stays known. <c>toRoot</c> takes it from under its parent.</summary>
public static class ChangeUnit
{
    public static readonly Problem Closed = new("unit-closed", 409, new("The unit {0} is closed.", "الوحدة {0} مغلقة."));
    private static readonly Text NoSuchUnit = new("is not an open unit of this organisation", "ليست وحدة قائمة في هذه الجهة");
    private static readonly Text BelowItself = new("is the unit itself or below it", "هي الوحدة نفسها أو تقع تحتها");
    private static readonly Text Both = new("cannot go together with toRoot", "لا يجتمع مع toRoot");
    private static readonly Text Empty = new("must not be empty", "يجب ألا يكون فارغا");

    public sealed record Request(
        [MaxLength(200)] string? NameAr = null, [MaxLength(200)] string? NameEn = null, Guid? ParentId = null, bool ToRoot = false, DateOnly? On = null) : IValidated
    {
        public void Validate(Errors errors)
        {
            if (NameAr is not null && string.IsNullOrWhiteSpace(NameAr))
                errors.Add("nameAr", Empty);
            if (NameEn is not null && string.IsNullOrWhiteSpace(NameEn))
                errors.Add("nameEn", Empty);
            if (ToRoot && ParentId is not null)
                errors.Add("parentId", Both);
        }
    }

    public static async Task<Results<Ok<GetUnit.Response>, ProblemHttpResult>> HandleAsync(
        Guid id, Body<Request> body, ClaimsPrincipal user, UnitTree tree, DirectoryDbContext db, IOutbox outbox, TimeProvider time, CancellationToken cancel)
    {
        var request = body.Value;
        var units = await tree.TakeTurnAsync(cancel);
        var allowed = user.BranchesOf(Permissions.ManageUnits) is { } roots ? await tree.BelowAsync(roots, cancel) : null;
        if (!units.TryGetValue(id, out var unit) || allowed?.Contains(id) == false)
            return CommonProblems.NotFound.Result();
        if (unit.ClosedOn is not null)
            return Closed.Result(unit.Code);
        if (request.ParentId is { } wanted)
        {
            if (!units.TryGetValue(wanted, out var parent) || parent.ClosedOn is not null)
                Errors.Of("parentId", NoSuchUnit.ToString()).ThrowIfAny();
            if ((await tree.BelowAsync([id], cancel)).Contains(wanted))
                Errors.Of("parentId", BelowItself.ToString()).ThrowIfAny();
        }
        // A role for some units only moves nothing out of them.
        if (allowed is not null && (request.ToRoot || request.ParentId is { } to && !allowed.Contains(to)))
            return CommonProblems.Forbidden.Result();

        var place = request.ToRoot ? null : request.ParentId ?? unit.ParentId;
        var (nameAr, nameEn) = (request.NameAr ?? unit.NameAr, request.NameEn ?? unit.NameEn);
        if ((nameAr, nameEn, place) == (unit.NameAr, unit.NameEn, unit.ParentId))
            return TypedResults.Ok(GetUnit.Show(unit));
        var day = await ChangeDay.ReadAsync(request.On, [unit], tree, db, cancel);
        await tree.KeepAsync(unit, day, user.UserName(), cancel);
        (unit.NameAr, unit.NameEn, unit.ParentId) = (nameAr, nameEn, place);
        outbox.Add(new UnitChanged(unit.Id, unit.Code, unit.NameAr, unit.NameEn, unit.ParentId, day, time.GetUtcNow()));
        await db.SaveChangesAsync(cancel);
        return TypedResults.Ok(GetUnit.Show(unit));
    }
}
