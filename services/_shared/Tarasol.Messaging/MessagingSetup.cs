using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Tarasol.Tenancy.Migrations;
using Tarasol.Tenancy.Sweeps;

namespace Tarasol.Messaging;

/// <summary>Outbox, inbox and dead letters for a service.</summary>
public static class MessagingSetup
{
    /// <summary>Name of the Dapr pub/sub component.</summary>
    public const string PubSub = "pubsub";

    /// <summary>Adds messaging in the tables of <typeparamref name="TContext"/>, whose model must call <c>AddMessaging</c>. Call it after AddTenantDatabase.</summary>
    public static WebApplicationBuilder AddMessaging<TContext>(this WebApplicationBuilder builder) where TContext : DbContext
    {
        var services = builder.Services;
        services.AddHttpContextAccessor();
        services.AddScoped<EventActor>();
        services.AddScoped<IOutbox, Outbox<TContext>>();
        services.AddSingleton<EventRoutes>();
        services.AddScoped<IInterceptor, OutboxCommits<TContext>>();
        services.AddTenantSweep<OutboxRelay<TContext>>();
        services.AddSingleton<IHeldEvents, HeldEvents<TContext>>();
        services.AddTenantSweep<HandleHeldEvents<TContext>>(SweepRounds.AtStart);
        var migrations = (MigrationAssemblies)services.Single(service => service.ServiceType == typeof(MigrationAssemblies)).ImplementationInstance!;
        migrations.All.Add(typeof(MessagingSetup).Assembly);
        return builder;
    }

    /// <summary>Maps what Dapr asks for at start, and the dead letters. Call it once, with the service's event handlers.</summary>
    public static WebApplication UseMessaging<TContext>(this WebApplication app) where TContext : DbContext
    {
        app.MapSubscribeHandler().AllowAnonymous();
        DeadLetters.Map<TContext>(app);
        ForgetTenant.Map(app);
        RefuseRevoked.Map(app);
        return app;
    }
}
