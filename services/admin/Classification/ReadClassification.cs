using Microsoft.AspNetCore.Http.HttpResults;
using Tarasol.Administration.Settings;

namespace Tarasol.Administration.Classification;

/// <summary>GET /api/admin/classification, with its ETag once there is something.</summary>
public static class ReadClassification
{
    /// <param name="Version">0: not published yet.</param>
    /// <param name="Draft">What waits for its publication.</param>
    public sealed record Response(int Version, ClassificationSystem? Published, ClassificationSystem? Draft);

    public static async Task<Ok<Response>> HandleAsync(HttpContext context, Drafts drafts, CancellationToken cancel)
    {
        if (await drafts.FindAsync<ClassificationSystem>("", cancel) is not { } setting)
            return TypedResults.Ok(new Response(0, null, null));
        SettingTag.Tell(context, setting);
        return TypedResults.Ok(new Response(setting.Published, await drafts.PublishedAsync<ClassificationSystem>(setting, cancel), Drafts.Drafted<ClassificationSystem>(setting)));
    }
}
