using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Tarasol.Messaging;
using Tarasol.Messaging.Data;
using Tarasol.Profiles.Own;
using Tarasol.Tenancy;

namespace Tarasol.Profiles.Data;

public sealed class ProfileDbContext(DbContextOptions<ProfileDbContext> options) : DbContext(options)
{
    public DbSet<Profile> Profiles => Set<Profile>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<Profile>(profile =>
        {
            profile.ToTable("profile").HasKey(row => row.UserName);
            profile.Property(row => row.Version).IsConcurrencyToken();
            profile.Property(row => row.Notifications).HasConversion(
                chosen => JsonSerializer.Serialize(chosen, EventJson.Options),
                stored => JsonSerializer.Deserialize<List<NotificationChoice>>(stored, EventJson.Options)!,
                // Replaced as a whole, never changed.
                new ValueComparer<IReadOnlyList<NotificationChoice>>((one, other) => ReferenceEquals(one, other), chosen => chosen.Count, chosen => chosen));
        });
        modelBuilder.AddMessaging();
        modelBuilder.UseTarasolConventions(Database);
    }
}
