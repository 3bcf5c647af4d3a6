using System.Net;
using FluentMigrator;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Tarasol.Contracts.Directories;
using Tarasol.Contracts.Tenants;
using Tarasol.Messaging;
using Tarasol.Messaging.Data;
using Tarasol.ServiceDefaults;
using Tarasol.Tenancy;
using Tarasol.Tenancy.Catalogue;

namespace Tarasol.Tests.Integration.Messaging;

/// <summary>The smallest service with outbox and inbox: it writes a row for every unit that it hears of. Its sidecar is whatever the test gives it.</summary>
internal sealed class SmallService : IAsyncDisposable
{
    private readonly string data;
    private readonly WebApplication app;
    private bool keepsData;

    private SmallService(int sidecarPort, TimeProvider? time, string? data)
    {
        this.data = data ??= System.IO.Directory.CreateTempSubdirectory("tarasol-small-").FullName;
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = data });
        foreach (var (key, value) in new Dictionary<string, string>
                 {
                     ["DAPR_HTTP_ENDPOINT"] = $"http://127.0.0.1:{sidecarPort}",
                     ["DAPR_GRPC_ENDPOINT"] = $"http://127.0.0.1:{sidecarPort}",
                     ["DAPR_API_TOKEN"] = "",
                     ["APP_API_TOKEN"] = "",
                     ["TARASOL_DATA"] = data,
                     ["TARASOL_LOG_LEVEL"] = "Fatal",
                 })
            builder.Configuration[key] = value;
        if (time is not null)
            builder.Services.AddSingleton(time);
        builder.Services.AddSingleton<ITenantCatalogue, TwoTenants>();
        builder.Services.AddSingleton(Behaviour);
        builder.AddTarasolService("small");
        builder.AddTenantDatabase<SmallDbContext>();
        builder.AddMessaging<SmallDbContext>();
        builder.WebHost.UseUrls();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        app = builder.Build();
        app.UseTarasolService();
        app.UseTenancy();
        app.UseMessaging<SmallDbContext>();
        app.MapEvent<UnitCreated, WriteRow, SmallDbContext>();
    }

    public HandlerBehaviour Behaviour { get; } = new();

    public static Task<SmallService> StartAsync(int sidecarPort, TimeProvider? time = null) => StartAsync(sidecarPort, time, data: null);

    /// <summary>Ends this process and starts the next one on the same data.</summary>
    public async Task<SmallService> NextAsync(int sidecarPort)
    {
        keepsData = true;
        await DisposeAsync();
        return await StartAsync(sidecarPort, time: null, data);
    }

    private static async Task<SmallService> StartAsync(int sidecarPort, TimeProvider? time, string? data)
    {
        var service = new SmallService(sidecarPort, time, data);
        await service.app.StartAsync();
        // No migration may be under way when a short test deletes the folder.
        foreach (var tenant in TwoTenants.Slugs)
            await service.OutboxAsync(tenant);
        return service;
    }

    /// <summary>A client of the service itself, as its sidecar would be.</summary>
    public HttpClient Client() => new()
    {
        BaseAddress = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()),
    };

    /// <summary>Work in a tenant's scope.</summary>
    public Task<T> InTenantAsync<T>(string tenant, Func<SmallDbContext, IOutbox, Task<T>> work) => app.Services.GetRequiredService<TenantScopes>().RunAsync(
        tenant, services => work(services.GetRequiredService<SmallDbContext>(), services.GetRequiredService<IOutbox>()), CancellationToken.None);

    /// <summary>Commits events that only differ by their subject.</summary>
    public Task<bool> CommitAsync(string tenant, params string[] subjects) => InTenantAsync(tenant, async (db, outbox) =>
    {
        foreach (var subject in subjects)
            outbox.Add(new TenantActivated(subject, DateTimeOffset.UnixEpoch));
        await db.SaveChangesAsync();
        return true;
    });

    public Task<List<OutboxMessage>> OutboxAsync(string tenant) => InTenantAsync(tenant, (db, _) => db.Set<OutboxMessage>().AsNoTracking().OrderBy(row => row.Id).ToListAsync());

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync();
        await app.DisposeAsync();
        SqliteConnection.ClearAllPools();
        if (!keepsData)
            System.IO.Directory.Delete(data, recursive: true);
    }

    private sealed class TwoTenants : ITenantCatalogue
    {
        public static readonly string[] Slugs = [PlatformTenant.Slug, "acme", "other"];

        public Task<TenantEntry?> FindAsync(string slug, CancellationToken cancel) =>
            Task.FromResult(Slugs.Contains(slug) ? new TenantEntry(slug, TenantStatus.Active, DatabasePlaces.Files.Of(slug, "small")) : null);

        public Task<IReadOnlyList<string>> ListActiveAsync(CancellationToken cancel) => Task.FromResult<IReadOnlyList<string>>(Slugs);

        public void Forget(string slug)
        {
            // Nothing is kept.
        }
    }

    private sealed class WriteRow(SmallDbContext db, IOutbox outbox, HandlerBehaviour behaviour) : IEventHandler<UnitCreated>
    {
        public async Task HandleAsync(UnitCreated @event, EventEnvelope envelope, CancellationToken cancel)
        {
            db.Add(new SmallRow { Id = Guid.CreateVersion7(), UnitCode = @event.Code });
            await db.SaveChangesAsync(cancel);
            behaviour.Count();
            outbox.Add(new TenantActivated($"after-{@event.Code}", DateTimeOffset.UnixEpoch));
        }
    }
}

/// <summary>Lets a handler fail after it has written.</summary>
internal sealed class HandlerBehaviour
{
    private int calls;

    public int Calls => calls;

    public bool Fails { get; set; }

    public void Count()
    {
        Interlocked.Increment(ref calls);
        if (Fails)
            throw new InvalidOperationException("The test wants this to fail.");
    }
}

internal sealed class SmallRow
{
    public Guid Id { get; init; }

    public required string UnitCode { get; init; }
}

internal sealed class SmallDbContext(DbContextOptions<SmallDbContext> options) : DbContext(options)
{
    public DbSet<SmallRow> Rows => Set<SmallRow>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<SmallRow>().ToTable("small_row");
        modelBuilder.AddMessaging();
        modelBuilder.UseTarasolConventions(Database);
    }
}

[Migration(202611250001, "Rows of the small service")]
public sealed class SmallRows : ForwardOnlyMigration
{
    public override void Up() => Create.Table("small_row").WithColumn("id").AsGuid().PrimaryKey().WithColumn("unit_code").AsString(40).NotNullable();
}
