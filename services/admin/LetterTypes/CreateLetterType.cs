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

namespace Tarasol.Administration.LetterTypes;

/// <summary>POST /api/admin/letter-types: a new type, as a draft.</summary>
public static class CreateLetterType
{
    public const string CodeForm = "^[a-z0-9]+(-[a-z0-9]+)*$";
    public static readonly Problem CodeTaken = new("letter-type-code-taken", 409, new("There is already a letter type with the code {0}.", "يوجد نوع خطابات بالرمز {0}."));
    private const string Operation = "create-letter-type";

    /// <param name="Code">Never changes; requests name the type by it.</param>
    public sealed record Request([Required, MaxLength(40), RegularExpression(CodeForm)] string Code, LetterTypeForm Form) : IValidated
    {
        public void Validate(Errors errors) => Form.Check(errors, "form.");
    }

    public sealed record Response(Guid Id);

    public static async Task<Results<Created<Response>, ProblemHttpResult>> HandleAsync(
        Body<Request> body, IdempotencyKey key, ClaimsPrincipal user, Drafts drafts, AdminDbContext db, TimeProvider time, CancellationToken cancel)
    {
        var request = body.Value;
        var hash = IdempotencyKey.HashOf(request);
        if (await db.RequestKeys.ResultAsync(key, user.UserId(), Operation, hash, cancel) is { } before)
            return Answer(before);
        if (await drafts.FindAsync<LetterTypeForm>(request.Code, cancel) is not null)
            return CodeTaken.Result(request.Code);
        var setting = drafts.Create<LetterTypeForm>(request.Code);
        await drafts.WriteAsync(setting, request.Form, cancel);
        db.RequestKeys.Remember(key, user.UserId(), Operation, hash, setting.Id, time.GetUtcNow());
        try
        {
            await db.SaveChangesAsync(cancel);
        }
        catch (DbUpdateException)
        {
            // Another request was first: the same one again, or another type of this code.
            db.ChangeTracker.Clear();
            if (await db.RequestKeys.ResultAsync(key, user.UserId(), Operation, hash, cancel) is { } first)
                return Answer(first);
            if (await drafts.FindAsync<LetterTypeForm>(request.Code, cancel) is not null)
                return CodeTaken.Result(request.Code);
            throw;
        }
        return Answer(setting.Id);

        static Created<Response> Answer(Guid id) => TypedResults.Created($"/api/admin/letter-types/{id}", new Response(id));
    }
}
