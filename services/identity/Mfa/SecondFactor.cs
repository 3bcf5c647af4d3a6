using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using Tarasol.Identity.Data;
using Tarasol.Identity.Users;
using Tarasol.Tenancy;

namespace Tarasol.Identity.Mfa;

/// <summary>Time-based codes from an authenticator app, and recovery codes for when it is lost. Secrets lie in the database sealed.</summary>
internal sealed class SecondFactor(AccountsDbContext db, CurrentTenant tenant, IDataProtectionProvider seals, TimeProvider time)
{
    private const int RecoveryCodes = 10;
    private const int RecoveryBytes = 10;
    private const string RecoveryLetters = "abcdefghjkmnpqrstuvwxyz23456789";
    private readonly IDataProtector seal = seals.CreateProtector("totp");

    /// <summary>True when a role of the person asks for it.</summary>
    public Task<bool> IsRequiredAsync(Guid user, CancellationToken cancel) => db.Roles.AnyAsync(
        role => role.MfaRequired
            && (db.UserRoles.Any(given => given.UserId == user && given.RoleId == role.Id) || db.LimitedRoles.Any(given => given.UserId == user && given.RoleId == role.Id)), cancel);

    /// <summary>The secret for the person's authenticator app, new or not yet confirmed. The caller saves.</summary>
    public Enrolment Begin(ApplicationUser user)
    {
        var secret = user.TotpPending is { } pending ? Open(pending) : RandomNumberGenerator.GetBytes(Totp.SecretBytes);
        user.TotpPending ??= Close(secret);
        var text = Totp.Base32(secret);
        var label = Uri.EscapeDataString($"Tarasol:{user.UserName}@{tenant.Slug}");
        return new(text, $"otpauth://totp/{label}?secret={text}&issuer=Tarasol&algorithm=SHA1&digits=6&period=30");
    }

    /// <summary>Makes the secret that was begun the person's second factor, when the code shows that the app has it. The caller saves.</summary>
    public bool Confirm(ApplicationUser user, string code)
    {
        if (user.TotpPending is not { } pending || Totp.Step(Open(pending), Plain(code), time.GetUtcNow(), user.TotpLastStep) is not { } step)
            return false;
        (user.TotpSecret, user.TotpPending, user.TotpLastStep) = (pending, null, step);
        return true;
    }

    /// <summary>Takes a code of the app or a recovery code, each once. The caller saves; two that take the same code at once collide on the account's row.</summary>
    public async Task<bool> TakeAsync(ApplicationUser user, string code, CancellationToken cancel)
    {
        var plain = Plain(code);
        if (user.TotpSecret is { } secret && Totp.Step(Open(secret), plain, time.GetUtcNow(), user.TotpLastStep) is { } step)
        {
            user.TotpLastStep = step;
            return true;
        }
        var hash = Hash(plain);
        return await db.RecoveryCodes.Where(known => known.UserId == user.Id && known.CodeHash == hash).ExecuteDeleteAsync(cancel) == 1;
    }

    /// <summary>New recovery codes in the place of those before. The caller saves.</summary>
    public async Task<IReadOnlyList<string>> RenewRecoveryCodesAsync(ApplicationUser user, CancellationToken cancel)
    {
        db.RemoveRange(await db.RecoveryCodes.Where(known => known.UserId == user.Id).ToListAsync(cancel));
        var codes = Enumerable.Range(0, RecoveryCodes).Select(_ => RandomNumberGenerator.GetString(RecoveryLetters, RecoveryBytes * 8 / 5)).ToList();
        db.AddRange(codes.Select(code => new RecoveryCode { UserId = user.Id, CodeHash = Hash(code) }));
        return [.. codes.Select(code => string.Join('-', code.Chunk(4).Select(part => new string(part))))];
    }

    /// <summary>Takes the second factor away. The caller saves.</summary>
    public async Task RemoveAsync(ApplicationUser user, CancellationToken cancel)
    {
        (user.TotpSecret, user.TotpPending) = (null, null);
        db.RemoveRange(await db.RecoveryCodes.Where(known => known.UserId == user.Id).ToListAsync(cancel));
    }

    private static string Plain(string code) => new([.. code.Where(each => each is not (' ' or '-')).Take(64)]);

    private static string Hash(string code) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(code)));

    private string Close(byte[] secret) => Convert.ToBase64String(seal.Protect(secret));

    private byte[] Open(string stored) => seal.Unprotect(Convert.FromBase64String(stored));
}

/// <summary>What an authenticator app needs.</summary>
/// <param name="Secret">Base32, to type.</param>
/// <param name="Uri">otpauth:, to show as a QR code.</param>
public sealed record Enrolment(string Secret, string Uri);
