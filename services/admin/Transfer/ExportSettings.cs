using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.Administration.Calendars;
using Tarasol.Administration.Classification;
using Tarasol.Administration.Data;
using Tarasol.Administration.Deadlines;
using Tarasol.Administration.Grades;
using Tarasol.Administration.LetterTypes;
using Tarasol.Administration.Settings;

namespace Tarasol.Administration.Transfer;

/// <summary>GET /api/admin/settings: all settings as one document.</summary>
public static class ExportSettings
{
    public static async Task<Ok<SettingsDocument>> HandleAsync(Drafts drafts, AdminDbContext db, CancellationToken cancel)
    {
        var letterTypes = new List<SettingsDocument.LetterType>();
        var calendars = new List<SettingsDocument.Calendar>();
        SettingsDocument.ClassificationPart? classification = null;
        SettingsDocument.GradeNamesPart? gradeNames = null;
        SettingsDocument.DeadlinePolicyPart? deadlinePolicy = null;
        // Sorted here: databases do not agree on the order of texts.
        foreach (var setting in (await db.Settings.AsNoTracking().ToListAsync(cancel)).OrderBy(setting => setting.Key, StringComparer.Ordinal))
        {
            switch (setting.Kind)
            {
                case SettingKind.LetterType:
                    letterTypes.Add(new(setting.Key, await drafts.PublishedAsync<LetterTypeForm>(setting, cancel), Drafts.Drafted<LetterTypeForm>(setting)));
                    break;
                case SettingKind.Calendar:
                    calendars.Add(new(setting.Key.Length == 0 ? null : setting.Key, await drafts.PublishedAsync<WorkingCalendar>(setting, cancel), Drafts.Drafted<WorkingCalendar>(setting)));
                    break;
                case SettingKind.Classification:
                    classification = new(await drafts.PublishedAsync<ClassificationSystem>(setting, cancel), Drafts.Drafted<ClassificationSystem>(setting));
                    break;
                case SettingKind.GradeNames:
                    gradeNames = new(await drafts.PublishedAsync<GradeNames>(setting, cancel), Drafts.Drafted<GradeNames>(setting));
                    break;
                case SettingKind.DeadlinePolicy:
                    deadlinePolicy = new(await drafts.PublishedAsync<DeadlinePolicy>(setting, cancel), Drafts.Drafted<DeadlinePolicy>(setting));
                    break;
            }
        }
        return TypedResults.Ok(new SettingsDocument(SettingsDocument.CurrentFormat, letterTypes, calendars, classification, gradeNames, deadlinePolicy));
    }
}
