using System.Text.Json;
using Dapr;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Prometheus;
using Tarasol.Messaging.Data;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.Tenancy;
using Tarasol.Tenancy.Catalogue;

namespace Tarasol.Messaging;

/// <summary>Events that a service could not handle end in its dead-letter topic. The service keeps them in the tenant's database and counts them.</summary>
internal static class DeadLetters
{
    private static readonly Counter Received = Metrics.CreateCounter("tarasol_dead_letters_total", "Events that could not be handled.", "type");

    public static string Topic(string appId) => $"{appId}.dead-letter";

    public static void Map<TContext>(IEndpointRouteBuilder routes) where TContext : DbContext
    {
        var self = routes.ServiceProvider.GetRequiredService<ServiceIdentity>();
        routes.MapPost("/events/dead-letter", async (HttpContext context, TenantScopes tenants, TimeProvider time, ILoggerFactory logs, CancellationToken cancel) =>
            {
                using var reader = new StreamReader(context.Request.Body);
                var envelope = await reader.ReadToEndAsync(cancel);
                var json = Parse(envelope);
                var type = Text(json, "type") ?? "unknown";
                var id = Text(json, "id") ?? Guid.CreateVersion7().ToString();
                logs.CreateLogger(typeof(DeadLetters)).LogError("Event {EventId} ({Type}) could not be handled and is kept as a dead letter", id, type);
                await EnterAsync(tenants, context.RequestServices, Text(json, "tenantid"), cancel);
                var db = context.RequestServices.GetRequiredService<TContext>();
                if (!await db.Set<DeadLetter>().AnyAsync(kept => kept.EventId == id, cancel))
                {
                    db.Add(new DeadLetter { EventId = id, Type = type, Envelope = envelope, ReceivedAt = time.GetUtcNow() });
                    await db.SaveChangesAsync(cancel);
                    Received.WithLabels(type).Inc();
                }
                return Results.Ok();
            })
            .WithTopic(new TopicOptions { PubsubName = MessagingSetup.PubSub, Name = Topic(self.AppId) })
            .AllowAnonymous()
            .WithMetadata(new AnyTenant())
            .ExcludeFromDescription();
    }

    // Of a tenant that is not there, the platform keeps it.
    private static async Task EnterAsync(TenantScopes tenants, IServiceProvider services, string? slug, CancellationToken cancel)
    {
        try
        {
            await tenants.EnterAnyAsync(services, slug ?? PlatformTenant.Slug, cancel);
        }
        catch (UnknownTenantException)
        {
            await tenants.EnterAsync(services, PlatformTenant.Slug, cancel);
        }
    }

    // What is not JSON is kept all the same.
    private static JsonElement Parse(string envelope)
    {
        try
        {
            return JsonElement.Parse(envelope);
        }
        catch (JsonException)
        {
            return default;
        }
    }

    private static string? Text(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
