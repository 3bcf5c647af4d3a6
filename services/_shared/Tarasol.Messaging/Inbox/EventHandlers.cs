using System.Text.Json;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Prometheus;
using Tarasol.Contracts;
using Tarasol.Messaging.Data;
using Tarasol.Tenancy;

namespace Tarasol.Messaging;

/// <summary>Deals with one kind of event inside the tenant's scope. What it adds to the service's context is saved together with the inbox row, in one transaction.</summary>
/// <typeparam name="TEvent">The event record.</typeparam>
public interface IEventHandler<in TEvent> where TEvent : IEvent
{
    /// <summary>May be called again after a failure. Effects outside the database must be harmless when repeated.</summary>
    Task HandleAsync(TEvent @event, EventEnvelope envelope, CancellationToken cancel);
}

/// <summary>Deals with events of any kind.</summary>
public interface IAnyEventHandler
{
    /// <inheritdoc cref="IEventHandler{TEvent}.HandleAsync"/>
    Task HandleAsync(EventEnvelope envelope, CancellationToken cancel);
}

/// <summary>Subscriptions of a service.</summary>
public static class EventHandlers
{
    private static readonly Counter Handled = Metrics.CreateCounter("tarasol_events_handled_total", "Events handled.", "type");
    private static readonly Counter Repeated = Metrics.CreateCounter("tarasol_events_repeated_total", "Events that came again and were already handled.", "type");

    /// <summary>Subscribes to <typeparamref name="TEvent"/>. <typeparamref name="THandler"/> is made from the tenant's scope.</summary>
    public static void MapEvent<TEvent, THandler, TContext>(this IEndpointRouteBuilder routes)
        where TEvent : IEvent
        where THandler : class, IEventHandler<TEvent>
        where TContext : DbContext =>
        EventRoutes.Add(routes, TEvent.Type, (services, envelope, cancel) => HandleOnceAsync<TContext>(services, envelope, typeof(THandler).Name, scope =>
            ActivatorUtilities.GetServiceOrCreateInstance<THandler>(scope)
                .HandleAsync(envelope.Data.Deserialize<TEvent>(EventJson.Options) ?? throw new JsonException("data is null"), envelope, cancel), cancel));

    /// <summary>Subscribes to every published event but those that hold a secret for one reader: the broker gives them to nobody else.</summary>
    public static void MapEveryEvent<THandler, TContext>(this IEndpointRouteBuilder routes)
        where THandler : class, IAnyEventHandler
        where TContext : DbContext
    {
        foreach (var type in EventTypes.All.Keys.Except(EventTypes.SecretFields.Keys))
            EventRoutes.Add(routes, type, (services, envelope, cancel) => HandleOnceAsync<TContext>(services, envelope, typeof(THandler).Name, scope =>
                ActivatorUtilities.GetServiceOrCreateInstance<THandler>(scope).HandleAsync(envelope, cancel), cancel));
    }

    private static Task HandleOnceAsync<TContext>(
        IServiceProvider services, EventEnvelope envelope, string handler, Func<IServiceProvider, Task> handle, CancellationToken cancel)
        where TContext : DbContext =>
        services.GetRequiredService<TenantScopes>().RunAsync(envelope.TenantId, async scope =>
        {
            var db = scope.GetRequiredService<TContext>();
            scope.GetRequiredService<EventActor>().Name = envelope.Actor;
            await using var transaction = await db.Database.BeginTransactionAsync(cancel);
            if (await db.Set<InboxMessage>().AnyAsync(message => message.EventId == envelope.Id && message.Handler == handler, cancel))
            {
                Repeated.WithLabels(envelope.Type).Inc();
                return;
            }
            db.Add(new InboxMessage { EventId = envelope.Id, Handler = handler, HandledAt = scope.GetRequiredService<TimeProvider>().GetUtcNow() });
            // Written first: a second delivery at the same time waits here, or fails and is delivered again.
            await db.SaveChangesAsync(cancel);
            await handle(scope);
            await db.SaveChangesAsync(cancel);
            await transaction.CommitAsync(cancel);
            Handled.WithLabels(envelope.Type).Inc();
        }, cancel);
}
