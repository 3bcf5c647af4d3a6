using Tarasol.Tenancy.Catalogue;

namespace Tarasol.Tests.Unit.Tenant;

public sealed class TenantSlugTests
{
    [Theory]
    [InlineData("acme")]
    [InlineData("a-1")]
    [InlineData("ministry-of-water-and-electricity-2026xx")]
    public void A_short_name_is_one(string text) => Assert.True(TenantSlug.IsOne(text));

    [Theory]
    [InlineData("")]
    [InlineData("ab")]
    [InlineData("../x")]
    [InlineData("a/../b")]
    [InlineData("ACME")]
    [InlineData("acme-")]
    [InlineData("1acme")]
    [InlineData("acme.db")]
    [InlineData("acme\n")]
    [InlineData("acme%2fx")]
    [InlineData("ministry-of-water-and-electricity-2026xxx")]
    public void What_could_be_a_path_is_not(string text) => Assert.False(TenantSlug.IsOne(text));
}
