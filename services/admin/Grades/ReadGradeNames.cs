using Microsoft.AspNetCore.Http.HttpResults;
using Tarasol.Administration.Settings;

namespace Tarasol.Administration.Grades;

/// <summary>GET /api/admin/grade-names, with its ETag once there is something.</summary>
public static class ReadGradeNames
{
    /// <param name="Version">0: the usual names, until a tenant publishes its own.</param>
    /// <param name="Draft">What waits for its publication.</param>
    public sealed record Response(int Version, GradeNames Published, GradeNames? Draft);

    public static async Task<Ok<Response>> HandleAsync(HttpContext context, Drafts drafts, CancellationToken cancel)
    {
        if (await drafts.FindAsync<GradeNames>("", cancel) is not { } setting)
            return TypedResults.Ok(new Response(0, GradeNames.Usual, null));
        SettingTag.Tell(context, setting);
        return TypedResults.Ok(new Response(setting.Published, await drafts.PublishedAsync<GradeNames>(setting, cancel) ?? GradeNames.Usual, Drafts.Drafted<GradeNames>(setting)));
    }
}
