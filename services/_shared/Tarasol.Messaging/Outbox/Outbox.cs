using System.Diagnostics;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Tarasol.Contracts;
using Tarasol.Messaging.Data;
using Tarasol.ServiceDefaults;
using Tarasol.ServiceDefaults.Auth;

namespace Tarasol.Messaging;

/// <summary>Where a use case puts the events of its change. They are saved with the change, by the same SaveChanges, and published right after.</summary>
public interface IOutbox
{
    /// <summary>Adds an event.</summary>
    /// <param name="event">The fact.</param>
    /// <param name="actor">Who caused it; null: the user of the request, or this service where there is none.</param>
    void Add<TEvent>(TEvent @event, string? actor = null) where TEvent : IEvent;
}

internal sealed class Outbox<TContext>(TContext db, ServiceIdentity self, IHttpContextAccessor http, EventActor actorOfEvent, TimeProvider time) : IOutbox
    where TContext : DbContext
{
    public void Add<TEvent>(TEvent @event, string? actor = null) where TEvent : IEvent
    {
        var now = time.GetUtcNow();
        db.Add(new OutboxMessage
        {
            Id = SortableId.Next(now),
            Type = TEvent.Type,
            Subject = @event.Subject,
            Actor = actor ?? actorOfEvent.Name ?? User() ?? self.AppId,
            TraceParent = Activity.Current?.Id,
            Data = JsonSerializer.Serialize(@event, EventJson.Options),
            CreatedAt = now,
            NextAttemptAt = now,
        });
    }

    private string? User() => http.HttpContext?.User is { Identity.IsAuthenticated: true } user && user.FindFirst(TokenRules.TenantClaim) is not null
        ? user.UserName()
        : null;
}

/// <summary>Who caused the event that this scope handles, so that the events which follow from it name the same person.</summary>
internal sealed class EventActor
{
    public string? Name { get; set; }
}
