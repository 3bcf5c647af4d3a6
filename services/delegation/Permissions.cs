using Tarasol.ServiceDefaults.Auth;

namespace Tarasol.Delegations;

/// <summary>What a role can allow in this service.</summary>
public static class Permissions
{
    public const string Delegate = "delegation.delegation.use";
    public const string ManageDelegations = "delegation.delegation.manage";
    public const string ReadAuthority = "delegation.authority.read";

    /// <summary>All of them, with their names.</summary>
    public static readonly IReadOnlyList<PermissionName> All =
    [
        new(Delegate, new("Delegate own work and act for others", "تفويض الأعمال الذاتية والعمل نيابة عن الآخرين")),
        new(ManageDelegations, new("Make and end delegations of others", "إنشاء تفويضات الآخرين وإنهاؤها")),
        new(ReadAuthority, new("See who could act for whom, and when", "الاطلاع على من كان يستطيع العمل نيابة عن من ومتى")),
    ];
}
