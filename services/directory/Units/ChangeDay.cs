using Microsoft.EntityFrameworkCore;
using Tarasol.Directories.Data;
using Tarasol.ServiceDefaults.Problems;

namespace Tarasol.Directories.Units;

/// <summary>The day from which a change of the tree holds: today, or a past one that is not before an earlier change of the same unit.</summary>
internal static class ChangeDay
{
    private static readonly Text Future = new("lies in the future", "تاريخ لم يأت بعد");
    private static readonly Text TooEarly = new("is before {0}, when the unit was opened or last changed", "قبل {0} الذي أنشئت فيه الوحدة أو تغيرت آخر مرة");

    public static async Task<DateOnly> ReadAsync(DateOnly? wanted, IReadOnlyCollection<Unit> units, UnitTree tree, DirectoryDbContext db, CancellationToken cancel)
    {
        var day = wanted ?? tree.Today;
        if (day > tree.Today)
            Errors.Of("on", Future.ToString()).ThrowIfAny();
        var ids = units.Select(unit => unit.Id).ToList();
        var changes = await db.FormerUnits.Where(row => ids.Contains(row.UnitId)).Select(row => row.UntilDay).ToListAsync(cancel);
        var earliest = changes.Concat(units.Select(unit => unit.OpenedOn ?? DateOnly.MinValue)).Max();
        if (day < earliest)
            Errors.Of("on", TooEarly.With(earliest.ToString("O", System.Globalization.CultureInfo.InvariantCulture))).ThrowIfAny();
        return day;
    }
}
