namespace Tarasol.Tasks.Deadlines;

/// <summary>What is told about a task that is nearly or more than due: a warning to the person, then an escalation to the head of their unit, then to the head of the unit above, and so on.</summary>
public static class Alarms
{
    /// <summary>The warning, and how often it is escalated.</summary>
    public const int Stages = 4;

    private static readonly TimeSpan Warning = TimeSpan.FromHours(24);

    /// <summary>When a stage is reached: 0 is the warning, 1 and above are the levels of escalation.</summary>
    public static DateTimeOffset At(int stage, DateTimeOffset openedAt, DateTimeOffset dueAt)
    {
        // Of a short time the warning takes the last quarter.
        var before = (dueAt - openedAt) / 4 < Warning ? (dueAt - openedAt) / 4 : Warning;
        return stage == 0 ? dueAt - (before > TimeSpan.Zero ? before : TimeSpan.Zero) : dueAt.AddDays((stage - 1) * 2);
    }
}
