using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Claims;

namespace Tarasol.ServiceDefaults.Auth;

/// <summary>Access tokens that are refused although they have not expired yet. It is told by identity's events, and asks identity for what it may have missed.</summary>
public sealed class RevokedTokens(TimeProvider time)
{
    private readonly ConcurrentDictionary<(string? Realm, Guid UserId), (int FromVersion, DateTimeOffset Until)> subjects = new();
    private readonly ConcurrentDictionary<(string? Realm, Guid SessionId), DateTimeOffset> sessions = new();

    /// <summary>Adds one; to add it again changes nothing.</summary>
    public void Add(Revocation revocation)
    {
        if (revocation.SessionId is { } session)
            sessions.AddOrUpdate((revocation.Realm, session), revocation.Until, (_, before) => before > revocation.Until ? before : revocation.Until);
        else
            subjects.AddOrUpdate((revocation.Realm, revocation.UserId), (revocation.FromVersion, revocation.Until),
                (_, before) => before.FromVersion > revocation.FromVersion ? before : (revocation.FromVersion, revocation.Until));
    }

    /// <summary>True when the token is refused.</summary>
    public bool Cover(ClaimsPrincipal token) =>
        IdOf(token, TokenRules.SessionClaim) is { } session && (sessions.ContainsKey((RealmOf(token), session)) || sessions.ContainsKey((null, session)))
        || IdOf(token, "sub") is { } subject && new[] { RealmOf(token), null }.Any(realm => subjects.TryGetValue((realm, subject), out var revoked) && VersionOf(token) < revoked.FromVersion);

    /// <summary>Forgets those whose tokens have all expired.</summary>
    public void Prune()
    {
        var now = time.GetUtcNow();
        foreach (var (session, until) in sessions)
        {
            if (until < now)
                sessions.TryRemove(KeyValuePair.Create(session, until));
        }
        foreach (var (subject, revoked) in subjects)
        {
            if (revoked.Until < now)
                subjects.TryRemove(KeyValuePair.Create(subject, revoked));
        }
    }

    private static Guid? IdOf(ClaimsPrincipal token, string claim) => Guid.TryParse(token.FindFirstValue(claim), out var id) ? id : null;

    private static string? RealmOf(ClaimsPrincipal token) => token.FindFirstValue(TokenRules.TenantClaim);

    private static int VersionOf(ClaimsPrincipal token) => int.TryParse(token.FindFirstValue(TokenRules.VersionClaim), CultureInfo.InvariantCulture, out var version) ? version : 0;
}

/// <summary>Which tokens are refused.</summary>
/// <param name="Realm">Of which <see cref="TokenRules.TenantClaim"/>: what comes for one takes nothing from another. Null in what an earlier release recorded: any.</param>
/// <param name="UserId">The subject.</param>
/// <param name="SessionId">The tokens of this session; null: the subject's that are older than <paramref name="FromVersion"/>.</param>
/// <param name="FromVersion">The first version that is good.</param>
/// <param name="Until">When the last of them has expired.</param>
public sealed record Revocation(string? Realm, Guid UserId, Guid? SessionId, int FromVersion, DateTimeOffset Until);
