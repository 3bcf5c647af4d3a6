using Microsoft.EntityFrameworkCore;
using Tarasol.Messaging.Data;
using Tarasol.Tenancy;
using Tarasol.Tenants.Archive;
using Tarasol.Tenants.Catalogue;
using Tarasol.Tenants.Provisioning;
using Tarasol.Tenants.Tenants;

namespace Tarasol.Tenants.Data;

/// <summary>
/// Tarasol.MultiTenancy, the central catalogue. It is this service's database of the tenant <c>platform</c>; this service's databases of the other
/// tenants have the same tables and leave them empty.
/// </summary>
public sealed class MultiTenancyDbContext(DbContextOptions<MultiTenancyDbContext> options) : DbContext(options)
{
    public DbSet<Tenant> Tenants => Set<Tenant>();

    public DbSet<TenantHost> Hosts => Set<TenantHost>();

    public DbSet<TenantDatabase> Databases => Set<TenantDatabase>();

    public DbSet<ProvisioningStep> Steps => Set<ProvisioningStep>();

    public DbSet<TenantArchive> Archives => Set<TenantArchive>();

    public DbSet<TenantArchivePart> ArchiveParts => Set<TenantArchivePart>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<Tenant>().ToTable("tenant").Property(tenant => tenant.Version).IsConcurrencyToken();
        modelBuilder.Entity<TenantHost>().ToTable("tenant_host").HasKey(host => host.Host);
        modelBuilder.Entity<TenantDatabase>().ToTable("tenant_database").HasKey(database => new { database.Slug, database.Service });
        modelBuilder.Entity<ProvisioningStep>().ToTable("provisioning_step").HasKey(step => new { step.Slug, step.Name });
        modelBuilder.Entity<TenantArchive>().ToTable("tenant_archive").HasKey(archive => archive.Slug);
        modelBuilder.Entity<TenantArchivePart>().ToTable("tenant_archive_part").HasKey(part => new { part.Slug, part.Service });
        modelBuilder.Entity<Tenant>().Property(tenant => tenant.AdminPassword).IsSecret();
        modelBuilder.AddMessaging();
        modelBuilder.UseTarasolConventions(Database);
    }
}
