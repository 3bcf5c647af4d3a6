using Microsoft.EntityFrameworkCore;
using Tarasol.Directories.Parties;
using Tarasol.Directories.Positions;
using Tarasol.Directories.Units;
using Tarasol.Messaging.Data;
using Tarasol.Tenancy;

namespace Tarasol.Directories.Data;

public sealed class DirectoryDbContext(DbContextOptions<DirectoryDbContext> options) : DbContext(options)
{
    public DbSet<Unit> Units => Set<Unit>();

    public DbSet<FormerUnit> FormerUnits => Set<FormerUnit>();

    public DbSet<TreeTurn> TreeTurns => Set<TreeTurn>();

    public DbSet<Position> Positions => Set<Position>();

    public DbSet<Appointment> Appointments => Set<Appointment>();

    public DbSet<Party> Parties => Set<Party>();

    public DbSet<PartyWord> PartyWords => Set<PartyWord>();

    public DbSet<PartyMerge> PartyMerges => Set<PartyMerge>();

    public DbSet<RequestKey> RequestKeys => Set<RequestKey>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<Unit>().ToTable("unit").Property(unit => unit.Version).IsConcurrencyToken();
        modelBuilder.Entity<FormerUnit>().ToTable("former_unit").HasKey(former => new { former.UnitId, former.Number });
        modelBuilder.Entity<TreeTurn>(turn =>
        {
            turn.ToTable("tree_turn").Property(row => row.Id).ValueGeneratedNever();
            turn.Property(row => row.Version).IsConcurrencyToken();
        });
        modelBuilder.Entity<Position>(position =>
        {
            position.ToTable("position").Property(row => row.Version).IsConcurrencyToken();
            position.HasMany(row => row.Appointments).WithOne().HasForeignKey(held => held.PositionId);
        });
        modelBuilder.Entity<Appointment>().ToTable("appointment");
        modelBuilder.Entity<Party>(party =>
        {
            party.ToTable("party").Property(row => row.Version).IsConcurrencyToken();
            party.HasMany(row => row.Details).WithOne().HasForeignKey(detail => detail.PartyId);
        });
        modelBuilder.Entity<PartyDetail>().ToTable("party_detail").Property(detail => detail.Id).ValueGeneratedNever();
        modelBuilder.Entity<PartyWord>().ToTable("party_word").HasKey(word => new { word.Word, word.PartyId });
        modelBuilder.Entity<PartyMerge>().ToTable("party_merge");
        modelBuilder.AddRequestKeys();
        modelBuilder.AddMessaging();
        modelBuilder.UseTarasolConventions(Database);
    }
}
