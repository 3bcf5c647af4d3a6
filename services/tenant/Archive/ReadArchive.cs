using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.Tenants.Data;
using Tarasol.Tenants.Provisioning;

namespace Tarasol.Tenants.Archive;

/// <summary>How far the archive of a tenant is.</summary>
/// <param name="State">Running, done or failed.</param>
/// <param name="RequestedBy">User name of the operator.</param>
/// <param name="RequestedAt">When.</param>
/// <param name="FinishedAt">Null while it runs.</param>
/// <param name="Bytes">Of the file, once it is there.</param>
/// <param name="Sha256">Of the file.</param>
/// <param name="LastError">Why it was given up, where that is no service's own failure.</param>
/// <param name="Services">What each service has given so far.</param>
public sealed record ArchiveView(
    ArchiveState State, string RequestedBy, DateTimeOffset RequestedAt, DateTimeOffset? FinishedAt, long? Bytes, string? Sha256,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? LastError, IReadOnlyList<ArchiveView.Part> Services)
{
    /// <param name="Service">App-id.</param>
    /// <param name="State">Waiting, done or failed.</param>
    /// <param name="Rows">Written so far.</param>
    /// <param name="Bytes">Written so far.</param>
    /// <param name="Sha256">Of its file, once it is whole.</param>
    /// <param name="Attempts">Those that failed.</param>
    /// <param name="LastError">What the last of them said.</param>
    public sealed record Part(string Service, StepState State, long Rows, long Bytes, string? Sha256, int Attempts, string? LastError);
}

/// <summary>GET /api/tenant/tenants/{slug}/archive</summary>
public static class ReadArchive
{
    public static async Task<Results<Ok<ArchiveView>, ProblemHttpResult>> HandleAsync(string slug, MultiTenancyDbContext db, CancellationToken cancel) =>
        await ViewAsync(db, slug, cancel) is { } view ? TypedResults.Ok(view) : CommonProblems.NotFound.Result();

    internal static async Task<ArchiveView?> ViewAsync(MultiTenancyDbContext db, string slug, CancellationToken cancel)
    {
        if (await db.Archives.AsNoTracking().FirstOrDefaultAsync(row => row.Slug == slug, cancel) is not { } archive)
            return null;
        var parts = await db.ArchiveParts.AsNoTracking().Where(part => part.Slug == slug).OrderBy(part => part.Service)
            .Select(part => new ArchiveView.Part(part.Service, part.State, part.Rows, part.Bytes, part.Sha256, part.Attempts, part.LastError)).ToListAsync(cancel);
        return new(archive.State, archive.RequestedBy, archive.RequestedAt, archive.FinishedAt, archive.Bytes, archive.Sha256, archive.LastError, parts);
    }
}
