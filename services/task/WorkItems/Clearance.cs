using Tarasol.Tasks.People;

namespace Tarasol.Tasks.WorkItems;

/// <summary>Who may be given a task: only who is cleared for its letter.</summary>
public static class Clearance
{
    /// <summary>Of a task whose letter's level was never told.</summary>
    public const int Highest = 3;

    public static bool Covers(Person person, WorkItem item) => person.Clearance >= (item.Confidentiality ?? Highest);
}
