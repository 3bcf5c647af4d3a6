using Microsoft.EntityFrameworkCore;
using Tarasol.Audit.Trail;
using Tarasol.Messaging.Data;
using Tarasol.Tenancy;

namespace Tarasol.Audit.Data;

public sealed class AuditDbContext(DbContextOptions<AuditDbContext> options) : DbContext(options)
{
    public DbSet<AuditEntry> Entries => Set<AuditEntry>();

    public DbSet<AuditEnd> Ends => Set<AuditEnd>();

    public DbSet<LetterLevel> LetterLevels => Set<LetterLevel>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<AuditEntry>(entry =>
        {
            entry.ToTable("audit_entry", table => table.HasTrigger("tr_audit_entry_append_only"));
            entry.HasKey(row => row.Sequence);
            entry.Property(row => row.Sequence).ValueGeneratedNever();
        });
        modelBuilder.Entity<AuditEnd>(end =>
        {
            end.ToTable("audit_end");
            end.HasKey(row => row.Id);
            end.Property(row => row.Id).ValueGeneratedNever();
        });
        modelBuilder.Entity<LetterLevel>().ToTable("letter_level").HasKey(row => row.LetterId);
        modelBuilder.AddMessaging();
        modelBuilder.UseTarasolConventions(Database);
    }
}

/// <summary>The one row that says where the chain ends. It also shows when entries are missing at the end.</summary>
public sealed class AuditEnd
{
    public int Id { get; init; }

    /// <summary>Of the last entry; 0 when there is none.</summary>
    public long Sequence { get; set; }

    /// <summary>Of the last entry.</summary>
    public required string Hash { get; set; }
}

/// <summary>How confidential a letter is.</summary>
public sealed class LetterLevel
{
    public required string LetterId { get; init; }

    /// <summary>0 (normal) to 3 (top secret).</summary>
    public int Level { get; set; }
}
