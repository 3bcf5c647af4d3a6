using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.Numbering.Calls;
using Tarasol.Numbering.Data;
using Tarasol.Numbering.Register;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.ServiceDefaults.Requests;

namespace Tarasol.Numbering.Labels;

/// <summary>GET /api/numbering/labels/{letterId}?format=png|pdf: the label that is stuck on a letter, for those who may read the letter.</summary>
public static class GetLabel
{
    public static readonly Problem NoFont = new("label-font-missing", 503, new(
        "No font for Arabic and English is installed. Install DejaVu Sans, or name a font file in TARASOL_LABEL_FONT.",
        "لا يوجد خط مثبت للعربية والإنجليزية. ثبّت خط DejaVu Sans أو حدد ملف خط في TARASOL_LABEL_FONT."));

    public enum LabelFormat
    {
        Png,
        Pdf,
    }

    internal static async Task<Results<FileContentHttpResult, ProblemHttpResult>> HandleAsync(
        Guid letterId, string? format, SeenLetters letters, NumberingDbContext db, LabelPainter painter, CancellationToken cancel)
    {
        var errors = new Errors();
        var wanted = WireEnum.Query<LabelFormat>(format, "format", errors) ?? LabelFormat.Png;
        errors.ThrowIfAny();
        // A letter that the caller may not read is like one that has no number.
        if (!await letters.MayReadAsync(letterId, cancel)
            || await db.Allocations.AsNoTracking().FirstOrDefaultAsync(given => given.LetterId == letterId, cancel) is not { } number)
            return CommonProblems.NotFound.Result();
        var day = await db.Entries.AsNoTracking().Where(entry => entry.Series == number.Series && entry.Period == number.Period && entry.Last == number.Sequence && entry.LetterId == letterId && entry.Day != "")
            .Select(entry => entry.Day).FirstOrDefaultAsync(cancel) ?? RegisterChain.Day(DateOnly.FromDateTime(number.AllocatedAt.UtcDateTime));
        if (painter.FontFile is null)
            return NoFont.Result();
        var label = LabelText.Of(number, day);
        return wanted == LabelFormat.Pdf ? TypedResults.File(painter.Pdf(label), "application/pdf") : TypedResults.File(painter.Png(label), "image/png");
    }
}
