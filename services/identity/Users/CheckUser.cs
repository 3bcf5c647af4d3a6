using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Identity;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.ServiceDefaults.Requests;

namespace Tarasol.Identity.Users;

/// <summary>POST /internal/users/check: would this name and password do for an account? 204, or 400 that names the fields. Nothing is kept.</summary>
public static class CheckUser
{
    public sealed record Request([Required, MaxLength(100), RegularExpression(UserNames.Pattern)] string UserName, [Required, MaxLength(200)] string Password);

    public static async Task<NoContent> HandleAsync(Body<Request> body, UserManager<ApplicationUser> users)
    {
        var user = new ApplicationUser { UserName = body.Value.UserName, DisplayNameAr = "", DisplayNameEn = "" };
        var errors = new List<IdentityError>();
        foreach (var validator in users.PasswordValidators)
            errors.AddRange((await validator.ValidateAsync(users, user, body.Value.Password)).Errors);
        AccountErrors.ByField(errors).ThrowIfAny();
        return TypedResults.NoContent();
    }
}
