using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Tarasol.Sidecar.Hosting;
using Tarasol.Tests.Servers;
using Tarasol.Tests.Sidecar.PubSub;

namespace Tarasol.Tests.Sidecar.Components;

/// <summary>The folders below components, as they are, each on its real servers: what one of them can do, all can do by the same names.</summary>
public sealed class ComponentFoldersTests : IAsyncLifetime
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("component-folder-");
    private readonly List<IAsyncDisposable> running = [];
    private readonly HttpClient client = new();

    [Theory]
    [InlineData("embedded")]
    [InlineData("redis")]
    [InlineData("rabbitmq-redis")]
    [InlineData("nats-redis")]
    [InlineData("mqtt-redis")]
    public async Task Events_state_configuration_and_locks_work_by_the_same_names(string name)
    {
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "secrets.json"), JsonSerializer.Serialize(await ServersAsync(name)));
        var app = new RecordingApp("""[{"pubsubname":"pubsub","topic":"correspondence.letter-registered.v1","route":"/in"}]""");
        await StartAsync(app, Path.Combine(Root(), "components", name));

        await SendAsync(HttpMethod.Post, "/v1.0/publish/pubsub/correspondence.letter-registered.v1", """{"n":1}""", HttpStatusCode.NoContent);
        await Poll.UntilAsync(() => !app.Received.IsEmpty);
        Assert.Equal("""{"n":1}""", app.Received.Single().Data);
        await SendAsync(HttpMethod.Post, "/v1.0/state/statestore", """[{"key":"k","value":"v"}]""", HttpStatusCode.NoContent);
        Assert.Equal("\"v\"", await SendAsync(HttpMethod.Get, "/v1.0/state/statestore/k", null, HttpStatusCode.OK));
        Assert.Equal("""{"success":true}""", await SendAsync(HttpMethod.Post, "/v1.0-alpha1/lock/lockstore", """{"resourceId":"r","lockOwner":"me","expiryInSeconds":30}""", HttpStatusCode.OK));
        await SendAsync(HttpMethod.Get, "/v1.0/configuration/configstore?key=absent", null, HttpStatusCode.NoContent);
        using var metadata = JsonDocument.Parse(await SendAsync(HttpMethod.Get, "/v1.0/metadata", null, HttpStatusCode.OK));
        Assert.Equal(["configstore", "email", "lockstore", "pubsub", "secretstore", "sms", "statestore"],
            metadata.RootElement.GetProperty("components").EnumerateArray().Select(component => component.GetProperty("name").GetString()).Order());
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        foreach (var one in Enumerable.Reverse(running))
            await one.DisposeAsync();
        client.Dispose();
        folder.Delete(recursive: true);
    }

    /// <summary>Starts the servers of a folder and says where they are, in the secrets that its files name.</summary>
    private async Task<Dictionary<string, string>> ServersAsync(string name)
    {
        var secrets = new Dictionary<string, string>
        {
            ["redis-password"] = "", ["smtp-host"] = "localhost", ["smtp-port"] = "25", ["smtp-user"] = "", ["smtp-password"] = "", ["smtp-from"] = "tarasol@localhost", ["sms-url"] = "http://localhost:1/",
        };
        if (name.Contains("redis", StringComparison.Ordinal))
            secrets["redis-host"] = (await Started(RedisServer.StartAsync())).Address;
        if (name.StartsWith("rabbitmq", StringComparison.Ordinal))
            secrets["rabbitmq-url"] = RabbitMqServer.Url(await Started(RabbitMqServer.StartAsync()));
        if (name.StartsWith("nats", StringComparison.Ordinal))
            secrets["nats-url"] = $"nats://{(await Started(NatsServer.StartAsync())).Address}";
        if (name.StartsWith("mqtt", StringComparison.Ordinal))
            secrets["mqtt-url"] = $"mqtt://{(await Started(MosquittoServer.StartAsync())).Address}";
        return secrets;
    }

    private async Task<TestServer> Started(Task<TestServer> starting)
    {
        var server = await starting;
        running.Add(server);
        return server;
    }

    private async Task StartAsync(RecordingApp behind, string components)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        behind.Configure(app);
        await app.StartAsync();
        running.Add(app);
        var host = SidecarHost.Build(new SidecarOptions
        {
            Apps = [new AppOptions { AppId = "correspondence", AppPort = new Uri(app.Urls.First()).Port }],
            ResourcesPaths = [components],
            WorkingDirectory = folder.FullName,
        });
        await host.StartAsync();
        running.Add(new Stopped(host));
        client.BaseAddress = new Uri($"http://127.0.0.1:{host.Ports("correspondence").Http}");
        var said = "";
        await Poll.UntilAsync(async () =>
        {
            using var answer = await client.GetAsync(new Uri("/v1.0/healthz", UriKind.Relative));
            said = await answer.Content.ReadAsStringAsync();
            return answer.IsSuccessStatusCode;
        }, otherwise: () => said);
    }

    private async Task<string> SendAsync(HttpMethod method, string path, string? json, HttpStatusCode expected)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        if (json is not null)
            request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        using var answer = await client.SendAsync(request);
        var body = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == expected, $"{method} {path} answers {(int)answer.StatusCode} {body}");
        return body;
    }

    private static string Root()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "Tarasol.sln")))
                return at.FullName;
        }
        throw new InvalidOperationException("the tests run outside of the repository");
    }

    private sealed class Stopped(WebApplication host) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await host.StopAsync();
            await host.DisposeAsync();
        }
    }
}
