using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Tarasol.Contracts.Identity;
using Tarasol.Identity.Data;
using Tarasol.Identity.Users;
using Tarasol.Messaging;

namespace Tarasol.Identity.Mail;

/// <summary>Tokens that show that somebody reads an e-mail address. They go out in an event, are kept as hashes, and are good once and for a short time.</summary>
internal sealed class MailedTokens(AccountsDbContext db, IOutbox outbox, TimeProvider time)
{
    public const string Confirm = "confirm-email";
    public const string Reset = "reset-password";
    private static readonly TimeSpan ConfirmLife = TimeSpan.FromDays(1);
    private static readonly TimeSpan ResetLife = TimeSpan.FromMinutes(30);

    // A second mail within this time would only fill somebody's mailbox.
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    /// <summary>Sends one, in the place of those before, unless one has just been sent. The caller saves.</summary>
    public async Task SendAsync(ApplicationUser user, string purpose, string email, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var before = await db.MailedTokens.Where(sent => sent.UserId == user.Id && sent.Purpose == purpose).ToListAsync(cancel);
        if (before.Exists(sent => sent.CreatedAt > now - Pause && sent.Email == email))
            return;
        db.RemoveRange(before);
        var token = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        var expires = now + (purpose == Reset ? ResetLife : ConfirmLife);
        db.Add(new MailedToken { TokenHash = Hash(token), UserId = user.Id, Purpose = purpose, Email = email, CreatedAt = now, ExpiresAt = expires });
        outbox.Add(new MailRequested(user.Id, user.UserName!, user.DisplayNameAr, user.DisplayNameEn, email, purpose, token, expires), actor: "identity");
        outbox.Add(new TokenMailed(user.Id, user.UserName!, email, purpose, expires), actor: "identity");
    }

    /// <summary>Uses a token up. Null: there is no such token, or it has expired, or its account cannot be used.</summary>
    public async Task<(ApplicationUser User, string Email)?> TakeAsync(string token, string purpose, CancellationToken cancel)
    {
        var hash = Hash(token);
        var now = time.GetUtcNow();
        if (await db.MailedTokens.AsNoTracking().FirstOrDefaultAsync(sent => sent.TokenHash == hash && sent.Purpose == purpose && sent.ExpiresAt > now, cancel) is not { } sent
            || await db.MailedTokens.Where(row => row.TokenHash == hash).ExecuteDeleteAsync(cancel) == 0
            || await db.Users.FirstOrDefaultAsync(row => row.Id == sent.UserId, cancel) is not { DisabledAt: null } user)
            return null;
        return (user, sent.Email);
    }

    private static string Hash(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
}
