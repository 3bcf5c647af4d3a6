using System.ComponentModel.DataAnnotations;
using System.Security.Claims;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.Contracts.Profiles;
using Tarasol.Messaging;
using Tarasol.Profiles.Data;
using Tarasol.Profiles.Own;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.ServiceDefaults.Requests;

namespace Tarasol.Profiles.Signatures;

/// <summary>PUT, GET and DELETE /api/profile/me/signature: the image of the caller's own signature. No route shows it to anybody else, whatever their role.</summary>
public static class KeepSignature
{
    private static readonly Text NotBase64 = new("is not base64", "ليس بترميز base64");
    private static readonly Text NotPng = new("is not a PNG file", "ليس ملف PNG");
    private static readonly Text TooLarge = new("is larger than {0} bytes", "أكبر من {0} بايت");
    private static readonly Text TooWide = new("is wider or higher than {0} pixels", "عرضه أو ارتفاعه أكبر من {0} بكسل");

    /// <param name="Png">The file in base64.</param>
    public sealed record Request([Required] string Png) : IValidated
    {
        public void Validate(Errors errors)
        {
            if (Read() is not { } bytes)
                errors.Add("png", NotBase64);
            else if (bytes.Length > PngImage.Longest)
                errors.Add("png", TooLarge.With(PngImage.Longest));
            else if (PngImage.Read(bytes) is not { } size)
                errors.Add("png", NotPng);
            else if (Math.Max(size.Width, size.Height) > PngImage.LargestSide)
                errors.Add("png", TooWide.With(PngImage.LargestSide));
        }

        internal byte[]? Read()
        {
            var bytes = new byte[(Png.Length * 3 / 4) + 3];
            return Convert.TryFromBase64String(Png, bytes, out var length) ? bytes[..length] : null;
        }
    }

    public static async Task<Results<NoContent, ProblemHttpResult>> PutAsync(
        Body<Request> body, ClaimsPrincipal user, SignatureImages images, ProfileDbContext db, IOutbox outbox, TimeProvider time, CancellationToken cancel)
    {
        var me = user.UserName();
        var png = body.Value.Read()!;
        var hash = Convert.ToHexStringLower(SHA256.HashData(png));
        var profile = await db.Profiles.FirstOrDefaultAsync(row => row.UserName == me, cancel);
        // Saved before it is named: a profile never names an image that is not there.
        await images.SaveAsync(me, hash, png, cancel);
        if (profile?.SignatureHash == hash)
            return TypedResults.NoContent();
        var before = profile?.SignatureHash;
        if (profile is null)
            db.Add(profile = new() { UserName = me });
        var now = time.GetUtcNow();
        (profile.SignatureHash, profile.SignatureAt, profile.ChangedAt) = (hash, now, now);
        profile.Version++;
        outbox.Add(new SignatureChanged(me, hash, now));
        await db.SaveChangesAsync(cancel);
        if (before is not null)
            await images.DeleteAsync(me, before, cancel);
        return TypedResults.NoContent();
    }

    public static async Task<Results<FileContentHttpResult, ProblemHttpResult>> GetAsync(ClaimsPrincipal user, HttpContext context, SignatureImages images, ProfileDbContext db, CancellationToken cancel)
    {
        var me = user.UserName();
        var hash = await db.Profiles.AsNoTracking().Where(row => row.UserName == me).Select(row => row.SignatureHash).FirstOrDefaultAsync(cancel);
        if (hash is null || await images.FindAsync(me, hash, cancel) is not { } png)
            return CommonProblems.NotFound.Result();
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        return TypedResults.File(png, "image/png");
    }

    public static async Task<NoContent> DeleteAsync(ClaimsPrincipal user, SignatureImages images, ProfileDbContext db, IOutbox outbox, TimeProvider time, CancellationToken cancel)
    {
        var me = user.UserName();
        if (await db.Profiles.FirstOrDefaultAsync(row => row.UserName == me, cancel) is not { SignatureHash: { } hash } profile)
            return TypedResults.NoContent();
        var now = time.GetUtcNow();
        (profile.SignatureHash, profile.SignatureAt, profile.ChangedAt) = (null, null, now);
        profile.Version++;
        outbox.Add(new SignatureChanged(me, null, now));
        await db.SaveChangesAsync(cancel);
        await images.DeleteAsync(me, hash, cancel);
        return TypedResults.NoContent();
    }
}
