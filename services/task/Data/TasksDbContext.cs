using Microsoft.EntityFrameworkCore;
using Tarasol.Messaging.Data;
using Tarasol.Tasks.Deadlines;
using Tarasol.Tasks.Delegations;
using Tarasol.Tasks.Inbox;
using Tarasol.Tasks.People;
using Tarasol.Tasks.Transfers;
using Tarasol.Tasks.WorkItems;
using Tarasol.Tenancy;

namespace Tarasol.Tasks.Data;

public sealed class TasksDbContext(DbContextOptions<TasksDbContext> options) : DbContext(options)
{
    public DbSet<WorkItem> WorkItems => Set<WorkItem>();

    public DbSet<Person> Persons => Set<Person>();

    public DbSet<ClosedUnit> ClosedUnits => Set<ClosedUnit>();

    public DbSet<InboxFilter> InboxFilters => Set<InboxFilter>();

    public DbSet<ClockStop> ClockStops => Set<ClockStop>();

    public DbSet<DeadlineExtension> DeadlineExtensions => Set<DeadlineExtension>();

    public DbSet<KnownDelegation> Delegations => Set<KnownDelegation>();

    public DbSet<KnownCalendar> Calendars => Set<KnownCalendar>();

    public DbSet<KnownDeadlinePolicy> DeadlinePolicies => Set<KnownDeadlinePolicy>();

    public DbSet<RequestKey> RequestKeys => Set<RequestKey>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<WorkItem>(item =>
        {
            item.ToTable("work_item");
            item.Property(row => row.Version).IsConcurrencyToken();
        });
        modelBuilder.Entity<Person>().ToTable("person").HasKey(person => person.UserName);
        modelBuilder.Entity<ClosedUnit>().ToTable("closed_unit").HasKey(unit => unit.UnitId);
        modelBuilder.Entity<InboxFilter>().ToTable("inbox_filter");
        modelBuilder.Entity<ClockStop>().ToTable("clock_stop").HasKey(stop => new { stop.WorkItemId, stop.Number });
        modelBuilder.Entity<DeadlineExtension>().ToTable("deadline_extension").HasKey(extension => new { extension.WorkItemId, extension.Number });
        modelBuilder.Entity<KnownDelegation>().ToTable("delegation");
        modelBuilder.Entity<KnownCalendar>().ToTable("working_calendar").HasKey(calendar => calendar.UnitCode);
        modelBuilder.Entity<KnownDeadlinePolicy>().ToTable("deadline_policy").Property(policy => policy.Id).ValueGeneratedNever();
        modelBuilder.AddRequestKeys();
        modelBuilder.AddMessaging();
        modelBuilder.UseTarasolConventions(Database);
    }
}
