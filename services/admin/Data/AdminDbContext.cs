using Microsoft.EntityFrameworkCore;
using Tarasol.Administration.Settings;
using Tarasol.Messaging.Data;
using Tarasol.Tenancy;

namespace Tarasol.Administration.Data;

public sealed class AdminDbContext(DbContextOptions<AdminDbContext> options) : DbContext(options)
{
    public DbSet<Setting> Settings => Set<Setting>();

    public DbSet<SettingVersion> Versions => Set<SettingVersion>();

    public DbSet<RequestKey> RequestKeys => Set<RequestKey>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<Setting>(setting =>
        {
            setting.ToTable("setting");
            setting.Property(row => row.RowVersion).IsConcurrencyToken();
        });
        modelBuilder.Entity<SettingVersion>().ToTable("setting_version").HasKey(version => new { version.SettingId, version.Number });
        modelBuilder.AddRequestKeys();
        modelBuilder.AddMessaging();
        modelBuilder.UseTarasolConventions(Database);
    }
}
