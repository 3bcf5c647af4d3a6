using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.Tasks.Data;
using Tarasol.Tasks.People;

namespace Tarasol.Tasks.Inbox;

/// <summary>GET /api/task/inbox/counts: how many tasks each view has; it counts to 1,000 and no further, so that the answer costs the same for everybody.</summary>
public static class CountInbox
{
    private const int Most = 1000;

    public sealed record Response(int ToDo, int Waiting, int Overdue, int Unread, int FollowUp, int OnBehalf, int ByOthers, int MyUnit, int AtMost);

    public static async Task<Ok<Response>> HandleAsync(ClaimsPrincipal user, KnownPersons persons, TasksDbContext db, TimeProvider time, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var viewer = Viewer.Of(user.UserName(), await persons.FindAsync(user.UserName(), cancel), user.Clearance());
        return TypedResults.Ok(new Response(
            await CountAsync(InboxView.ToDo), await CountAsync(InboxView.Waiting), await CountAsync(InboxView.Overdue), await CountAsync(InboxView.Unread), await CountAsync(InboxView.FollowUp),
            await CountAsync(InboxView.OnBehalf), await CountAsync(InboxView.ByOthers), await CountAsync(InboxView.MyUnit), Most));

        Task<int> CountAsync(InboxView view) => db.WorkItems.Of(view, viewer, now).After(view, null).Select(item => item.Id).Take(Most).CountAsync(cancel);
    }
}
