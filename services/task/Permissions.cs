using Tarasol.ServiceDefaults.Auth;

namespace Tarasol.Tasks;

/// <summary>What a role can allow in this service.</summary>
public static class Permissions
{
    public const string ReadTasks = "task.task.read";
    public const string DecideTask = "task.task.decide";

    public const string ReassignTask = "task.task.reassign";

    public const string ChangeDeadlines = "task.deadline.change";

    /// <summary>All of them, with their names.</summary>
    public static readonly IReadOnlyList<PermissionName> All =
    [
        new(ReadTasks, new("See one's own tasks", "الاطلاع على المهام الخاصة")),
        new(DecideTask, new("Decide one's own tasks", "البت في المهام الخاصة")),
        new(ReassignTask, new("Give anybody's task to somebody else", "نقل مهمة أي شخص إلى غيره")),
        new(ChangeDeadlines, new("Give tasks more time and stop their clock", "تمديد مهل المهام وإيقاف ساعتها")),
    ];
}
