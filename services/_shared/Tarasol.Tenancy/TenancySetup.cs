using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.Tenancy.Catalogue;
using Tarasol.Tenancy.Databases;
using Tarasol.Tenancy.Exports;
using Tarasol.Tenancy.Migrations;

namespace Tarasol.Tenancy;

/// <summary>A database per tenant for a service.</summary>
public static class TenancySetup
{
    private static readonly RacedKeys RacedKeys = new();

    /// <summary>
    /// Adds <typeparamref name="TContext"/>, which in every scope is the current tenant's database, with the FluentMigrator migrations of its assembly.
    /// The tenant service brings its own <see cref="ITenantCatalogue"/>; everybody else asks it.
    /// </summary>
    public static WebApplicationBuilder AddTenantDatabase<TContext>(this WebApplicationBuilder builder, Action<DbContextOptionsBuilder>? configure = null)
        where TContext : DbContext
    {
        var services = builder.Services;
        services.AddMemoryCache();
        services.AddScoped<CurrentTenant>();
        services.AddSingleton<TenantConnections>();
        services.AddSingleton<TenantMigrator>();
        services.AddSingleton<TenantScopes>();
        services.AddSingleton(new MigrationAssemblies([typeof(TContext).Assembly]));
        services.TryAddSingleton(DatabasePlaces.From(builder.Configuration));
        services.AddSingleton<IProblemMap, TenancyProblemMap>();
        services.AddHttpContextAccessor();
        services.AddTransient<ServiceTokenHandler>();
        services.AddTransient<OnBehalfHandler>();
        services.TryAddSingleton<ITenantCatalogue, RemoteTenantCatalogue>();
        ServiceCalls.Reach(services.AddHttpClient(RemoteTenantCatalogue.Client), "tenant");
        services.AddDbContext<TContext>((provider, options) =>
        {
            var tenant = provider.GetRequiredService<CurrentTenant>();
            TenantConnections.Use(options, tenant.Entry.Database.Provider, tenant.ConnectionString);
            if (provider.GetRequiredService<TenantConnections>().BudgetOf(tenant.Entry.Database) is { } budget)
                options.AddInterceptors(new BudgetInterceptor(budget, tenant.ConnectionString));
            // Whoever saves handles the failure or lets it become a problem, which is logged; a collision that is expected is no error.
            options.ConfigureWarnings(warnings => warnings.Log((CoreEventId.SaveChangesFailed, LogLevel.Debug), (RelationalEventId.CommandError, LogLevel.Debug)));
            options.AddInterceptors(provider.GetServices<IInterceptor>());
            options.AddInterceptors(RacedKeys);
            configure?.Invoke(options);
        });
        services.AddScoped(provider => ActivatorUtilities.CreateInstance<TenantExport>(provider, provider.GetRequiredService<TContext>()));
        services.AddHostedService<CatalogueWatch>();
        services.AddSingleton<PlatformOnStart>();
        services.AddHostedService(provider => provider.GetRequiredService<PlatformOnStart>());
        services.AddHealthChecks().AddCheck<PlatformOnStart>("platform-database");
        return builder;
    }

    /// <summary>Adds the tenant to every request, and the routes by which the tenant service has a database made and exported. Call it after UseTarasolService and before mapping the features.</summary>
    public static WebApplication UseTenancy(this WebApplication app)
    {
        app.UseMiddleware<TenantMiddleware>();
        ProvisionTenant.Map(app);
        ExportTenant.Map(app);
        PermissionList.Map(app);
        return app;
    }
}
