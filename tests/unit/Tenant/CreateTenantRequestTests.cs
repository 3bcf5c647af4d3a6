using System.ComponentModel.DataAnnotations;
using System.Reflection;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.Tenants.Tenants;

namespace Tarasol.Tests.Unit.Tenant;

public sealed class CreateTenantRequestTests
{
    private static readonly RegularExpressionAttribute Form = typeof(CreateTenant.Request).GetConstructors().Single().GetParameters()
        .Single(parameter => parameter.Name == nameof(CreateTenant.Request.Slug)).GetCustomAttribute<RegularExpressionAttribute>()!;

    [Theory]
    [InlineData("moe")]
    [InlineData("ministry-of-education")]
    [InlineData("a1234567890123456789012345678901234567z9")]
    public void A_slug_may_hold_small_letters_digits_and_hyphens(string slug) => Assert.True(Form.IsValid(slug));

    [Theory]
    [InlineData("ab")]
    [InlineData("1abc")]
    [InlineData("-abc")]
    [InlineData("abc-")]
    [InlineData("Abc")]
    [InlineData("a_c")]
    [InlineData("a/c")]
    [InlineData("a.c")]
    [InlineData("abc\n")]
    [InlineData("وزارة")]
    [InlineData("a12345678901234567890123456789012345678z9")]
    public void Anything_else_is_no_slug(string slug) => Assert.False(Form.IsValid(slug));

    [Fact]
    public void The_platforms_own_name_is_reserved()
    {
        var errors = new Errors();
        new CreateTenant.Request("platform", "x", "x", "admin", "x").Validate(errors);
        Assert.True(errors.Any);
    }
}
