using System.Text.RegularExpressions;
using Tarasol.Identity.Roles;

namespace Tarasol.Tests.Unit.Identity;

public sealed partial class SeededRolesTests
{
    [Fact]
    public void Only_the_platform_has_operators()
    {
        Assert.Contains(SeededRoles.Of("platform"), role => role.Name == SeededRoles.PlatformOperator);
        Assert.DoesNotContain(SeededRoles.Of("ministry"), role => role.Name == SeededRoles.PlatformOperator);
    }

    [Fact]
    public void No_role_of_a_tenant_allows_anything_about_tenants() =>
        Assert.DoesNotContain(SeededRoles.Of("ministry").SelectMany(role => role.Permissions), permission => permission.StartsWith("tenant.", StringComparison.Ordinal));

    [Fact]
    public void A_tenants_administrator_may_do_all_that_its_other_roles_may()
    {
        var roles = SeededRoles.Of("ministry").ToList();
        var administrator = roles.Single(role => role.Name == SeededRoles.TenantAdmin);
        Assert.Empty(roles.SelectMany(role => role.Permissions).Except(administrator.Permissions));
    }

    [Fact]
    public void Every_role_is_named_in_both_languages_and_allows_well_formed_permissions_once() => Assert.All(SeededRoles.Of("platform"), role =>
    {
        Assert.Contains(role.NameAr, letter => letter is >= '\u0600' and <= '\u06FF');
        Assert.NotEmpty(role.NameEn);
        Assert.Equal(role.Permissions.Count, role.Permissions.Distinct().Count());
        Assert.All(role.Permissions, permission => Assert.Matches(Permission(), permission));
    });

    [Fact]
    public void Every_permission_of_a_role_is_declared_by_its_service()
    {
        var declared = new[]
        {
            Tarasol.Administration.Permissions.All, Tarasol.Audit.Permissions.All, Tarasol.Correspondence.Permissions.All, Tarasol.Delegations.Permissions.All, Tarasol.Directories.Permissions.All, Tarasol.Identity.Permissions.All, Tarasol.Profiles.Permissions.All,
            Tarasol.Numbering.Permissions.All,
            Tarasol.Tasks.Permissions.All, Tarasol.Tenants.Permissions.All,
        }.SelectMany(each => each).ToDictionary(each => each.Permission);
        Assert.DoesNotContain(SeededRoles.Of("platform").SelectMany(role => role.Permissions), permission => !declared.ContainsKey(permission));
        Assert.All(declared.Values, each => Assert.Contains(each.Name.Ar, letter => letter is >= '\u0600' and <= '\u06FF'));
    }

    [GeneratedRegex("^[a-z]+\\.[a-z]+\\.[a-z]+$")]
    private static partial Regex Permission();
}
