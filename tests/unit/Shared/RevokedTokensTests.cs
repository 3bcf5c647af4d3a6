using System.Security.Claims;
using Tarasol.ServiceDefaults.Auth;

namespace Tarasol.Tests.Unit.Shared;

public sealed class RevokedTokensTests
{
    private static readonly Guid User = Guid.CreateVersion7();
    private static readonly Guid Session = Guid.CreateVersion7();
    private readonly StoppedClock clock = new();

    [Fact]
    public void Tokens_of_an_older_version_are_refused_and_newer_ones_are_not()
    {
        var revoked = new RevokedTokens(clock);
        revoked.Add(new("acme", User, null, 2, clock.Now.AddMinutes(11)));
        // An event that comes late changes nothing.
        revoked.Add(new("acme", User, null, 1, clock.Now.AddMinutes(20)));
        Assert.True(revoked.Cover(Token(User, Session, 1)));
        Assert.False(revoked.Cover(Token(User, Session, 2)));
        Assert.False(revoked.Cover(Token(Guid.CreateVersion7(), Session, 0)));
    }

    [Fact]
    public void Tokens_of_an_ended_session_are_refused_whatever_their_version()
    {
        var revoked = new RevokedTokens(clock);
        revoked.Add(new("acme", User, Session, 0, clock.Now.AddMinutes(11)));
        Assert.True(revoked.Cover(Token(User, Session, 9)));
        Assert.False(revoked.Cover(Token(User, Guid.CreateVersion7(), 9)));
    }

    [Fact]
    public void What_comes_for_one_tenant_takes_nothing_from_another()
    {
        var revoked = new RevokedTokens(clock);
        revoked.Add(new("other", User, null, 2, clock.Now.AddMinutes(11)));
        revoked.Add(new("other", User, Session, 0, clock.Now.AddMinutes(11)));
        Assert.False(revoked.Cover(Token(User, Session, 1)));
        Assert.True(revoked.Cover(Token(User, Session, 1, "other")));
        // As an earlier release recorded them.
        revoked.Add(new(null, User, null, 2, clock.Now.AddMinutes(11)));
        Assert.True(revoked.Cover(Token(User, Guid.CreateVersion7(), 1)));
    }

    [Fact]
    public void What_has_expired_is_forgotten()
    {
        var revoked = new RevokedTokens(clock);
        revoked.Add(new("acme", User, null, 2, clock.Now.AddMinutes(11)));
        revoked.Prune();
        Assert.True(revoked.Cover(Token(User, Session, 1)));
        clock.Now += TimeSpan.FromMinutes(12);
        revoked.Prune();
        Assert.False(revoked.Cover(Token(User, Session, 1)));
    }

    private static ClaimsPrincipal Token(Guid user, Guid session, int version, string tenant = "acme") =>
        new(new ClaimsIdentity([new("tenant", tenant), new("sub", user.ToString()), new("sid", session.ToString()), new("ver", $"{version}")], "test"));

    private sealed class StoppedClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 11, 29, 8, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
