using System.Net.Http.Json;
using System.Text.Json;
using Npgsql;
using Tarasol.Tests.Integration.Mesh;

namespace Tarasol.Tests.Integration.Providers;

/// <summary>Many tenants on one server, and few connections. tests/load does the same with 200 tenants.</summary>
[Trait("Scale", "large")]
public sealed class BudgetTests(SharedPostgres postgres)
{
    private const int EachService = 3;
    private const int Tenants = 8;

    // What a service has just closed, the server has not noticed yet.
    private const int Closing = 2;

    [Fact]
    public async Task Busy_tenants_share_the_connections_of_a_server()
    {
        await using var mesh = new BudgetMesh(await postgres.ConnectionStringAsync());
        await mesh.InitializeAsync();
        await using var watch = new ConnectionWatch(await postgres.ConnectionStringAsync());
        var tenants = await Task.WhenAll(Enumerable.Range(0, Tenants).Select(_ => mesh.NewTenantAsync(new { provider = "postgres", serverSecret = "main" })));

        await Task.WhenAll(tenants.Select(async tenant =>
        {
            using var directory = await tenant.AdminAsync("directory");
            using var identity = await tenant.AdminAsync("identity");
            foreach (var round in Enumerable.Range(0, 10))
            {
                using var unit = await directory.PostAsJsonAsync("api/directory/units", new { code = $"U{round}", nameAr = "وحدة", nameEn = "Unit" });
                await TestMesh.EnsureAsync(unit);
                var users = await identity.GetFromJsonAsync<JsonElement>("api/identity/users");
                Assert.Single(users.GetProperty("items").EnumerateArray());
            }
        }));

        Assert.Equal(Tenants * mesh.AppIds.Count, watch.Databases);
        Assert.InRange(watch.Most, 1, EachService * mesh.AppIds.Count + Closing);
    }

    private sealed class BudgetMesh(string server) : TestMesh("directory", "audit")
    {
        protected override IEnumerable<KeyValuePair<string, string>> Secrets => [new("main", $"{server};Application Name=budget-test")];

        protected override IEnumerable<KeyValuePair<string, string>> Settings(string appId) => [new("TARASOL_DATABASE_CONNECTIONS", $"{EachService}")];
    }

    /// <summary>Counts the mesh's connections every few milliseconds, as the server sees them.</summary>
    private sealed class ConnectionWatch : IAsyncDisposable
    {
        private readonly CancellationTokenSource stop = new();
        private readonly HashSet<string> databases = [];
        private readonly Task watching;

        public ConnectionWatch(string server) => watching = WatchAsync(server);

        public int Most { get; private set; }

        public int Databases => databases.Count;

        public async ValueTask DisposeAsync()
        {
            await stop.CancelAsync();
            await watching;
            stop.Dispose();
        }

        private async Task WatchAsync(string server)
        {
            await using var connection = new NpgsqlConnection(server);
            await connection.OpenAsync();
            await using var command = new NpgsqlCommand("SELECT datname FROM pg_stat_activity WHERE application_name = 'budget-test'", connection);
            while (!stop.IsCancellationRequested)
            {
                var count = 0;
                await using (var reader = await command.ExecuteReaderAsync())
                {
                    while (await reader.ReadAsync())
                    {
                        count++;
                        if (!reader.IsDBNull(0) && reader.GetString(0) != "postgres")
                            databases.Add(reader.GetString(0));
                    }
                }
                Most = Math.Max(Most, count);
                await Task.Delay(5).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }
}
