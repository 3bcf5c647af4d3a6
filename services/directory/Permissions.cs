using Tarasol.ServiceDefaults.Auth;

namespace Tarasol.Directories;

/// <summary>What a role can allow in this service.</summary>
public static class Permissions
{
    public const string CreateUnit = "directory.unit.create";
    public const string ReadUnits = "directory.unit.read";
    public const string ManageUnits = "directory.unit.manage";
    public const string ManagePositions = "directory.position.manage";
    public const string ReadParties = "directory.party.read";
    public const string ManageParties = "directory.party.manage";
    public const string MergeParties = "directory.party.merge";

    /// <summary>All of them, with their names.</summary>
    public static readonly IReadOnlyList<PermissionName> All =
    [
        new(CreateUnit, new("Add organisation units", "إضافة الوحدات التنظيمية"), ByBranch: true),
        new(ReadUnits, new("See organisation units and positions", "الاطلاع على الوحدات التنظيمية والمناصب"), ByBranch: true),
        new(ManageUnits, new("Rename, move, merge and close organisation units", "تسمية الوحدات التنظيمية ونقلها ودمجها وإغلاقها"), ByBranch: true),
        new(ManagePositions, new("Make positions and fill them", "إنشاء المناصب وشغلها"), ByBranch: true),
        new(ReadParties, new("See external parties", "الاطلاع على الجهات الخارجية")),
        new(ManageParties, new("Add and change external parties", "إضافة الجهات الخارجية وتعديلها")),
        new(MergeParties, new("Merge external parties and undo it", "دمج الجهات الخارجية والتراجع عنه")),
    ];
}
