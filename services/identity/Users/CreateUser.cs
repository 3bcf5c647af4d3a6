using System.ComponentModel.DataAnnotations;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Identity;
using Tarasol.Identity.Data;
using Tarasol.Identity.Roles;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.ServiceDefaults.Requests;
using Tarasol.Tenancy;

namespace Tarasol.Identity.Users;

/// <summary>POST /api/identity/users</summary>
public static class CreateUser
{
    public static readonly Problem NameTaken = new("user-name-taken", 409, new("There is already a user with the name {0}.", "يوجد مستخدم بالاسم {0}."));
    private const string Operation = "create-user";

    public sealed record Request(
        [Required, MaxLength(100), RegularExpression(UserNames.Pattern)] string UserName,
        [Required, MaxLength(200)] string Password,
        [Required, MaxLength(200)] string DisplayNameAr,
        [Required, MaxLength(200)] string DisplayNameEn,
        [MaxLength(20)] IReadOnlyList<string> Roles,
        [Range(0, 3)] int Clearance,
        Guid? UnitId = null,
        bool MustChangePassword = false);

    public sealed record Response(Guid Id);

    internal static async Task<Results<Created<Response>, ProblemHttpResult>> HandleAsync(
        Body<Request> body, IdempotencyKey key, ClaimsPrincipal caller, AccountsDbContext db, NewUser newUser, UserLimit limit, RoleNames roleNames, TimeProvider time, CancellationToken cancel)
    {
        var request = body.Value;
        // Without the password: a bare hash of it must be nowhere.
        var hash = IdempotencyKey.HashOf(request with { Password = "" });
        if (await BeforeAsync() is { } before)
            return Answer(before);
        var roles = await roleNames.FindAsync(request.Roles, "roles[{0}]", caller, cancel);

        var now = time.GetUtcNow();
        var user = new ApplicationUser
        {
            Id = Guid.CreateVersion7(now),
            UserName = request.UserName,
            DisplayNameAr = request.DisplayNameAr,
            DisplayNameEn = request.DisplayNameEn,
            Clearance = request.Clearance,
            UnitId = request.UnitId,
            MustChangePassword = request.MustChangePassword,
            CreatedAt = now,
        };
        await using var room = await limit.ReserveAsync(cancel);
        db.RequestKeys.Remember(key, caller.UserId(), Operation, hash, user.Id, now);
        var added = await newUser.AddAsync(user, request.Password, roles);
        if (added.Errors.Any(error => error.Code == nameof(IdentityErrorDescriber.DuplicateUserName)))
        {
            // Perhaps by the same request at the same time.
            return await BeforeAsync() is { } first ? Answer(first) : NameTaken.Result(request.UserName);
        }
        AccountErrors.ByField(added.Errors).ThrowIfAny();
        if (room is not null)
            await room.CommitAsync(cancel);
        return Answer(user.Id);

        Task<Guid?> BeforeAsync() => db.RequestKeys.ResultAsync(key, caller.UserId(), Operation, hash, cancel);

        static Created<Response> Answer(Guid id) => TypedResults.Created($"/api/identity/users/{id}", new Response(id));
    }
}
