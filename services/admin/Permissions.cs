using Tarasol.ServiceDefaults.Auth;

namespace Tarasol.Administration;

/// <summary>What a role can allow in this service.</summary>
public static class Permissions
{
    public const string ReadSettings = "admin.setting.read";
    public const string ManageSettings = "admin.setting.manage";

    /// <summary>All of them, with their names.</summary>
    public static readonly IReadOnlyList<PermissionName> All =
    [
        new(ReadSettings, new("See letter types, classification and calendars", "الاطلاع على أنواع الخطابات والتصنيف والتقاويم")),
        new(ManageSettings, new("Change and publish the settings of the organisation", "تعديل إعدادات الجهة ونشرها")),
    ];
}
