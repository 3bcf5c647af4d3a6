using System.Diagnostics;
using System.Text.Json;
using Dapr;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.Tenancy;
using Tarasol.Tenancy.Catalogue;

namespace Tarasol.Messaging;

/// <summary>One Dapr subscription and route per event type, however many handlers a service has for it: Dapr knows one route per app and topic.</summary>
internal sealed class EventRoutes(ServiceIdentity self, ILogger<EventRoutes> log)
{
    private readonly Dictionary<string, List<Func<IServiceProvider, EventEnvelope, CancellationToken, Task>>> handlers = [];

    public static void Add(IEndpointRouteBuilder routes, string type, Func<IServiceProvider, EventEnvelope, CancellationToken, Task> handle)
    {
        var all = routes.ServiceProvider.GetRequiredService<EventRoutes>();
        if (!all.handlers.TryGetValue(type, out var those))
        {
            all.handlers[type] = those = [];
            all.Map(routes, type);
        }
        those.Add(handle);
    }

    /// <summary>Gives an event to all its handlers.</summary>
    public async Task HandleAsync(IServiceProvider services, string type, EventEnvelope envelope, CancellationToken cancel)
    {
        foreach (var handle in handlers[type])
            await handle(services, envelope, cancel);
    }

    private void Map(IEndpointRouteBuilder routes, string type) =>
        routes.MapPost($"/events/{type}", async (HttpContext context, CancellationToken cancel) =>
            {
                EventEnvelope envelope;
                try
                {
                    using var document = await JsonDocument.ParseAsync(context.Request.Body, cancellationToken: cancel);
                    envelope = document.RootElement.Clone().Deserialize<EventEnvelope>(EventJson.Options) ?? throw new JsonException("the event is null");
                    // Only its publisher may say it; a topic's name begins with who that is.
                    if (envelope.Type != type || envelope.Source != type[..type.IndexOf('.', StringComparison.Ordinal)])
                        throw new JsonException($"it is a {envelope.Type} from {envelope.Source}");
                }
                catch (JsonException malformed)
                {
                    // It will not become well formed by being sent again; the broker moves it to the dead letters.
                    log.LogError("An event on {Type} is not one of ours: {Reason}", type, malformed.Message);
                    return Results.Json(new { status = "DROP" });
                }
                using var activity = MessagingTelemetry.Source.StartActivity($"handle {type}", ActivityKind.Consumer, envelope.TraceParent ?? default(string));
                try
                {
                    await HandleAsync(context.RequestServices, type, envelope, cancel);
                    return Results.Ok();
                }
                catch (UnknownTenantException paused) when (paused.Status is TenantStatus.Suspended or TenantStatus.Archived)
                {
                    await context.RequestServices.GetRequiredService<IHeldEvents>().HoldAsync(type, envelope, cancel);
                    log.LogInformation("Event {EventId} ({Type}) waits: {Reason}", envelope.Id, type, paused.Message);
                    return Results.Ok();
                }
                catch (UnknownTenantException unknown)
                {
                    // A tenant may only be unknown yet. The problem's own 404 would make Dapr drop the event.
                    log.LogWarning("Event {EventId} ({Type}) cannot be handled yet: {Reason}", envelope.Id, type, unknown.Message);
                    return Results.StatusCode(StatusCodes.Status503ServiceUnavailable);
                }
            })
            .WithTopic(new TopicOptions { PubsubName = MessagingSetup.PubSub, Name = type, DeadLetterTopic = DeadLetters.Topic(self.AppId) })
            .AllowAnonymous()
            .WithMetadata(new AnyTenant())
            .ExcludeFromDescription();
}
