using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.Administration.Data;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.ServiceDefaults.Problems;

namespace Tarasol.Administration.Settings;

/// <summary>What changing, discarding and publishing a draft is, whatever the kind. The setting is null where it does not exist.</summary>
internal static class ChangeDraft
{
    /// <param name="content">Null: the draft is discarded.</param>
    public static async Task<Results<NoContent, ProblemHttpResult>> WriteAsync<T>(Setting? setting, T? content, HttpContext context, Drafts drafts, AdminDbContext db, CancellationToken cancel)
        where T : class, ISettingContent<T>
    {
        if (setting is null)
            return CommonProblems.NotFound.Result();
        if (SettingTag.IsOutdated(context, setting))
            return CommonProblems.Changed.Result();
        await drafts.WriteAsync(setting, content, cancel);
        if (!await SavedAsync(db, cancel))
            return CommonProblems.Changed.Result();
        SettingTag.Tell(context, setting);
        return TypedResults.NoContent();
    }

    /// <summary>Publishing again what is published changes nothing.</summary>
    public static async Task<Results<Ok<Published>, ProblemHttpResult>> PublishAsync<T>(Setting? setting, ClaimsPrincipal user, HttpContext context, Drafts drafts, AdminDbContext db, CancellationToken cancel)
        where T : class, ISettingContent<T>
    {
        if (setting is null)
            return CommonProblems.NotFound.Result();
        if (SettingTag.IsOutdated(context, setting))
            return CommonProblems.Changed.Result();
        if (!drafts.Publish<T>(setting, user.UserName()) && setting.Published == 0)
            return Drafts.NothingDrafted.Result();
        if (!await SavedAsync(db, cancel))
            return CommonProblems.Changed.Result();
        SettingTag.Tell(context, setting);
        return TypedResults.Ok(new Published(setting.Published));
    }

    // False: somebody else made the same setting or version at the same time.
    private static async Task<bool> SavedAsync(AdminDbContext db, CancellationToken cancel)
    {
        try
        {
            await db.SaveChangesAsync(cancel);
            return true;
        }
        catch (DbUpdateException)
        {
            return false;
        }
    }
}

/// <summary>Which version holds now.</summary>
public sealed record Published(int Version);
