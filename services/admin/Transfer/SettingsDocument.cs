using System.ComponentModel.DataAnnotations;
using Tarasol.Administration.Calendars;
using Tarasol.Administration.Classification;
using Tarasol.Administration.Deadlines;
using Tarasol.Administration.Grades;
using Tarasol.Administration.LetterTypes;
using Tarasol.Administration.Settings;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.ServiceDefaults.Requests;

namespace Tarasol.Administration.Transfer;

/// <summary>All settings of a tenant: what is published and what is drafted, without ids and version numbers, so that it means the same in another tenant.</summary>
/// <param name="Format">Of this document.</param>
/// <param name="LetterTypes">In the order of their codes.</param>
/// <param name="Calendars">In the order of their unit codes.</param>
public sealed record SettingsDocument(
    [Required, RegularExpression("^tarasol-settings/1$")] string Format,
    [MaxLength(500)] IReadOnlyList<SettingsDocument.LetterType> LetterTypes,
    [MaxLength(500)] IReadOnlyList<SettingsDocument.Calendar> Calendars,
    SettingsDocument.ClassificationPart? Classification = null,
    SettingsDocument.GradeNamesPart? GradeNames = null,
    SettingsDocument.DeadlinePolicyPart? DeadlinePolicy = null) : IValidated
{
    public const string CurrentFormat = "tarasol-settings/1";
    private static readonly Text Twice = new("is given twice", "ورد مرتين");

    public sealed record LetterType([Required, MaxLength(40), RegularExpression(CreateLetterType.CodeForm)] string Code, LetterTypeForm? Published = null, LetterTypeForm? Draft = null);

    public sealed record Calendar([MaxLength(40), RegularExpression(CreateCalendar.UnitCodeForm)] string? UnitCode = null, WorkingCalendar? Published = null, WorkingCalendar? Draft = null);

    public sealed record ClassificationPart(ClassificationSystem? Published = null, ClassificationSystem? Draft = null);

    public sealed record GradeNamesPart(GradeNames? Published = null, GradeNames? Draft = null);

    public sealed record DeadlinePolicyPart(DeadlinePolicy? Published = null, DeadlinePolicy? Draft = null);

    public void Validate(Errors errors)
    {
        var codes = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (index, type) in LetterTypes.Index())
        {
            if (!codes.Add(type.Code))
                errors.Add($"letterTypes[{index}].code", Twice);
            Check(type.Published, type.Draft, $"letterTypes[{index}]", errors);
        }
        var units = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (index, calendar) in Calendars.Index())
        {
            if (!units.Add(calendar.UnitCode ?? ""))
                errors.Add($"calendars[{index}].unitCode", Twice);
            Check(calendar.Published, calendar.Draft, $"calendars[{index}]", errors);
        }
        Check(Classification?.Published, Classification?.Draft, "classification", errors);
        Check(GradeNames?.Published, GradeNames?.Draft, "gradeNames", errors);
        Check(DeadlinePolicy?.Published, DeadlinePolicy?.Draft, "deadlinePolicy", errors);
    }

    private static void Check<T>(T? published, T? draft, string path, Errors errors) where T : class, ISettingContent<T>
    {
        published?.Check(errors, $"{path}.published.");
        draft?.Check(errors, $"{path}.draft.");
    }
}
