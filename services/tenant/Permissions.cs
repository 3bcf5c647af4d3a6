using Tarasol.ServiceDefaults.Auth;

namespace Tarasol.Tenants;

/// <summary>What a role can allow in this service. Only roles of the platform's own tenant have them.</summary>
public static class Permissions
{
    public const string CreateTenant = "tenant.tenant.create";
    public const string ReadTenants = "tenant.tenant.read";
    public const string ChangeTenant = "tenant.tenant.change";
    public const string SuspendTenant = "tenant.tenant.suspend";
    public const string ArchiveTenant = "tenant.tenant.archive";

    /// <summary>All of them, with their names.</summary>
    public static readonly IReadOnlyList<PermissionName> All =
    [
        new(CreateTenant, new("Add organisations to the platform", "إضافة الجهات إلى المنصة"), PlatformOnly: true),
        new(ReadTenants, new("See the organisations of the platform", "الاطلاع على جهات المنصة"), PlatformOnly: true),
        new(ChangeTenant, new("Change an organisation's limits, host names and defaults", "تعديل حدود الجهة ومواقعها وإعداداتها"), PlatformOnly: true),
        new(SuspendTenant, new("Suspend and resume organisations", "إيقاف الجهات واستئنافها"), PlatformOnly: true),
        new(ArchiveTenant, new("Close organisations and take the archive of their data", "إغلاق الجهات وأخذ أرشيف بياناتها"), PlatformOnly: true),
    ];
}
