using Tarasol.Tenancy.Catalogue;

namespace Tarasol.Identity.Roles;

/// <summary>A role that every tenant has, with the permissions that it allows. The services own the permissions; here they are text.</summary>
/// <param name="PlatformOnly">Exists in the platform's own tenant alone.</param>
public sealed record SeededRole(string Name, string NameAr, string NameEn, IReadOnlyList<string> Permissions, bool PlatformOnly = false);

/// <summary>All of them.</summary>
public static class SeededRoles
{
    public const string PlatformOperator = "platform-operator";
    public const string TenantAdmin = "tenant-admin";

    private static readonly string[] Letters =
    [
        "directory.unit.read", "directory.party.read", "identity.user.read", "admin.setting.read",
        "correspondence.letter.register", "correspondence.letter.read", "correspondence.letter.route", "correspondence.letter.close", "correspondence.circuit.read", "numbering.label.print",
        "task.task.read", "task.task.decide", "delegation.delegation.use", "profile.signature.keep",
    ];

    private static readonly string[] Registry = ["numbering.series.read", "numbering.block.use", "numbering.number.void"];

    private static readonly SeededRole[] All =
    [
        new(PlatformOperator, "مشغّل المنصة", "Platform operator",
            ["tenant.tenant.create", "tenant.tenant.read", "tenant.tenant.change", "tenant.tenant.suspend", "tenant.tenant.archive", "identity.user.create", "identity.user.read", "identity.user.manage", "identity.role.manage", "identity.client.manage", "audit.event.read"], PlatformOnly: true),
        new(TenantAdmin, "مدير الجهة", "Tenant administrator", [.. Letters, "identity.user.create", "identity.user.manage", "identity.role.manage", "identity.client.manage", "directory.unit.create", "directory.unit.manage", "directory.position.manage", "directory.party.manage", "directory.party.merge", "admin.setting.manage", "correspondence.circuit.manage", "task.task.reassign", "task.deadline.change", "delegation.delegation.manage", "delegation.authority.read", "audit.event.read", .. Registry, "numbering.series.manage", "numbering.register.read"]),
        new("registry-clerk", "موظف السجل", "Registry clerk", [.. Letters, "directory.party.manage", .. Registry]),
        new("handler", "معالج المعاملات", "Handler", Letters),
        new("unit-head", "رئيس الوحدة", "Head of unit", [.. Letters, "task.deadline.change"]),
        new("signatory", "المفوّض بالتوقيع", "Signatory", Letters),
        new("auditor", "المدقق", "Auditor", ["directory.unit.read", "directory.party.read", "admin.setting.read", "correspondence.letter.read", "delegation.authority.read", "audit.event.read", "numbering.series.read", "numbering.register.read"]),
    ];

    /// <summary>True for a role that comes with the release; nobody can change what it allows.</summary>
    public static bool Has(string name) => All.Any(role => role.Name == name);

    /// <summary>The roles of a tenant.</summary>
    public static IEnumerable<SeededRole> Of(string tenant) => All.Where(role => !role.PlatformOnly || tenant == PlatformTenant.Slug);
}
