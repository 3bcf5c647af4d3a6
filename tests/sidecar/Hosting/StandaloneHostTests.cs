using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace Tarasol.Tests.Sidecar.Hosting;

/// <summary>The host as its own process, as launchers start daprd.</summary>
[Trait("Scale", "large")]
public sealed class StandaloneHostTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("standalone-").FullName;
    private readonly HttpClient client = new();

    public StandaloneHostTests()
    {
        Directory.CreateDirectory(Path.Combine(folder, "resources"));
        File.WriteAllText(Path.Combine(folder, "config.yaml"), Yaml.Configuration("nameResolution: { component: sqlite, version: v1, configuration: { connectionString: names.db } }"));
    }

    public void Dispose()
    {
        client.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Two_processes_find_each_other_s_apps_through_the_name_resolution_file()
    {
        await using var app = await AppAsync("hello from beta");
        await using var alpha = new StandaloneHost(folder, "alpha", "--config", "config.yaml");
        await using var beta = new StandaloneHost(folder, "beta", "--config", "config.yaml", "--app-port", $"{new Uri(app.Urls.First()).Port}");
        await alpha.HealthyAsync(client);
        await beta.HealthyAsync(client);

        Assert.Equal("hello from beta", await client.GetStringAsync(new Uri($"http://127.0.0.1:{alpha.HttpPort}/v1.0/invoke/beta/method/x")));
    }

    [Fact]
    public async Task A_host_that_was_killed_is_found_again_at_its_new_address()
    {
        await using var app = await AppAsync("hello");
        await using var alpha = new StandaloneHost(folder, "alpha", "--config", "config.yaml");
        await alpha.HealthyAsync(client);
        await using (var first = new StandaloneHost(folder, "beta", "--config", "config.yaml", "--app-port", $"{new Uri(app.Urls.First()).Port}"))
        {
            await first.HealthyAsync(client);
            await first.KillAsync();
        }
        await using var second = new StandaloneHost(folder, "beta", "--config", "config.yaml", "--app-port", $"{new Uri(app.Urls.First()).Port}");
        await second.HealthyAsync(client);

        await Poll.UntilAsync(async () =>
        {
            using var answer = await client.GetAsync(new Uri($"http://127.0.0.1:{alpha.HttpPort}/v1.0/invoke/beta/method/x"));
            return answer.IsSuccessStatusCode;
        });
    }

    [Fact]
    public async Task What_was_saved_survives_kill_9()
    {
        await File.WriteAllTextAsync(Path.Combine(folder, "resources", "store.yaml"), Yaml.Component("store", "state.sqlite", ("connectionString", "state.sqlite")));
        await using var first = new StandaloneHost(folder, "app");
        await first.HealthyAsync(client);
        var saved = 0;
        var saving = Parallel.ForEachAsync(Enumerable.Range(0, 4), async (worker, cancel) =>
        {
            while (await SaveAsync(first.HttpPort, $"{worker}-{Interlocked.Increment(ref saved)}", cancel))
            {
                // Until the host is gone.
            }
        });
        await Poll.UntilAsync(() => accepted.Count > 300);
        await first.KillAsync();
        await saving;
        await using var second = new StandaloneHost(folder, "app");
        await second.HealthyAsync(client);

        foreach (var key in accepted)
            Assert.Equal($"\"{key}\"", await client.GetStringAsync(new Uri($"http://127.0.0.1:{second.HttpPort}/v1.0/state/store/{key}")));
    }

    [Theory]
    [InlineData("--app-id app --sing-along yes", "unknown flag --sing-along")]
    [InlineData("--app-id app --app-protocol smoke", "app: the app protocol smoke is not served by this host")]
    [InlineData("--dapr-http-port 1", "--app-id is missing")]
    [InlineData("--app-id app --config nowhere.yaml", "nowhere.yaml does not exist")]
    [InlineData("--app-id app --resources-path nowhere", "nowhere does not exist")]
    [InlineData("--app-id app --dapr-http-port ninety", "--dapr-http-port ninety is no port")]
    [InlineData("--app-id app --config names.yaml", "nameResolution")]
    public async Task A_start_that_cannot_be_is_one_line_and_exit_code_1(string flags, string words)
    {
        await File.WriteAllTextAsync(Path.Combine(folder, "names.yaml"), Yaml.Configuration("nameResolution: { component: sqlite, version: v1, configuration: { connectionString: /dev/null/names.db } }"));
        await using var host = new StandaloneHost(folder, new Dictionary<string, string>(), [.. flags.Split(' ')]);

        Assert.Equal(1, await host.ExitAsync());
        await Poll.UntilAsync(() => host.Output.Contains("fatal: ", StringComparison.Ordinal), otherwise: () => host.Output);
        Assert.Contains(words, host.Output);
        Assert.DoesNotContain("   at ", host.Output);
    }

    [Fact]
    public async Task A_port_that_is_taken_is_named()
    {
        using var taken = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        await using var host = new StandaloneHost(folder, new Dictionary<string, string>(), ["--app-id", "app", "--dapr-listen-addresses", "127.0.0.1", "--dapr-http-port", $"{port}", "--dapr-grpc-port", "0"]);

        Assert.Equal(1, await host.ExitAsync());
        await Poll.UntilAsync(() => host.Output.Contains($"{port}", StringComparison.Ordinal), otherwise: () => host.Output);
    }

    [Fact]
    public async Task The_shutdown_API_ends_the_process_with_exit_code_0()
    {
        await using var host = new StandaloneHost(folder, "app");
        await host.HealthyAsync(client);

        using var answer = await client.PostAsync(new Uri($"http://127.0.0.1:{host.HttpPort}/v1.0/shutdown"), null);

        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        Assert.Equal(0, await host.ExitAsync());
    }

    private readonly System.Collections.Concurrent.ConcurrentBag<string> accepted = [];

    private async Task<bool> SaveAsync(int port, string key, CancellationToken cancel)
    {
        try
        {
            using var content = new StringContent($$"""[{"key":"{{key}}","value":"{{key}}"}]""", Encoding.UTF8, "application/json");
            using var answer = await client.PostAsync(new Uri($"http://127.0.0.1:{port}/v1.0/state/store"), content, cancel);
            if (answer.StatusCode == HttpStatusCode.NoContent)
                accepted.Add(key);
            return true;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static async Task<WebApplication> AppAsync(string answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        app.MapGet("/x", () => answer);
        await app.StartAsync();
        return app;
    }
}
