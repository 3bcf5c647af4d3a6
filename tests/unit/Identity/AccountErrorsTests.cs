using System.Globalization;
using Microsoft.AspNetCore.Identity;
using Tarasol.Identity.Users;

namespace Tarasol.Tests.Unit.Identity;

public sealed class AccountErrorsTests
{
    private readonly AccountErrors errors = new();

    [Fact]
    public void Password_rules_are_errors_of_the_password()
    {
        var details = AccountErrors.ByField([errors.PasswordTooShort(8), AccountErrors.PasswordTooCommon(), errors.InvalidUserName("x y")]).Details();
        var fields = (Dictionary<string, string[]>)details.Extensions["errors"]!;
        Assert.Equal(["password", "userName"], fields.Keys);
        Assert.Equal(2, fields["password"].Length);
        Assert.Contains("8", fields["password"][0], StringComparison.Ordinal);
    }

    [Fact]
    public void A_failure_that_no_request_can_cause_is_not_blamed_on_one() =>
        Assert.Throws<InvalidOperationException>(() => AccountErrors.ByField([errors.ConcurrencyFailure()]));

    [Fact]
    public void Every_rule_is_told_in_Arabic_to_those_who_ask_for_it()
    {
        var before = CultureInfo.CurrentUICulture;
        try
        {
            CultureInfo.CurrentUICulture = new("ar");
            Assert.All(
                new IdentityError[]
                {
                    errors.PasswordTooShort(8), AccountErrors.PasswordTooCommon(), AccountErrors.PasswordNotNew(), errors.InvalidUserName("x y"),
                },
                error => Assert.Contains(error.Description, letter => letter is >= '\u0600' and <= '\u06FF'));
        }
        finally
        {
            CultureInfo.CurrentUICulture = before;
        }
    }
}
