using Tarasol.ServiceDefaults.Auth;

namespace Tarasol.Correspondence;

/// <summary>What a role can allow in this service.</summary>
public static class Permissions
{
    public const string RegisterLetter = "correspondence.letter.register";
    public const string ReadLetters = "correspondence.letter.read";
    public const string RouteLetter = "correspondence.letter.route";

    public const string CloseLetter = "correspondence.letter.close";
    public const string ReadCircuits = "correspondence.circuit.read";
    public const string ManageCircuits = "correspondence.circuit.manage";

    /// <summary>All of them, with their names.</summary>
    public static readonly IReadOnlyList<PermissionName> All =
    [
        new(RegisterLetter, new("Register letters", "تسجيل الخطابات"), ByBranch: true),
        new(ReadLetters, new("Read letters", "الاطلاع على الخطابات"), ByBranch: true),
        new(RouteLetter, new("Route letters for approval", "إحالة الخطابات للاعتماد"), ByBranch: true),
        new(CloseLetter, new("Close and reopen letters", "إغلاق الخطابات وإعادة فتحها"), ByBranch: true),
        new(ReadCircuits, new("See routing circuits", "الاطلاع على مسارات الإحالة")),
        new(ManageCircuits, new("Draft and publish routing circuits", "إعداد مسارات الإحالة ونشرها")),
    ];
}
