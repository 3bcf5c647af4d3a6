using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;
using OpenIddict.EntityFrameworkCore.Models;
using Tarasol.Identity.Mail;
using Tarasol.Identity.Mfa;
using Tarasol.Identity.Roles;
using Tarasol.Identity.Sessions;
using Tarasol.Identity.Users;
using Tarasol.Messaging.Data;
using Tarasol.Tenancy;

namespace Tarasol.Identity.Data;

/// <summary>Accounts and roles of ASP.NET Core Identity, clients and tokens of OpenIddict.</summary>
public sealed class AccountsDbContext(DbContextOptions<AccountsDbContext> options) : IdentityDbContext<ApplicationUser, ApplicationRole, Guid>(options)
{
    public DbSet<RequestKey> RequestKeys => Set<RequestKey>();

    public DbSet<LimitedRole> LimitedRoles => Set<LimitedRole>();

    public DbSet<RecoveryCode> RecoveryCodes => Set<RecoveryCode>();

    public DbSet<MailedToken> MailedTokens => Set<MailedToken>();

    public DbSet<ResetRequest> ResetRequests => Set<ResetRequest>();

    /// <summary>In the platform's database alone, for all tenants.</summary>
    public DbSet<RecordedRevocation> RecordedRevocations => Set<RecordedRevocation>();

    protected override void OnModelCreating(ModelBuilder builder)
    {
        base.OnModelCreating(builder);
        builder.Entity<ApplicationUser>().ToTable("account").HasQueryFilter(user => user.RemovedAt == null);
        builder.Entity<LimitedRole>().ToTable("limited_role").HasKey(given => new { given.UserId, given.RoleId, given.UnitId });
        builder.Entity<RecoveryCode>().ToTable("recovery_code").HasKey(code => new { code.UserId, code.CodeHash });
        builder.Entity<MailedToken>().ToTable("mailed_token").HasKey(token => token.TokenHash);
        builder.Entity<ResetRequest>().ToTable("reset_request").HasKey(request => request.Id);
        builder.Entity<RecordedRevocation>().ToTable("recorded_revocation").HasKey(revocation => revocation.EventId);
        builder.Entity<ApplicationRole>().ToTable("role");
        builder.Entity<IdentityUserRole<Guid>>().ToTable("account_role");
        builder.Entity<IdentityUserClaim<Guid>>().ToTable("account_claim");
        builder.Entity<IdentityUserLogin<Guid>>().ToTable("account_login");
        builder.Entity<IdentityUserToken<Guid>>().ToTable("account_token");
        builder.Entity<IdentityRoleClaim<Guid>>().ToTable("role_claim");

        builder.UseOpenIddict<Guid>();
        builder.Entity<OpenIddictEntityFrameworkCoreApplication<Guid>>().ToTable("client");
        builder.Entity<OpenIddictEntityFrameworkCoreAuthorization<Guid>>().ToTable("authorization_grant");
        builder.Entity<OpenIddictEntityFrameworkCoreScope<Guid>>().ToTable("scope");
        builder.Entity<OpenIddictEntityFrameworkCoreToken<Guid>>().ToTable("token");

        MarkSecrets(builder);
        builder.AddRequestKeys();
        builder.AddMessaging();
        builder.UseTarasolConventions(Database);
        if (!Database.IsSqlite())
            StoreTimesWithOffset(builder);
    }

    // What lets somebody in, be it sealed or hashed.
    private static void MarkSecrets(ModelBuilder builder)
    {
        builder.Entity<ApplicationUser>(user =>
        {
            user.Property(row => row.PasswordHash).IsSecret();
            user.Property(row => row.SecurityStamp).IsSecret();
            user.Property(row => row.TotpSecret).IsSecret();
            user.Property(row => row.TotpPending).IsSecret();
        });
        builder.Entity<IdentityUserLogin<Guid>>().Property(row => row.ProviderKey).IsSecret();
        builder.Entity<IdentityUserToken<Guid>>().Property(row => row.Value).IsSecret();
        builder.Entity<RecoveryCode>().Property(row => row.CodeHash).IsSecret();
        builder.Entity<MailedToken>().Property(row => row.TokenHash).IsSecret();
        builder.Entity<OpenIddictEntityFrameworkCoreApplication<Guid>>(client =>
        {
            client.Property(row => row.ClientSecret).IsSecret();
            client.Property(row => row.JsonWebKeySet).IsSecret();
            client.Property(row => row.Properties).IsSecret();
        });
        builder.Entity<OpenIddictEntityFrameworkCoreToken<Guid>>(token =>
        {
            token.Property(row => row.Payload).IsSecret();
            token.Property(row => row.ReferenceId).IsSecret();
            token.Property(row => row.Properties).IsSecret();
        });
    }

    // OpenIddict's times are DateTime in UTC; one column type for all times keeps the migrations the same for every provider.
    private static void StoreTimesWithOffset(ModelBuilder builder)
    {
        var converter = new ValueConverter<DateTime, DateTimeOffset>(time => new DateTimeOffset(time, TimeSpan.Zero), stored => stored.UtcDateTime);
        foreach (var property in builder.Model.GetEntityTypes().SelectMany(entity => entity.GetProperties()))
        {
            if ((Nullable.GetUnderlyingType(property.ClrType) ?? property.ClrType) == typeof(DateTime))
                property.SetValueConverter(converter);
        }
    }
}
