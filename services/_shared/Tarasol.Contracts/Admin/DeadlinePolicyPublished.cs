namespace Tarasol.Contracts.Admin;

/// <summary>
/// By what clock the tenant works, and who is told when somebody is late, from now on.
/// Version: From 1; whoever keeps the newest one ignores an older one that comes late.
/// TimeZone: IANA name.
/// ClosesAt: The end of a working day there, HH:mm.
/// WarnHoursBefore: A task that is not done is warned of so long before it is due; of a short time in its last quarter.
/// WarnTo: assignee or assignee-and-head.
/// Escalations: In the order of time; none: nobody is told.
/// </summary>
public sealed record DeadlinePolicyPublished(
    Guid DeadlinePolicyId, int Version, string NameAr, string NameEn, string TimeZone, string ClosesAt, int WarnHoursBefore, string WarnTo, IReadOnlyList<DeadlineEscalation> Escalations,
    DateTimeOffset PublishedAt) : IEvent
{
    /// <inheritdoc/>
    public static string Type => "admin.deadline-policy-published.v1";

    string IEvent.Subject => DeadlinePolicyId.ToString();
}

/// <summary>
/// A head is told.
/// HoursAfter: After the due time.
/// Level: 1 is the head of the unit, 2 the next one above, and so on.
/// </summary>
public sealed record DeadlineEscalation(int HoursAfter, int Level);
