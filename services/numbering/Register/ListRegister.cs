using System.Buffers.Text;
using System.Globalization;
using System.Security.Claims;
using System.Text;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.Numbering.Data;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.ServiceDefaults.Requests;

namespace Tarasol.Numbering.Register;

/// <summary>GET /api/numbering/register?series=&amp;period=&amp;cursor=&amp;limit=: the entries by series, oldest first.</summary>
public static class ListRegister
{
    private const int MaxLength = 60;
    private static readonly Text TooLong = new("must have at most {0} characters", "يجب ألا يتجاوز {0} حرفا");

    public static async Task<Results<Ok<Page<EntryView>>, ProblemHttpResult>> HandleAsync(
        string? series, string? period, string? cursor, ClaimsPrincipal user, HttpRequest request, NumberingDbContext db, CancellationToken cancel)
    {
        if (!RegisterReader.May(user))
            return CommonProblems.Forbidden.Result();
        var errors = new Errors();
        var limit = Paging.ReadLimit(request, errors);
        if (series?.Length > MaxLength)
            errors.Add("series", TooLong.With(MaxLength));
        if (period?.Length > MaxLength)
            errors.Add("period", TooLong.With(MaxLength));
        var (afterSeries, afterPosition) = ("", 0L);
        if (!string.IsNullOrEmpty(cursor) && !TryRead(cursor, out afterSeries, out afterPosition))
            errors.Add("cursor", Paging.BadCursor);
        errors.ThrowIfAny();

        var entries = db.Entries.AsNoTracking().Where(entry => string.Compare(entry.Series, afterSeries) > 0 || entry.Series == afterSeries && entry.Position > afterPosition);
        if (!string.IsNullOrEmpty(series))
            entries = entries.Where(entry => entry.Series == series);
        if (!string.IsNullOrEmpty(period))
            entries = entries.Where(entry => entry.Period == period);
        var rows = await entries.OrderBy(entry => entry.Series).ThenBy(entry => entry.Position).Take(limit + 1).ToListAsync(cancel);
        return TypedResults.Ok(new Page<EntryView>([.. rows.Take(limit).Select(EntryView.Of)], rows.Count > limit ? Write(rows[limit - 1]) : null));
    }

    private static string Write(RegisterEntry last) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{last.Series} {last.Position}")));

    private static bool TryRead(string cursor, out string series, out long position)
    {
        (series, position) = ("", 0);
        if (cursor.Length > 2 * MaxLength || !Base64Url.IsValid(cursor))
            return false;
        var parts = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(cursor)).Split(' ');
        series = parts[0];
        return parts.Length == 2 && long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out position);
    }
}
