using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Net.Http.Headers;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.Tenants.Data;

namespace Tarasol.Tenants.Archive;

/// <summary>GET /api/tenant/tenants/{slug}/archive/file: the zip file. It holds the letters of an organisation: every download is in the log.</summary>
public static class DownloadArchive
{
    public static readonly Problem Missing = new("archive-file-missing", 404, new("There is no archive file of this tenant here.", "لا يوجد هنا ملف أرشيف لهذه الجهة."));

    internal static async Task<Results<PhysicalFileHttpResult, ProblemHttpResult>> HandleAsync(
        string slug, HttpContext context, MultiTenancyDbContext db, ArchiveFiles files, ILogger<TenantArchive> log, CancellationToken cancel)
    {
        if (await db.Archives.AsNoTracking().FirstOrDefaultAsync(row => row.Slug == slug && row.State == ArchiveState.Done, cancel) is not { } archive || !File.Exists(files.Zip(slug)))
            return Missing.Result();
        log.LogInformation("The archive of tenant {Tenant} is downloaded by {User}", slug, context.User.Identity?.Name);
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.PhysicalFile(Path.GetFullPath(files.Zip(slug)), "application/zip", $"{slug}.zip", entityTag: new EntityTagHeaderValue($"\"{archive.Sha256}\""), enableRangeProcessing: true);
    }
}
