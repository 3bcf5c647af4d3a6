using System.ComponentModel.DataAnnotations;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.ServiceDefaults;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.ServiceDefaults.Requests;
using Tarasol.Tasks.Data;
using Tarasol.Tasks.WorkItems;
using Tarasol.Tenancy;

namespace Tarasol.Tasks.Inbox;

/// <summary>POST /api/task/inbox/filters: keeps a view with conditions under a name of one's own.</summary>
public static class SaveFilter
{
    public static readonly Problem NameTaken = new("filter-name-taken", 409, new("You have a filter with the name {0}.", "لديك مرشح بالاسم {0}."));
    public static readonly Problem TooManyFilters = new("too-many-filters", 409, new("You have {0} filters already; delete one.", "لديك {0} مرشحا؛ احذف أحدها."));
    private const string Operation = "save-filter";
    private const int Most = 50;

    public sealed record Request([Required, MaxLength(100)] string Name, InboxView View, WorkItemKind? Kind = null, Urgency? Urgency = null);

    public sealed record Response(Guid Id);

    public static async Task<Results<Created<Response>, ProblemHttpResult>> HandleAsync(
        Body<Request> body, IdempotencyKey key, ClaimsPrincipal user, TasksDbContext db, TimeProvider time, CancellationToken cancel)
    {
        var (request, me) = (body.Value, user.UserId());
        var hash = IdempotencyKey.HashOf(request);
        if (await BeforeAsync() is { } before)
            return Answer(before);
        if (await db.InboxFilters.AnyAsync(row => row.UserId == me && row.Name == request.Name, cancel))
            return NameTaken.Result(request.Name);
        if (await db.InboxFilters.CountAsync(row => row.UserId == me, cancel) >= Most)
            return TooManyFilters.Result(Most);
        var now = time.GetUtcNow();
        var filter = new InboxFilter { Id = SortableId.Next(now), UserId = me, Name = request.Name, View = request.View, Kind = request.Kind, Urgency = request.Urgency };
        db.Add(filter);
        db.RequestKeys.Remember(key, me, Operation, hash, filter.Id, now);
        try
        {
            await db.SaveChangesAsync(cancel);
        }
        catch (DbUpdateException)
        {
            db.ChangeTracker.Clear();
            return await BeforeAsync() is { } first ? Answer(first) : NameTaken.Result(request.Name);
        }
        return Answer(filter.Id);

        Task<Guid?> BeforeAsync() => db.RequestKeys.ResultAsync(key, me, Operation, hash, cancel);

        static Created<Response> Answer(Guid id) => TypedResults.Created($"/api/task/inbox/filters/{id}", new Response(id));
    }
}
