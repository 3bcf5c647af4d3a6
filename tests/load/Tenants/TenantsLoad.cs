using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using HdrHistogram;
using Npgsql;
using Tarasol.Tests.Servers;

namespace Tarasol.Tests.Load.Tenants;

/// <summary>Many tenants with all services on one PostgreSQL: how long they take to make, what memory they cost, and how many connections they need while some of them are busy.</summary>
internal static class TenantsLoad
{
    /// <summary>Of the server's 100, those that are left by the watch below and what PostgreSQL keeps for its administrators.</summary>
    public const int MostConnections = 95;

    private const string Secret = "postgres-main";
    private const string Password = "Korrekt-9-Pferd";
    private const int AtOnce = 8;

    public static async Task RunAsync(int tenants, int busy, int seconds, int budget, CancellationToken cancel)
    {
        await using var server = await PostgresServer.StartAsync("max_connections=100");
        var connection = PostgresServer.ConnectionString(server);
        await using var mesh = await MeshUnderLoad.StartAsync(
            (Secret, $"{connection};Application Name=tarasol"), new Dictionary<string, string> { ["TARASOL_DATABASE_CONNECTIONS"] = $"{budget}", ["RateLimit__SignIn__Burst"] = "1000", ["RateLimit__SignIn__PerSecond"] = "100" }, cancel);
        await using var watch = new ConnectionWatch(connection);
        using var operators = await mesh.OperatorAsync(cancel);
        var before = mesh.Resident;

        Report.Progress($"tenants: making {tenants}");
        var making = Stopwatch.StartNew();
        var slugs = Enumerable.Range(0, tenants).Select(number => $"load-{number:000}").ToList();
        await Parallel.ForEachAsync(slugs, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancel }, async (slug, stop) => await MakeAsync(operators, slug, stop));
        making.Stop();
        var after = mesh.Resident;
        var idle = watch.Take();

        Report.Progress($"tenants: {busy} busy");
        var clients = await Task.WhenAll(slugs.Take(busy).Select(slug => mesh.SignInAsync(slug, "admin", Password, cancel)));
        var latency = new LongHistogram(TimeSpan.FromMinutes(1).Ticks, 3);
        var clock = Stopwatch.StartNew();
        var (requests, failed) = (0, 0);
        await Task.WhenAll(clients.Select(async client =>
        {
            for (var round = 0; clock.Elapsed < TimeSpan.FromSeconds(seconds); round++)
            {
                var start = Stopwatch.GetTimestamp();
                using var answer = (round % 4) switch
                {
                    0 => await client.PostAsJsonAsync("api/directory/units", new { code = $"U{round}", nameAr = "وحدة", nameEn = "Unit" }, cancel),
                    1 => await client.GetAsync(new Uri("api/identity/users", UriKind.Relative), cancel),
                    2 => await client.GetAsync(new Uri("api/correspondence/letters", UriKind.Relative), cancel),
                    _ => await client.GetAsync(new Uri("api/audit/events", UriKind.Relative), cancel),
                };
                lock (latency)
                    latency.RecordValue(Stopwatch.GetElapsedTime(start).Ticks);
                Interlocked.Increment(ref requests);
                if (!answer.IsSuccessStatusCode)
                    Interlocked.Increment(ref failed);
            }
        }));
        var most = watch.Take();
        foreach (var client in clients)
            client.Dispose();

        Report.Title($"{tenants} tenants x {MeshUnderLoad.Services} services on one PostgreSQL", "what", "figure");
        Report.Row("making all tenants, 8 at once", $"{Report.Number(making.Elapsed.TotalSeconds, "0")} s");
        Report.Row($"each tenant ({MeshUnderLoad.Services} databases, migrations, first administrator)", $"{Report.Number(making.Elapsed.TotalSeconds / tenants, "0.00")} s");
        Report.Row("resident memory of all processes before", $"{before >> 20} MiB");
        Report.Row("after", $"{after >> 20} MiB");
        Report.Row("each tenant", $"{Report.Number((after - before) / 1048576.0 / tenants, "0.00")} MiB");
        Report.Row("connections at most, budget", $"{budget * MeshUnderLoad.Services}");
        Report.Row("connections at most, while the tenants were made", $"{idle}");
        Report.Row($"connections at most, {busy} tenants busy", $"{most}");
        Report.Row($"requests per second, {busy} tenants busy", Report.Number(requests / clock.Elapsed.TotalSeconds, "0"));
        Report.Row("of them failed", $"{failed}");
        Report.Row("median, 99th percentile", $"{Report.Number(Milliseconds(latency, 50), "0")} ms, {Report.Number(Milliseconds(latency, 99), "0")} ms");
        Report.Row("resident memory after", $"{mesh.Resident >> 20} MiB");
    }

    private static double Milliseconds(LongHistogram latency, double percentile) => TimeSpan.FromTicks(latency.GetValueAtPercentile(percentile)).TotalMilliseconds;

    private static async Task MakeAsync(HttpClient operators, string slug, CancellationToken cancel)
    {
        using var made = await operators.PostAsJsonAsync("api/tenant/tenants", new
        {
            slug, nameAr = "جهة", nameEn = "Office", adminUserName = "admin", adminPassword = Password, database = new { provider = "postgres", serverSecret = Secret },
        }, cancel);
        made.EnsureSuccessStatusCode();
        while (true)
        {
            var tenant = await operators.GetFromJsonAsync<JsonElement>($"api/tenant/tenants/{slug}", cancel);
            if (tenant.GetProperty("status").GetString() == "active")
                return;
            await Task.Delay(250, cancel);
        }
    }

    /// <summary>The mesh's connections, as the server counts them.</summary>
    private sealed class ConnectionWatch : IAsyncDisposable
    {
        private readonly CancellationTokenSource stop = new();
        private readonly Task watching;
        private int most;

        public ConnectionWatch(string server) => watching = WatchAsync(server);

        /// <summary>The most since the last time.</summary>
        public int Take() => Interlocked.Exchange(ref most, 0);

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
            await using var command = new NpgsqlCommand("SELECT count(*)::int FROM pg_stat_activity WHERE application_name = 'tarasol'", connection);
            while (!stop.IsCancellationRequested)
            {
                var count = (int)(await command.ExecuteScalarAsync())!;
                if (count > Volatile.Read(ref most))
                    Interlocked.Exchange(ref most, count);
                await Task.Delay(20).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }
}
