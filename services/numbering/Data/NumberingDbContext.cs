using Microsoft.EntityFrameworkCore;
using Tarasol.Messaging.Data;
using Tarasol.Numbering.Blocks;
using Tarasol.Numbering.Numbers;
using Tarasol.Numbering.Register;
using Tarasol.Tenancy;

namespace Tarasol.Numbering.Data;

public sealed class NumberingDbContext(DbContextOptions<NumberingDbContext> options) : DbContext(options)
{
    public DbSet<Series> Series => Set<Series>();

    public DbSet<SeriesMask> SeriesMasks => Set<SeriesMask>();

    public DbSet<CatalogueLock> CatalogueLocks => Set<CatalogueLock>();

    public DbSet<Allocation> Allocations => Set<Allocation>();

    public DbSet<NumberBlock> Blocks => Set<NumberBlock>();

    public DbSet<VoidNumber> VoidNumbers => Set<VoidNumber>();

    public DbSet<RegisterEntry> Entries => Set<RegisterEntry>();

    public DbSet<RegisterEnd> Ends => Set<RegisterEnd>();

    public DbSet<RequestKey> RequestKeys => Set<RequestKey>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<Series>().ToTable("series").HasKey(series => series.Key);
        modelBuilder.Entity<SeriesMask>().ToTable("series_mask").HasKey(mask => new { mask.Series, mask.Version });
        modelBuilder.Entity<CatalogueLock>().ToTable("catalogue_lock").Property(row => row.Id).ValueGeneratedNever();
        modelBuilder.Entity<Allocation>().ToTable("allocation").HasKey(allocation => allocation.LetterId);
        modelBuilder.Entity<Allocation>().Property(allocation => allocation.LetterId).ValueGeneratedNever();
        modelBuilder.Entity<NumberBlock>().ToTable("number_block").Property(block => block.Id).ValueGeneratedNever();
        modelBuilder.Entity<VoidNumber>().ToTable("void_number").HasKey(row => row.ReferenceNumber);
        modelBuilder.Entity<RegisterEntry>(entry =>
        {
            entry.ToTable("register_entry", table => table.HasTrigger("tr_register_entry_append_only"));
            entry.HasKey(row => new { row.Series, row.Position });
        });
        modelBuilder.Entity<RegisterEnd>().ToTable("register_end").HasKey(row => row.Series);
        modelBuilder.AddRequestKeys();
        modelBuilder.AddMessaging();
        modelBuilder.UseTarasolConventions(Database);
    }
}

/// <summary>The one row that a change of the tenant's series holds.</summary>
public sealed class CatalogueLock
{
    public int Id { get; init; }

    public long Version { get; set; }
}
