using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Tarasol.Tests.Servers;

namespace Tarasol.Tests.E2e.Workflows;

/// <summary>Reminders of actors, while the host is killed: 1,000 within 60 s and ten kills with CI=true.</summary>
[Trait("Scale", "large")]
public sealed class ReminderCrashTests(ITestOutputHelper output) : IAsyncDisposable
{
    private static readonly int Reminders = TestScale.Of(1000, 200);
    private static readonly int Kills = TestScale.Of(10, 3);
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(TestScale.Of(60, 20));
    private readonly string _folder = Directory.CreateTempSubdirectory("reminder-crash-").FullName;
    private readonly ConcurrentDictionary<string, int> _fired = new();

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Each_reminder_fires_although_the_host_is_killed_again_and_again()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("TARASOL_CRASH_SEED"), CultureInfo.InvariantCulture, out var given) ? given : Random.Shared.Next();
        output.WriteLine($"TARASOL_CRASH_SEED={seed}");
        var random = new Random(seed);
        await using var app = await StartAppAsync();
        await File.WriteAllTextAsync(Path.Combine(Directory.CreateDirectory(Path.Combine(_folder, "resources")).FullName, "state.yaml"), """
            apiVersion: dapr.io/v1alpha1
            kind: Component
            metadata: { name: statestore }
            spec:
              type: state.sqlite
              version: v1
              metadata: [{ name: connectionString, value: state.db }, { name: actorStateStore, value: "true" }]
            """);
        var httpPort = FreePort.Next();
        await using var host = new Killable(Killable.Built("mesh/sidecar", "Tarasol.Sidecar.dll"),
            ["--app-id", "reminders", "--app-port", $"{new Uri(app.Urls.Single()).Port}", "--dapr-http-port", $"{httpPort}", "--dapr-grpc-port", $"{FreePort.Next()}",
                "--dapr-listen-addresses", "127.0.0.1", "--resources-path", "resources", "--log-level", "error"], _folder);
        host.Start();
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{httpPort}"), Timeout = TimeSpan.FromSeconds(10) };

        // A wall clock that both sides share: each reminder is due at a time of its own within the window.
        var began = DateTimeOffset.UtcNow;
        var due = Enumerable.Range(0, Reminders).Select(number => began + TimeSpan.FromSeconds(5) + (random.NextDouble() * (Window - TimeSpan.FromSeconds(5)))).ToArray();
        var setting = Parallel.ForAsync(0, Reminders, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (number, cancel) => await SetAsync(http, number, due[number], cancel));
        for (var kill = 0; kill < Kills; kill++)
        {
            var at = began + (Window * (kill + random.NextDouble()) / Kills);
            var wait = at - DateTimeOffset.UtcNow;
            await Task.Delay(wait > TimeSpan.FromMilliseconds(100) ? wait : TimeSpan.FromMilliseconds(100));
            await host.KillAsync();
            host.Start();
        }
        await setting;
        var end = began + Window + TimeSpan.FromSeconds(90);
        while (_fired.Count < Reminders && DateTimeOffset.UtcNow < end)
            await Task.Delay(50);
        Assert.Equal([], Enumerable.Range(0, Reminders).Select(number => $"r{number}").Except(_fired.Keys));
        output.WriteLine($"{_fired.Values.Count(times => times > 1)} came a second time, because a kill came between delivery and the note of it");
    }

    private static async Task SetAsync(HttpClient http, int number, DateTimeOffset due, CancellationToken cancel)
    {
        while (true)
        {
            try
            {
                using var answer = await http.PostAsJsonAsync(
                    $"/v1.0/actors/letter/a{number % 50}/reminders/r{number}", new { dueTime = due.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture) }, cancel);
                if (answer.IsSuccessStatusCode)
                    return;
            }
            catch (Exception failed) when (failed is HttpRequestException or TaskCanceledException && !cancel.IsCancellationRequested)
            {
                // The host is just being killed; the reminder is set again, with the same name.
            }
            await Task.Delay(50, cancel);
        }
    }

    private async Task<WebApplication> StartAppAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Urls.Add($"http://127.0.0.1:{FreePort.Next()}");
        app.MapGet("/healthz", () => Results.Ok());
        app.MapGet("/dapr/config", () => Results.Json(new { entities = (string[])["letter"] }));
        app.MapPut("/actors/letter/{id}/method/remind/{name}", (string name) =>
        {
            _fired.AddOrUpdate(name, 1, (_, times) => times + 1);
            return Results.StatusCode((int)HttpStatusCode.OK);
        });
        app.MapDelete("/actors/letter/{id}", () => Results.Ok());
        await app.StartAsync();
        return app;
    }
}
