using Tarasol.ServiceDefaults.Auth;

namespace Tarasol.Identity;

/// <summary>What a role can allow in this service.</summary>
public static class Permissions
{
    public const string CreateUser = "identity.user.create";
    public const string ReadUsers = "identity.user.read";
    public const string ManageUsers = "identity.user.manage";
    public const string ManageRoles = "identity.role.manage";
    public const string ManageClients = "identity.client.manage";

    /// <summary>All of them, with their names.</summary>
    public static readonly IReadOnlyList<PermissionName> All =
    [
        new(CreateUser, new("Add users", "إضافة المستخدمين")),
        new(ReadUsers, new("See users and roles", "الاطلاع على المستخدمين والأدوار")),
        new(ManageUsers, new("Disable and remove users, give roles and clearance, end sessions", "تعطيل المستخدمين وحذفهم ومنح الأدوار ودرجات الاطلاع وإنهاء الجلسات")),
        new(ManageRoles, new("Compose roles", "تكوين الأدوار")),
        new(ManageClients, new("Register apps that people sign in with", "تسجيل التطبيقات التي يدخل منها المستخدمون")),
    ];
}
