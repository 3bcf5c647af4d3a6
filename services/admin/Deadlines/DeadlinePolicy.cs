using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Tarasol.Administration.Settings;
using Tarasol.Contracts.Admin;
using Tarasol.Messaging;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.ServiceDefaults.Requests;

namespace Tarasol.Administration.Deadlines;

/// <summary>By what clock the organisation works, and who is told when somebody is late.</summary>
/// <param name="NameAr">Shown where a due time is explained.</param>
/// <param name="NameEn">The same.</param>
/// <param name="TimeZone">IANA name of where the office is.</param>
/// <param name="ClosesAt">The end of a working day there.</param>
/// <param name="WarnHoursBefore">Before the due time; of a short time its last quarter.</param>
/// <param name="WarnTo">Who is warned.</param>
/// <param name="Escalations">Each later than the one before; none: nobody is told.</param>
public sealed record DeadlinePolicy(
    [Required, MaxLength(200)] string NameAr,
    [Required, MaxLength(200)] string NameEn,
    [Required, MaxLength(60)] string TimeZone,
    TimeOnly ClosesAt,
    [Range(0, 720)] int WarnHoursBefore,
    WarningTo WarnTo,
    [MaxLength(10)] IReadOnlyList<DeadlinePolicy.Escalation> Escalations) : ISettingContent<DeadlinePolicy>
{
    /// <summary>What holds until a tenant publishes its own; task counts by the same.</summary>
    public static readonly DeadlinePolicy Usual = new("السياسة المعتادة", "The usual policy", "Asia/Riyadh", new(16, 0), 24, WarningTo.Assignee, [new(0, 1), new(48, 2), new(96, 3)]);

    private static readonly Text NoSuchZone = new("is not the IANA name of a time zone, such as Asia/Riyadh", "ليس اسما لمنطقة زمنية في IANA مثل Asia/Riyadh");
    private static readonly Text NotLater = new("must be later than the one before", "يجب أن يكون بعد السابق له");
    private static readonly Text WholeMinutes = new("must be a whole minute", "يجب أن يكون بالدقائق دون كسور");

    public static SettingKind Kind => SettingKind.DeadlinePolicy;

    /// <param name="HoursAfter">After the due time.</param>
    /// <param name="Level">1 is the head of the unit, 2 the next one above, and so on.</param>
    public sealed record Escalation([Range(0, 8760)] int HoursAfter, [Range(1, 10)] int Level);

    public void Check(Errors errors, string prefix)
    {
        // A name of Windows would be found here and not on another machine.
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(TimeZone, out var zone) || !zone.HasIanaId || TimeZone.Contains(' ', StringComparison.Ordinal))
            errors.Add($"{prefix}timeZone", NoSuchZone);
        if (ClosesAt.Ticks % TimeSpan.TicksPerMinute != 0)
            errors.Add($"{prefix}closesAt", WholeMinutes);
        foreach (var (index, escalation) in Escalations.Index().Skip(1))
        {
            if (escalation.HoursAfter <= Escalations[index - 1].HoursAfter)
                errors.Add($"{prefix}escalations[{index}].hoursAfter", NotLater);
        }
    }

    public void Announce(IOutbox outbox, Setting setting, DateTimeOffset at) => outbox.Add(new DeadlinePolicyPublished(
        setting.Id, setting.Published, NameAr, NameEn, TimeZone, ClosesAt.ToString("HH:mm", CultureInfo.InvariantCulture), WarnHoursBefore, WireEnum.Name(WarnTo),
        [.. Escalations.Select(each => new DeadlineEscalation(each.HoursAfter, each.Level))], at));
}

public enum WarningTo
{
    Assignee,

    /// <summary>Also the head of their unit.</summary>
    AssigneeAndHead,
}
