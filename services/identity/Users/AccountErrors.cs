using Microsoft.AspNetCore.Identity;
using Tarasol.ServiceDefaults.Problems;

namespace Tarasol.Identity.Users;

/// <summary>The rules of ASP.NET Core Identity in the caller's language, and the fields that they belong to.</summary>
internal sealed class AccountErrors : IdentityErrorDescriber
{
    private static readonly Text TooShort = new("must have at least {0} characters", "يجب ألا تقل عن {0} أحرف");
    private static readonly Text TooCommon = new("is one of the passwords that are guessed first; choose another", "من كلمات المرور التي تُخمَّن أولا؛ اختر غيرها");
    private static readonly Text NotNew = new("is the password that you have already", "هي كلمة المرور الحالية نفسها");
    private static readonly Text BadName = new("may contain Latin letters, digits and - . _ @ + only", "يجوز أن يحتوي على حروف لاتينية وأرقام و - . _ @ + فقط");

    public override IdentityError PasswordTooShort(int length) => Of(nameof(PasswordTooShort), TooShort.With(length));

    public override IdentityError InvalidUserName(string? userName) => Of(nameof(InvalidUserName), BadName.ToString());

    public static IdentityError PasswordTooCommon() => Of(nameof(PasswordTooCommon), TooCommon.ToString());

    public static IdentityError PasswordNotNew() => Of(nameof(PasswordNotNew), NotNew.ToString());

    /// <summary>The request field that a rule is about. Throws <see cref="InvalidOperationException"/> for a failure that no request can cause.</summary>
    /// <param name="errors">What ASP.NET Core Identity says.</param>
    /// <param name="passwordField">Name of the field that holds the password.</param>
    public static Errors ByField(IEnumerable<IdentityError> errors, string passwordField = "password")
    {
        var byField = new Errors();
        foreach (var error in errors)
            byField.Add(Field(error, passwordField), error.Description);
        return byField;
    }

    private static string Field(IdentityError error, string passwordField) => error.Code switch
    {
        nameof(InvalidUserName) => "userName",
        _ when error.Code.StartsWith("Password", StringComparison.Ordinal) => passwordField,
        _ => throw new InvalidOperationException($"An account could not be saved: {error.Code} {error.Description}"),
    };

    private static IdentityError Of(string code, string description) => new() { Code = code, Description = description };
}
