using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Tarasol.Tests.Servers;

namespace Tarasol.Tests.Sidecar.PubSub;

/// <summary>The promise of the pub/sub components that keep messages safe, held against the sidecar host as a process that is killed, and its server with it.</summary>
[Trait("Scale", "large")]
public sealed class KilledHostTests : IDisposable
{
    private const int Events = 2000;

    private readonly string folder = Directory.CreateTempSubdirectory("killed-host-").FullName;
    private volatile bool holding;
    private int held;

    [Fact]
    public Task Every_event_that_was_accepted_is_handled_although_the_host_is_killed_twice() => RunAsync(PubSubMesh.Sqlite, server: null);

    [Fact]
    public async Task Every_event_is_handled_although_host_and_redis_are_killed_twice()
    {
        await using var server = await RedisServer.StartAsync();
        // processingTimeout is a minute: what the killed ones had in hand must come without waiting for that.
        await RunAsync(SidecarUnderTest.Component("pubsub", "pubsub.redis", ("redisHost", server.Address), ("readTimeout", "500ms")), server);
    }

    private async Task RunAsync(string component, TestServer? server)
    {
        var handled = new ConcurrentDictionary<string, int>();
        await using var app = await StartAppAsync(handled);
        var (http, grpc) = (FreePort.Next(), FreePort.Next());
        await WriteComponentAsync(component);
        var host = Start(new Uri(app.Urls.First()).Port, http, grpc);
        try
        {
            var publishing = PublishAllAsync(http);
            foreach (var threshold in new[] { Events / 5, Events / 2 })
            {
                await Poll.UntilAsync(() => handled.Count > threshold, 60, () => $"only {handled.Count} events were handled");
                (held, holding) = (0, true);
                await Poll.UntilAsync(() => held >= 5);
                host.Kill();
                await host.WaitForExitAsync();
                host.Dispose();
                holding = false;
                if (server is not null)
                {
                    await server.KillAsync();
                    await server.StartAgainAsync();
                }
                host = Start(new Uri(app.Urls.First()).Port, http, grpc);
            }
            await publishing;
            await Poll.UntilAsync(() => handled.Count == Events, 60, () => $"only {handled.Count} of {Events} events were handled");
        }
        finally
        {
            host.Kill();
            await host.WaitForExitAsync();
            host.Dispose();
        }
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private async Task<WebApplication> StartAppAsync(ConcurrentDictionary<string, int> handled)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        app.UseCloudEvents();
        app.MapGet("/dapr/subscribe", () => Results.Text("""[{"pubsubname":"pubsub","topic":"t","route":"/in"}]""", "application/json"));
        app.MapPost("/in", async (Numbered numbered, HttpContext context) =>
        {
            if (holding)
            {
                // What is in hand when the host dies is not handled: its caller is gone before the work is done.
                Interlocked.Increment(ref held);
                await Task.Delay(Timeout.Infinite, context.RequestAborted);
            }
            handled.AddOrUpdate(numbered.Number, 1, (_, times) => times + 1);
        });
        await app.StartAsync();
        return app;
    }

    private sealed record Numbered(string Number);

    /// <summary>As an outbox does: what was not accepted is published again.</summary>
    private static async Task PublishAllAsync(int port)
    {
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        await Parallel.ForEachAsync(Enumerable.Range(0, Events), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (number, cancel) =>
        {
            var end = DateTime.UtcNow.AddSeconds(60);
            while (!await AcceptedAsync(client, number, cancel))
            {
                Assert.True(DateTime.UtcNow < end, $"event {number} was not accepted");
                await Task.Delay(20, cancel);
            }
        });
    }

    private static async Task<bool> AcceptedAsync(HttpClient client, int number, CancellationToken cancel)
    {
        try
        {
            using var content = new StringContent($$"""{"number":"{{number}}"}""", System.Text.Encoding.UTF8, "application/json");
            using var answer = await client.PostAsync(new Uri("/v1.0/publish/pubsub/t", UriKind.Relative), content, cancel);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private Task WriteComponentAsync(string component) => File.WriteAllTextAsync(Path.Combine(Directory.CreateDirectory(Path.Combine(folder, "resources")).FullName, "pubsub.yaml"), component);

    private Process Start(int appPort, int http, int grpc)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet")
        {
            WorkingDirectory = folder,
            ArgumentList =
            {
                typeof(Tarasol.Sidecar.Hosting.SidecarHost).Assembly.Location, "--app-id", "app", "--app-port", $"{appPort}", "--dapr-http-port", $"{http}", "--dapr-grpc-port", $"{grpc}",
                "--dapr-listen-addresses", "127.0.0.1", "--resources-path", "resources", "--log-level", "error",
            },
        };
        return Process.Start(start)!;
    }
}
