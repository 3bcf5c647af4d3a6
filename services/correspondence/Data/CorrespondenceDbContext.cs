using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;
using Tarasol.Correspondence.Circuits;
using Tarasol.Correspondence.Letters;
using Tarasol.Correspondence.Letters.Links;
using Tarasol.Correspondence.LetterTypes;
using Tarasol.Correspondence.Referrals;
using Tarasol.Correspondence.Routing;
using Tarasol.Correspondence.Units;
using Tarasol.Messaging.Data;
using Tarasol.Tenancy;

namespace Tarasol.Correspondence.Data;

public sealed class CorrespondenceDbContext(DbContextOptions<CorrespondenceDbContext> options) : DbContext(options)
{
    public DbSet<Letter> Letters => Set<Letter>();

    public DbSet<TimelineEntry> Timeline => Set<TimelineEntry>();

    public DbSet<LetterLink> Links => Set<LetterLink>();

    public DbSet<LetterTypeVersion> LetterTypes => Set<LetterTypeVersion>();

    public DbSet<ClassificationVersion> Classifications => Set<ClassificationVersion>();

    public DbSet<LetterRouting> Routings => Set<LetterRouting>();

    public DbSet<Circuit> Circuits => Set<Circuit>();

    public DbSet<Referral> Referrals => Set<Referral>();

    public DbSet<ClosedUnit> ClosedUnits => Set<ClosedUnit>();

    public DbSet<RequestKey> RequestKeys => Set<RequestKey>();

    private static readonly ValueConverter Names = new ValueConverter<IReadOnlyList<string>, string>(
        names => JsonSerializer.Serialize(names, JsonSerializerOptions.Web), stored => JsonSerializer.Deserialize<List<string>>(stored, JsonSerializerOptions.Web)!);

    private static readonly ValueComparer SameNames = new ValueComparer<IReadOnlyList<string>>((one, other) => one!.SequenceEqual(other!), names => names.Count, names => names);

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<Letter>(letter =>
        {
            letter.ToTable("letter");
            // A number, so that the database can compare it with a clearance.
            letter.Property(row => row.Confidentiality).HasConversion<int>();
            letter.Property(row => row.Version).IsConcurrencyToken();
            letter.Property(row => row.Recipients).HasConversion(Names, SameNames);
            letter.Property(row => row.ForInformation).HasConversion(Names, SameNames);
            letter.Property(row => row.Copies).HasConversion(Names, SameNames);
        });
        modelBuilder.Entity<TimelineEntry>().ToTable("timeline_entry").HasKey(entry => new { entry.LetterId, entry.Sequence });
        modelBuilder.Entity<LetterLink>().ToTable("letter_link");
        modelBuilder.Entity<LetterTypeVersion>().ToTable("letter_type_version").HasKey(version => new { version.LetterTypeId, version.Version });
        modelBuilder.Entity<ClassificationVersion>().ToTable("classification_version").HasKey(version => version.Version);
        modelBuilder.Entity<ClassificationVersion>().Property(version => version.Version).ValueGeneratedNever();
        modelBuilder.Entity<LetterRouting>(routing =>
        {
            routing.ToTable("routing");
            routing.Property(row => row.Version).IsConcurrencyToken();
            routing.HasMany(row => row.Steps).WithOne().HasForeignKey(step => step.RoutingId);
        });
        modelBuilder.Entity<RoutingStep>().ToTable("routing_step").HasKey(step => new { step.RoutingId, step.Number });
        modelBuilder.Entity<Circuit>(circuit =>
        {
            circuit.ToTable("circuit");
            circuit.Property(row => row.Revision).IsConcurrencyToken();
        });
        modelBuilder.Entity<Referral>(referral =>
        {
            referral.ToTable("referral");
            referral.Property(row => row.Version).IsConcurrencyToken();
        });
        modelBuilder.Entity<ClosedUnit>().ToTable("closed_unit").HasKey(unit => unit.UnitId);
        modelBuilder.AddRequestKeys();
        modelBuilder.AddMessaging();
        modelBuilder.UseTarasolConventions(Database);
    }
}
