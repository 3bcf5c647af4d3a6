using Tarasol.ServiceDefaults.Auth;

namespace Tarasol.Profiles;

/// <summary>What a role can allow in this service. One's own profile needs none; there is no permission for that of another.</summary>
public static class Permissions
{
    public const string KeepSignature = "profile.signature.keep";

    /// <summary>All of them, with their names.</summary>
    public static readonly IReadOnlyList<PermissionName> All =
    [
        new(KeepSignature, new("Keep an image of one's own signature", "حفظ صورة التوقيع الشخصي")),
    ];
}
