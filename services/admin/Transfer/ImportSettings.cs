using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Tarasol.Administration.Data;
using Tarasol.Administration.Settings;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.ServiceDefaults.Requests;

namespace Tarasol.Administration.Transfer;

/// <summary>
/// PUT /api/admin/settings: takes over a document of <see cref="ExportSettings"/>. What it names becomes as it says, a published part as a new version unless it holds already; what it does
/// not name stays. The whole document is checked before anything is changed, and the change is one commit.
/// </summary>
public static class ImportSettings
{
    /// <param name="Published">How many new versions hold now.</param>
    /// <param name="Drafted">How many drafts have changed.</param>
    public sealed record Response(int Published, int Drafted);

    public static async Task<Ok<Response>> HandleAsync(Body<SettingsDocument> body, ClaimsPrincipal user, Drafts drafts, AdminDbContext db, CancellationToken cancel)
    {
        var document = body.Value;
        var (published, drafted) = (0, 0);
        foreach (var type in document.LetterTypes)
            await TakeAsync(type.Code, type.Published, type.Draft);
        foreach (var calendar in document.Calendars)
            await TakeAsync(calendar.UnitCode ?? "", calendar.Published, calendar.Draft);
        if (document.Classification is { } classification)
            await TakeAsync("", classification.Published, classification.Draft);
        if (document.GradeNames is { } names)
            await TakeAsync("", names.Published, names.Draft);
        if (document.DeadlinePolicy is { } policy)
            await TakeAsync("", policy.Published, policy.Draft);
        await db.SaveChangesAsync(cancel);
        return TypedResults.Ok(new Response(published, drafted));

        async Task TakeAsync<T>(string key, T? publish, T? draft) where T : class, ISettingContent<T>
        {
            var setting = await drafts.FindAsync<T>(key, cancel) ?? drafts.Create<T>(key);
            var before = setting.Draft;
            if (publish is not null)
            {
                await drafts.WriteAsync(setting, publish, cancel);
                if (drafts.Publish<T>(setting, user.UserName()))
                    published++;
            }
            await drafts.WriteAsync(setting, draft, cancel);
            if (setting.Draft != before)
                drafted++;
        }
    }
}
