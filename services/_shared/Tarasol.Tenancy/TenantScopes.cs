using Microsoft.Extensions.DependencyInjection;
using Tarasol.Tenancy.Catalogue;
using Tarasol.Tenancy.Databases;
using Tarasol.Tenancy.Migrations;

namespace Tarasol.Tenancy;

/// <summary>Enters tenants: the one way to set the tenant of a scope, for requests, events and background work alike.</summary>
public sealed class TenantScopes(IServiceScopeFactory scopes, ITenantCatalogue catalogue, TenantConnections connections, TenantMigrator migrator)
{
    /// <summary>Runs work in a scope of its own that belongs to the tenant. Throws <see cref="UnknownTenantException"/> when it does not exist or is not active.</summary>
    public async Task<T> RunAsync<T>(string slug, Func<IServiceProvider, Task<T>> work, CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        await EnterAsync(scope.ServiceProvider, slug, cancel);
        return await work(scope.ServiceProvider);
    }

    /// <inheritdoc cref="RunAsync{T}"/>
    public Task RunAsync(string slug, Func<IServiceProvider, Task> work, CancellationToken cancel) =>
        RunAsync(slug, async services =>
        {
            await work(services);
            return true;
        }, cancel);

    /// <summary>Runs work for a tenant that may also be suspended or archived: keeping what comes for it, and its export.</summary>
    public async Task RunInAnyAsync(string slug, Func<IServiceProvider, Task> work, CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        await EnterAnyAsync(scope.ServiceProvider, slug, cancel);
        await work(scope.ServiceProvider);
    }

    /// <summary>Makes an existing scope the tenant's, which may also be suspended or archived.</summary>
    public async Task EnterAnyAsync(IServiceProvider scope, string slug, CancellationToken cancel)
    {
        var entry = await catalogue.FindAsync(slug, cancel);
        if (entry is null or { Status: TenantStatus.Provisioning })
            throw new UnknownTenantException(slug, entry?.Status);
        await EnterAsync(scope, entry, cancel);
    }

    /// <summary>Makes an existing scope the tenant's, its database migrated.</summary>
    public async Task EnterAsync(IServiceProvider scope, string slug, CancellationToken cancel)
    {
        var entry = await catalogue.FindAsync(slug, cancel);
        if (entry is null)
            throw new UnknownTenantException(slug, null);
        if (entry.Status != TenantStatus.Active)
            throw new UnknownTenantException(slug, entry.Status);
        await EnterAsync(scope, entry, cancel);
    }

    /// <summary>The same for a tenant of any status, whose database is made when it is missing; only provisioning needs it.</summary>
    public async Task ProvisionAsync(IServiceProvider scope, TenantEntry entry, CancellationToken cancel)
    {
        await CreateDatabase.EnsureAsync(connections, entry.Database, cancel);
        await EnterAsync(scope, entry, cancel);
    }

    /// <summary>The same for a tenant of any status.</summary>
    public async Task EnterAsync(IServiceProvider scope, TenantEntry entry, CancellationToken cancel)
    {
        var connection = await connections.ForAsync(entry.Database, cancel);
        await migrator.EnsureAsync(entry, connection, cancel);
        scope.GetRequiredService<CurrentTenant>().Set(entry, connection);
    }
}

/// <summary>A tenant that does not exist (status null) or is not active.</summary>
public sealed class UnknownTenantException(string slug, TenantStatus? status)
    : Exception(status is null ? $"There is no tenant {slug}." : $"Tenant {slug} is {status}.")
{
    /// <summary>Its status, or null when there is no such tenant.</summary>
    public TenantStatus? Status { get; } = status;
}
