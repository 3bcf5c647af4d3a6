using Microsoft.AspNetCore.Http.HttpResults;
using Tarasol.Administration.Settings;

namespace Tarasol.Administration.Deadlines;

/// <summary>GET /api/admin/deadline-policy, with its ETag once there is something.</summary>
public static class ReadDeadlinePolicy
{
    /// <param name="Version">0: the usual policy, until a tenant publishes its own.</param>
    /// <param name="Draft">What waits for its publication.</param>
    public sealed record Response(int Version, DeadlinePolicy Published, DeadlinePolicy? Draft);

    public static async Task<Ok<Response>> HandleAsync(HttpContext context, Drafts drafts, CancellationToken cancel)
    {
        if (await drafts.FindAsync<DeadlinePolicy>("", cancel) is not { } setting)
            return TypedResults.Ok(new Response(0, DeadlinePolicy.Usual, null));
        SettingTag.Tell(context, setting);
        return TypedResults.Ok(new Response(setting.Published, await drafts.PublishedAsync<DeadlinePolicy>(setting, cancel) ?? DeadlinePolicy.Usual, Drafts.Drafted<DeadlinePolicy>(setting)));
    }
}
