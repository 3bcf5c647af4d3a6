using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Tarasol.Delegations.Granting;
using Tarasol.Delegations.People;
using Tarasol.Messaging;
using Tarasol.Messaging.Data;
using Tarasol.Tenancy;

namespace Tarasol.Delegations.Data;

public sealed class DelegationDbContext(DbContextOptions<DelegationDbContext> options) : DbContext(options)
{
    public DbSet<Delegation> Delegations => Set<Delegation>();

    public DbSet<PersonFact> PersonFacts => Set<PersonFact>();

    public DbSet<PersonTurn> PersonTurns => Set<PersonTurn>();

    public DbSet<RequestKey> RequestKeys => Set<RequestKey>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<Delegation>(delegation =>
        {
            delegation.ToTable("delegation");
            delegation.Property(row => row.Confidentiality).HasConversion<int>();
            delegation.Property(row => row.Version).IsConcurrencyToken();
            delegation.Property(row => row.Scope).HasConversion(
                scope => JsonSerializer.Serialize(scope, EventJson.Options),
                stored => JsonSerializer.Deserialize<Scope>(stored, EventJson.Options)!,
                // It never changes.
                new ValueComparer<Scope>((one, other) => ReferenceEquals(one, other), scope => scope.GetHashCode(), scope => scope));
            delegation.HasMany(row => row.Changes).WithOne().HasForeignKey(change => change.DelegationId);
        });
        modelBuilder.Entity<DelegationChange>().ToTable("delegation_change").HasKey(change => new { change.DelegationId, change.Number });
        modelBuilder.Entity<PersonFact>().ToTable("person_fact");
        modelBuilder.Entity<PersonTurn>(turn =>
        {
            turn.ToTable("person_turn").HasKey(row => row.UserName);
            turn.Property(row => row.Version).IsConcurrencyToken();
        });
        modelBuilder.AddRequestKeys();
        modelBuilder.AddMessaging();
        modelBuilder.UseTarasolConventions(Database);
    }
}
