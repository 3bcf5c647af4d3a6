using System.Globalization;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Tarasol.Contracts.Admin;
using Tarasol.Messaging;
using Tarasol.Tasks.Data;
using Tarasol.Tasks.WorkItems;
using Tarasol.Tenancy;
using Tarasol.Tenancy.Sweeps;

namespace Tarasol.Tasks.Deadlines;

/// <summary>By what clock the tenant works, and who is told when somebody is late.</summary>
/// <param name="Version">0: of a tenant that has published none.</param>
/// <param name="NameAr">For people.</param>
/// <param name="NameEn">For people.</param>
/// <param name="TimeZone">IANA name of where the office is.</param>
/// <param name="ClosesAt">The end of a working day there.</param>
/// <param name="WarnBefore">Before the due time.</param>
/// <param name="WarnHead">The head of the unit is warned too.</param>
/// <param name="Escalations">In the order of time.</param>
public sealed record DeadlinePolicy(
    int Version, string NameAr, string NameEn, string TimeZone, TimeOnly ClosesAt, TimeSpan WarnBefore, bool WarnHead, IReadOnlyList<DeadlineEscalation> Escalations)
{
    /// <summary>Of a tenant that has published none; admin shows the same.</summary>
    public static DeadlinePolicy Usual { get; } = new(
        0, "السياسة المعتادة", "The usual policy", "Asia/Riyadh", new(16, 0), TimeSpan.FromHours(24), false, [new(0, 1), new(48, 2), new(96, 3)]);

    /// <summary>The warning, and each escalation.</summary>
    public int Stages => 1 + Escalations.Count;

    /// <summary>When a stage is reached: 0 is the warning, 1 and above are the escalations.</summary>
    public DateTimeOffset At(int stage, DateTimeOffset openedAt, DateTimeOffset dueAt)
    {
        if (stage > 0)
            return dueAt.AddHours(Escalations[stage - 1].HoursAfter);
        // Of a short time the warning takes the last quarter.
        var before = (dueAt - openedAt) / 4 < WarnBefore ? (dueAt - openedAt) / 4 : WarnBefore;
        return dueAt - (before > TimeSpan.Zero ? before : TimeSpan.Zero);
    }

    /// <summary>As it was published. What this machine cannot read is as in the usual one.</summary>
    public static DeadlinePolicy Of(DeadlinePolicyPublished published) => new(
        published.Version, published.NameAr, published.NameEn, TimeZoneInfo.TryFindSystemTimeZoneById(published.TimeZone, out _) ? published.TimeZone : Usual.TimeZone,
        TimeOnly.TryParseExact(published.ClosesAt, "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var closes) ? closes : Usual.ClosesAt,
        TimeSpan.FromHours(published.WarnHoursBefore), published.WarnTo == "assignee-and-head", published.Escalations);
}

/// <summary>The policy that the tenant has published: admin owns it, this is the copy of its newest version.</summary>
public sealed class KnownDeadlinePolicy
{
    /// <summary>There is one row.</summary>
    public const int TheId = 1;

    public int Id { get; init; } = TheId;

    public int Version { get; set; }

    /// <summary>A <see cref="DeadlinePolicy"/> as JSON.</summary>
    public required string Definition { get; set; }
}

/// <summary>Keeps the policy that admin publishes. An older version that comes late changes nothing. What is watched is looked at again: it may have to be told of earlier now.</summary>
public sealed class KeepDeadlinePolicy(TasksDbContext db, SweepSignal<WatchDeadlines> watch, CurrentTenant tenant) : IEventHandler<DeadlinePolicyPublished>
{
    public async Task HandleAsync(DeadlinePolicyPublished published, EventEnvelope envelope, CancellationToken cancel)
    {
        var known = await db.DeadlinePolicies.FirstOrDefaultAsync(row => row.Id == KnownDeadlinePolicy.TheId, cancel);
        if (known?.Version >= published.Version)
            return;
        var definition = JsonSerializer.Serialize(DeadlinePolicy.Of(published), EventJson.Options);
        if (known is null)
            db.Add(new KnownDeadlinePolicy { Version = published.Version, Definition = definition });
        else
            (known.Version, known.Definition) = (published.Version, definition);
        await db.WorkItems.Where(row => row.State == WorkItemState.Open && row.Watch == DeadlineWatch.Running)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.Watch, DeadlineWatch.Changed), cancel);
        watch.Set(tenant.Slug);
    }
}
