using Tarasol.ServiceDefaults.Auth;

namespace Tarasol.Numbering;

/// <summary>What a role can allow in this service.</summary>
public static class Permissions
{
    public const string ReadSeries = "numbering.series.read";
    public const string ManageSeries = "numbering.series.manage";
    public const string UseBlocks = "numbering.block.use";
    public const string VoidNumbers = "numbering.number.void";
    public const string ReadRegister = "numbering.register.read";
    public const string PrintLabels = "numbering.label.print";

    /// <summary>All of them, with their names.</summary>
    public static readonly IReadOnlyList<PermissionName> All =
    [
        new(ReadSeries, new("See number series", "الاطلاع على سلاسل الترقيم")),
        new(ManageSeries, new("Add, change and close number series", "إضافة سلاسل الترقيم وتغييرها وإغلاقها")),
        new(UseBlocks, new("Reserve blocks of numbers and use them", "حجز مجموعات الأرقام واستخدامها")),
        new(VoidNumbers, new("Void numbers", "إلغاء الأرقام")),
        new(ReadRegister, new("Read the whole register of numbers, with clearance for everything", "الاطلاع على سجل الأرقام كاملا مع تصريح بالاطلاع على كل شيء")),
        new(PrintLabels, new("Print labels of letters that one may read", "طباعة ملصقات الخطابات التي يمكن الاطلاع عليها")),
    ];
}
