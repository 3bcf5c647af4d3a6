using Tarasol.ServiceDefaults.Auth;

namespace Tarasol.Audit;

/// <summary>What a role can allow in this service.</summary>
public static class Permissions
{
    public const string ReadEvents = "audit.event.read";

    /// <summary>All of them, with their names.</summary>
    public static readonly IReadOnlyList<PermissionName> All =
    [
        new(ReadEvents, new("Read the audit trail", "الاطلاع على سجل التدقيق")),
    ];
}
