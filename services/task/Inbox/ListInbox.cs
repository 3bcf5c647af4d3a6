using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.ServiceDefaults.Requests;
using Tarasol.Tasks.Data;
using Tarasol.Tasks.People;
using Tarasol.Tasks.WorkItems;

namespace Tarasol.Tasks.Inbox;

/// <summary>GET /api/task/inbox?view=&amp;kind=&amp;urgency=&amp;filter=: one's work in one view, to-do unless another is named; a saved filter stands for the view, kind and urgency that it was saved with.</summary>
public static class ListInbox
{
    private static readonly Text NoSuchFilter = new("is not a saved filter of yours", "ليس مرشحا محفوظا لديك");

    public static async Task<Ok<Page<InboxItem>>> HandleAsync(
        string? view, string? kind, string? urgency, Guid? filter, string? cursor, int? limit, HttpContext context, ClaimsPrincipal user, KnownPersons persons, TasksDbContext db,
        TimeProvider time, CancellationToken cancel)
    {
        var errors = new Errors();
        var (wantedView, wantedKind, wantedUrgency) = (
            WireEnum.Query<InboxView>(view, "view", errors) ?? InboxView.ToDo, WireEnum.Query<WorkItemKind>(kind, "kind", errors), WireEnum.Query<Urgency>(urgency, "urgency", errors));
        var after = InboxCursor.Read(cursor, errors);
        var most = Paging.ReadLimit(context.Request, errors);
        if (filter is not null)
        {
            var me = user.UserId();
            if (await db.InboxFilters.AsNoTracking().FirstOrDefaultAsync(row => row.Id == filter && row.UserId == me, cancel) is { } saved)
                (wantedView, wantedKind, wantedUrgency) = (saved.View, saved.Kind, saved.Urgency);
            else
                errors.Add("filter", NoSuchFilter);
        }
        errors.ThrowIfAny();

        var now = time.GetUtcNow();
        var viewer = Viewer.Of(user.UserName(), wantedView == InboxView.MyUnit ? await persons.FindAsync(user.UserName(), cancel) : null, user.Clearance());
        var rows = await db.WorkItems.AsNoTracking().Of(wantedView, viewer, now)
            .Where(item => wantedKind == null || item.Kind == wantedKind)
            .Where(item => wantedUrgency == null || item.Urgency == wantedUrgency)
            .After(wantedView, after).Take(most + 1).ToListAsync(cancel);
        return TypedResults.Ok(new Page<InboxItem>(
            [.. rows.Take(most).Select(item => InboxItem.Of(item, now))], rows.Count > most ? InboxViews.CursorOf(wantedView, rows[most - 1]).Write() : null));
    }
}
