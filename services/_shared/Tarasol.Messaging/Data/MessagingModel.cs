using Microsoft.EntityFrameworkCore;
using Tarasol.Tenancy;

namespace Tarasol.Messaging.Data;

/// <summary>The messaging entities in a service's own context.</summary>
public static class MessagingModel
{
    /// <summary>Call in OnModelCreating, before UseTarasolConventions. An event may hold a one-time token (IEvent.SecretFields): what is under way stays out of exports.</summary>
    public static void AddMessaging(this ModelBuilder model)
    {
        model.Entity<OutboxMessage>().HasKey(message => message.Id);
        model.Entity<InboxMessage>().HasKey(message => new { message.EventId, message.Handler });
        model.Entity<DeadLetter>().HasKey(kept => kept.EventId);
        model.Entity<HeldEvent>().HasKey(held => held.EventId);
        model.Entity<OutboxMessage>().Property(message => message.Data).IsSecret();
        model.Entity<DeadLetter>().Property(kept => kept.Envelope).IsSecret();
        model.Entity<HeldEvent>().Property(held => held.Envelope).IsSecret();
    }
}

/// <summary>An event that waits to be published. Its id becomes the event's id.</summary>
public sealed class OutboxMessage
{
    /// <summary>UUIDv7 by SortableId, so that the order of ids is the order of events.</summary>
    public Guid Id { get; init; }

    /// <summary>Topic and CloudEvents type.</summary>
    public required string Type { get; init; }

    /// <summary>CloudEvents subject.</summary>
    public required string Subject { get; init; }

    /// <summary>User name of the person who caused it, or the service's app-id.</summary>
    public required string Actor { get; init; }

    /// <summary>W3C traceparent of the request that caused it.</summary>
    public string? TraceParent { get; init; }

    /// <summary>The event record as JSON.</summary>
    public required string Data { get; init; }

    /// <summary>When it happened.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>Publications that the broker refused.</summary>
    public int Attempts { get; set; }

    /// <summary>Not published before; also the end of a relay's claim.</summary>
    public DateTimeOffset NextAttemptAt { get; set; }

    /// <summary>Waiting or parked.</summary>
    public OutboxState State { get; set; }

    /// <summary>Why the last attempt failed.</summary>
    public string? LastError { get; set; }
}

/// <summary>What becomes of an outbox row; a published one is deleted.</summary>
public enum OutboxState
{
    /// <summary>To be published.</summary>
    Waiting,

    /// <summary>Given up after the last attempt; an operator decides.</summary>
    Parked,
}

/// <summary>An event that a handler has dealt with.</summary>
public sealed class InboxMessage
{
    /// <summary>CloudEvents id.</summary>
    public required string EventId { get; init; }

    /// <summary>Which handler.</summary>
    public required string Handler { get; init; }

    /// <summary>When its effects were committed.</summary>
    public DateTimeOffset HandledAt { get; init; }
}

/// <summary>An event that no handler could deal with, kept for an operator.</summary>
public sealed class DeadLetter
{
    /// <summary>CloudEvents id.</summary>
    public required string EventId { get; init; }

    /// <summary>CloudEvents type.</summary>
    public required string Type { get; init; }

    /// <summary>The whole CloudEvent as JSON.</summary>
    public required string Envelope { get; init; }

    /// <summary>When it came here.</summary>
    public DateTimeOffset ReceivedAt { get; init; }
}

/// <summary>An event that came while its tenant was suspended, and waits until it is active again.</summary>
public sealed class HeldEvent
{
    /// <summary>CloudEvents id.</summary>
    public required string EventId { get; init; }

    /// <summary>CloudEvents type.</summary>
    public required string Type { get; init; }

    /// <summary>The whole CloudEvent as JSON.</summary>
    public required string Envelope { get; init; }

    /// <summary>When it came here.</summary>
    public DateTimeOffset ReceivedAt { get; init; }
}
