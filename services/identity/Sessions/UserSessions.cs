using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using OpenIddict.Abstractions;
using OpenIddict.EntityFrameworkCore.Models;
using Tarasol.Contracts.Identity;
using Tarasol.Identity.Data;
using Tarasol.Identity.Users;
using Tarasol.Messaging;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Tarasol.Identity.Sessions;

/// <summary>
/// Sessions of people: one per sign-in, an authorization of OpenIddict, with the family of its refresh tokens. What ends them is saved together with the event that makes
/// every service refuse their access tokens.
/// </summary>
internal sealed class UserSessions(AccountsDbContext db, IOpenIddictAuthorizationManager grants, IOpenIddictApplicationManager clients, IOutbox outbox, TimeProvider time)
{
    /// <summary>How long an access token is good.</summary>
    public static readonly TimeSpan AccessTokenLife = TimeSpan.FromMinutes(10);

    /// <summary>However often it is refreshed, a session ends after this.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(30);

    /// <summary>Property of the authorization: what the client called itself.</summary>
    public const string DeviceProperty = "device";

    /// <summary>Why: somebody ended it.</summary>
    public const string Ended = "session-ended";

    private const int LongestDevice = 200;

    // Services allow this much difference between clocks.
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(1);

    private DbSet<OpenIddictEntityFrameworkCoreAuthorization<Guid>> Grants => db.Set<OpenIddictEntityFrameworkCoreAuthorization<Guid>>();

    /// <summary>Begins a session.</summary>
    public async Task<Guid> BeginAsync(ApplicationUser user, string clientId, HttpRequest request, CancellationToken cancel)
    {
        var client = await clients.FindByClientIdAsync(clientId, cancel) ?? throw new InvalidOperationException($"The client {clientId} is gone.");
        var device = request.Headers.UserAgent.ToString();
        var grant = await grants.CreateAsync(new OpenIddictAuthorizationDescriptor
        {
            ApplicationId = await clients.GetIdAsync(client, cancel),
            CreationDate = time.GetUtcNow(),
            Status = Statuses.Valid,
            Subject = user.Id.ToString(),
            Type = AuthorizationTypes.AdHoc,
            Properties = { [DeviceProperty] = JsonSerializer.SerializeToElement(device.Length <= LongestDevice ? device : device[..LongestDevice]) },
        }, cancel);
        return Guid.Parse((await grants.GetIdAsync(grant, cancel))!);
    }

    /// <summary>Whether a session may be refreshed.</summary>
    public async Task<bool> IsOpenAsync(Guid session, CancellationToken cancel)
    {
        var since = (time.GetUtcNow() - Longest).UtcDateTime;
        return await Grants.AnyAsync(grant => grant.Id == session && grant.Status == Statuses.Valid && grant.CreationDate > since, cancel);
    }

    /// <summary>Makes the person's access tokens worthless everywhere; their sessions go on with new ones. The caller saves.</summary>
    public void RevokeAccess(ApplicationUser user, string reason)
    {
        user.TokenVersion++;
        var now = time.GetUtcNow();
        outbox.Add(new AccessRevoked(user.Id, null, user.TokenVersion, reason, now, now + AccessTokenLife + Skew));
    }

    /// <summary>Ends one session, and saves. False: the person has no such session.</summary>
    public async Task<bool> EndAsync(Guid user, Guid session, string reason, CancellationToken cancel)
    {
        var subject = user.ToString();
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        if (await CloseAsync(grant => grant.Subject == subject && grant.Id == session, cancel) == 0)
            return false;
        var now = time.GetUtcNow();
        outbox.Add(new AccessRevoked(user, session, 0, reason, now, now + AccessTokenLife + Skew));
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);
        return true;
    }

    /// <summary>Ends all sessions of a person, or all but one, together with what the context holds, and saves.</summary>
    public async Task EndAllAsync(ApplicationUser user, Guid? except, string reason, Func<Task> save, CancellationToken cancel)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        await EndAllWithinAsync(user, except, reason, save, cancel);
        await transaction.CommitAsync(cancel);
    }

    /// <summary>The same within a transaction of the caller.</summary>
    public async Task EndAllWithinAsync(ApplicationUser user, Guid? except, string reason, Func<Task> save, CancellationToken cancel)
    {
        var subject = user.Id.ToString();
        await save();
        if (except is null)
        {
            RevokeAccess(user, reason);
            await CloseAsync(grant => grant.Subject == subject, cancel);
        }
        else
        {
            var now = time.GetUtcNow();
            var others = await Grants.Where(grant => grant.Subject == subject && grant.Status == Statuses.Valid && grant.Id != except).Select(grant => grant.Id).ToListAsync(cancel);
            foreach (var other in others)
                outbox.Add(new AccessRevoked(user.Id, other, 0, reason, now, now + AccessTokenLife + Skew));
            await CloseAsync(grant => grant.Subject == subject && others.Contains(grant.Id), cancel);
        }
        await db.SaveChangesAsync(cancel);
    }

    private async Task<int> CloseAsync(System.Linq.Expressions.Expression<Func<OpenIddictEntityFrameworkCoreAuthorization<Guid>, bool>> which, CancellationToken cancel)
    {
        var open = Grants.Where(which).Where(grant => grant.Status == Statuses.Valid);
        await db.Set<OpenIddictEntityFrameworkCoreToken<Guid>>().Where(token => open.Any(grant => grant.Id == token.Authorization!.Id) && token.Status == Statuses.Valid)
            .ExecuteUpdateAsync(set => set.SetProperty(token => token.Status, Statuses.Revoked), cancel);
        return await open.ExecuteUpdateAsync(set => set.SetProperty(grant => grant.Status, Statuses.Revoked), cancel);
    }
}
