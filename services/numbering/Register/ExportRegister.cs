using System.Security.Claims;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.Messaging;
using Tarasol.Numbering.Data;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.Tenancy;

namespace Tarasol.Numbering.Register;

/// <summary>
/// GET /api/numbering/register/export?series=: the whole register, or one series of it, as JSON lines for `mesh verify-register`: first where each chain ends, then every entry
/// up to there. docs/register.md describes it.
/// </summary>
public static class ExportRegister
{
    public const string Format = "tarasol-register-1";
    public const string MediaType = "application/x-ndjson";

    /// <param name="Format">Always <see cref="ExportRegister.Format"/>.</param>
    /// <param name="Tenant">Whose register.</param>
    /// <param name="ExportedAt">When.</param>
    /// <param name="Heads">Where each chain ends.</param>
    public sealed record Header(string Format, string Tenant, DateTimeOffset ExportedAt, IReadOnlyList<Head> Heads);

    /// <param name="Series">Key.</param>
    /// <param name="Position">Of the last entry.</param>
    /// <param name="Hash">Of the last entry.</param>
    public sealed record Head(string Series, long Position, string Hash);

    public static async Task<Results<PushStreamHttpResult, ProblemHttpResult>> HandleAsync(
        string? series, ClaimsPrincipal user, NumberingDbContext db, CurrentTenant tenant, TimeProvider time, CancellationToken cancel)
    {
        if (!RegisterReader.May(user))
            return CommonProblems.Forbidden.Result();
        var heads = await db.Ends.AsNoTracking().Where(end => string.IsNullOrEmpty(series) || end.Series == series).OrderBy(end => end.Series)
            .Select(end => new Head(end.Series, end.Position, end.Hash)).ToListAsync(cancel);
        var header = new Header(Format, tenant.Slug, time.GetUtcNow(), heads);
        return TypedResults.Stream(async body =>
        {
            await using var lines = new StreamWriter(body, new UTF8Encoding(false), leaveOpen: true);
            await lines.WriteAsync(Line(header));
            foreach (var head in heads)
            {
                await foreach (var entry in db.Entries.AsNoTracking().Where(entry => entry.Series == head.Series && entry.Position <= head.Position)
                    .OrderBy(entry => entry.Position).AsAsyncEnumerable().WithCancellation(cancel))
                    await lines.WriteAsync(Line(EntryView.Of(entry)));
            }
        }, MediaType);
    }

    private static string Line<T>(T value) => JsonSerializer.Serialize(value, EventJson.Options) + "\n";
}
