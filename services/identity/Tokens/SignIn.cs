using Tarasol.Identity.Data;
using Tarasol.Identity.Mfa;
using Tarasol.Identity.Passwords;
using Tarasol.Identity.Users;

namespace Tarasol.Identity.Tokens;

/// <summary>Decides whether somebody is who they say, at the token endpoint and at the sign-in page alike.</summary>
internal sealed class SignIn(PasswordCheck check, NewPassword passwords, SecondFactor factor, AccountSaves saves, AccountsDbContext db)
{
    // English alone: RFC 6749 (5.2) allows ASCII only in error_description.
    private const string BadCredentials = "The user name or the password is wrong, or the account is locked for a while.";
    private const string MustChange = "The password must be changed: send the same request again with the new one in new_password.";
    private const string NeedsCode = "A second factor is needed: send the same request again with a code of the authenticator app, or a recovery code, in mfa_code.";
    private const string NeedsEnrolment =
        "A role needs a second factor: put mfa_secret or mfa_uri into an authenticator app, and send the same request again with its code in mfa_code.";
    private const string WrongCode = "The code in mfa_code is wrong or was used before.";

    /// <summary>The person, or why not. Nothing is told of an account before its password was right.</summary>
    public async Task<SignInOutcome> RunAsync(SignInAttempt attempt, CancellationToken cancel)
    {
        if (await check.FindAsync(attempt.UserName, attempt.Password) is not { } user)
            return new(null, SignInOutcome.InvalidGrant, BadCredentials);
        if ((user.TotpSecret is not null || await factor.IsRequiredAsync(user.Id, cancel)) && await SecondFactorAsync(user, attempt.MfaCode, cancel) is { } missing)
            return missing;
        if (user.MustChangePassword)
        {
            if (attempt.NewPassword is not { Length: > 0 and <= 200 } chosen)
                return new(null, SignInOutcome.PasswordChangeRequired, MustChange);
            var broken = await passwords.SetAsync(user, chosen);
            if (broken.Count > 0)
                return new(null, SignInOutcome.PasswordRefused, $"The new password does not do: {string.Join("; ", broken.Select(rule => rule.Code))}.");
        }
        // A code that was taken, a second factor that was confirmed and a new password hold together or not at all.
        if (db.ChangeTracker.HasChanges())
            await saves.SaveAsync(user);
        await check.ForgiveAsync(user);
        return new(user, Factors: user.TotpSecret is null ? ["pwd"] : ["pwd", "otp"]);
    }

    private async Task<SignInOutcome?> SecondFactorAsync(ApplicationUser user, string? code, CancellationToken cancel)
    {
        if (string.IsNullOrEmpty(code))
        {
            if (user.TotpSecret is not null)
                return new(null, SignInOutcome.MfaRequired, NeedsCode);
            var enrolment = factor.Begin(user);
            await saves.SaveAsync(user);
            return new(null, SignInOutcome.MfaRequired, NeedsEnrolment, enrolment);
        }
        if (user.TotpSecret is null ? factor.Confirm(user, code) : await factor.TakeAsync(user, code, cancel))
            return null;
        await check.CountFailureAsync(user);
        return new(null, SignInOutcome.InvalidMfaCode, WrongCode);
    }
}

/// <summary>What somebody gives to sign in.</summary>
/// <param name="NewPassword">Only where the password must be changed.</param>
/// <param name="MfaCode">Only where a second factor is asked for.</param>
internal sealed record SignInAttempt(string UserName, string Password, string? NewPassword, string? MfaCode);

/// <summary>A person, or an error of OAuth's kind.</summary>
/// <param name="User">Null: not signed in.</param>
/// <param name="Error">A stable code.</param>
/// <param name="Description">English.</param>
/// <param name="Enrolment">For an authenticator app, where the person has to begin with one.</param>
/// <param name="Factors">How the person showed who they are (RFC 8176).</param>
internal sealed record SignInOutcome(ApplicationUser? User, string? Error = null, string? Description = null, Enrolment? Enrolment = null, IReadOnlyList<string>? Factors = null)
{
    public const string InvalidGrant = "invalid_grant";
    public const string PasswordChangeRequired = "password_change_required";
    public const string PasswordRefused = "password_refused";
    public const string MfaRequired = "mfa_required";
    public const string InvalidMfaCode = "invalid_mfa_code";
}
