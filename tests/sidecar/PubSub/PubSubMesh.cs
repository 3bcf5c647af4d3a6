using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Tarasol.Sidecar.Hosting;

namespace Tarasol.Tests.Sidecar.PubSub;

/// <summary>One app and the sidecar host in front of it, in this process, on free ports and in a folder of its own.</summary>
internal sealed class PubSubMesh : IAsyncDisposable
{
    public const string InMemory = """
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata: { name: pubsub }
        spec: { type: pubsub.in-memory, version: v1 }
        """;

    public const string Sqlite = """
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata: { name: pubsub }
        spec:
          type: pubsub.sqlite
          version: v1
          metadata:
          - { name: connectionString, value: pubsub.db }
          - { name: redeliverInterval, value: 10ms }
          - { name: maxRedeliverInterval, value: 100ms }
        """;

    private readonly string folder = Directory.CreateTempSubdirectory("pubsub-mesh-").FullName;
    private readonly Action<WebApplication> configure;
    private readonly Action<WebApplicationBuilder>? services;
    private WebApplication? app;
    private WebApplication? sidecar;

    private PubSubMesh(Action<WebApplication> configure, Action<WebApplicationBuilder>? services) => (this.configure, this.services) = (configure, services);

    public int AppPort { get; private set; }

    public int HttpPort { get; private set; }

    public int GrpcPort { get; private set; }

    public HttpClient Http { get; } = new();

    public string Folder => folder;

    /// <summary>Starts the app, then the sidecar, and waits until the subscriptions run.</summary>
    public static Task<PubSubMesh> StartAsync(string resources, Action<WebApplication> configure, Action<WebApplicationBuilder>? services = null, bool healthy = true) =>
        StartAsync(_ => resources, configure, services, healthy);

    /// <summary>The same for resources that name the app's port.</summary>
    public static async Task<PubSubMesh> StartAsync(
        Func<int, string> resources, Action<WebApplication> configure, Action<WebApplicationBuilder>? services = null, bool healthy = true)
    {
        var mesh = new PubSubMesh(configure, services);
        Directory.CreateDirectory(Path.Combine(mesh.folder, "resources"));
        await mesh.StartAppAsync();
        await System.IO.File.WriteAllTextAsync(Path.Combine(mesh.folder, "resources", "all.yaml"), resources(mesh.AppPort));
        await mesh.StartSidecarAsync(healthy);
        return mesh;
    }

    public async Task StartAppAsync()
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        services?.Invoke(builder);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, AppPort));
        app = builder.Build();
        configure(app);
        await app.StartAsync();
        AppPort = new Uri(app.Urls.First()).Port;
    }

    public async Task StopAppAsync()
    {
        await app!.DisposeAsync();
        app = null;
    }

    public async Task StartSidecarAsync(bool healthy = true)
    {
        sidecar = SidecarHost.Build(new SidecarOptions
        {
            Apps = [new AppOptions { AppId = "app", AppPort = AppPort }],
            ResourcesPaths = ["resources"],
            WorkingDirectory = folder,
        });
        await sidecar.StartAsync();
        (HttpPort, GrpcPort) = sidecar.Ports("app");
        Http.BaseAddress ??= new Uri($"http://127.0.0.1:{HttpPort}");
        if (healthy)
        {
            await HealthyAsync();
        }
    }

    public async Task HealthyAsync()
    {
        var end = DateTime.UtcNow.AddSeconds(20);
        while (!(await Http.GetAsync($"http://127.0.0.1:{HttpPort}/v1.0/healthz")).IsSuccessStatusCode)
        {
            Assert.True(DateTime.UtcNow < end, "the sidecar did not become healthy");
            await Task.Delay(10);
        }
    }

    public async Task StopSidecarAsync()
    {
        await sidecar!.StopAsync();
        await sidecar.DisposeAsync();
        sidecar = null;
    }

    public async Task<HttpStatusCode> PublishAsync(string topic, string body, string? contentType = "application/json", string query = "") =>
        (await SendAsync($"/v1.0/publish/{topic}{query}", body, contentType)).StatusCode;

    public async Task<HttpResponseMessage> SendAsync(string path, string body, string? contentType = "application/json")
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        if (contentType is not null)
        {
            content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        }
        return await Http.PostAsync(new Uri($"http://127.0.0.1:{HttpPort}{path}"), content);
    }

    public async Task<JsonElement> MetadataAsync()
    {
        using var json = JsonDocument.Parse(await Http.GetStringAsync(new Uri($"http://127.0.0.1:{HttpPort}/v1.0/metadata")));
        return json.RootElement.Clone();
    }

    public async ValueTask DisposeAsync()
    {
        if (sidecar is not null)
        {
            await StopSidecarAsync();
        }
        if (app is not null)
        {
            await StopAppAsync();
        }
        Http.Dispose();
        Directory.Delete(folder, recursive: true);
    }
}

/// <summary>An app that remembers what it is sent and answers as it is told.</summary>
internal sealed class RecordingApp(string subscriptions)
{
    public ConcurrentQueue<Received> Received { get; } = new();

    /// <summary>Answer to the n-th delivery on a path; by default an empty 200.</summary>
    public Func<Received, int, IResult>? Answer { get; set; }

    public IEnumerable<Received> On(string path) => Received.Where(one => one.Path == path);

    public void Configure(WebApplication app)
    {
        app.MapGet("/dapr/subscribe", () => Results.Text(subscriptions, "application/json"));
        app.MapFallback(async (HttpContext context) =>
        {
            if (!HttpMethods.IsPost(context.Request.Method))
            {
                return Results.NotFound();
            }
            using var reader = new StreamReader(context.Request.Body);
            var one = new Received(context.Request.Path, context.Request.ContentType, context.Request.Headers.ToDictionary(item => item.Key.ToLowerInvariant(), item => item.Value.ToString()),
                await reader.ReadToEndAsync());
            int count;
            lock (Received)
            {
                Received.Enqueue(one);
                count = On(one.Path).Count();
            }
            return Answer?.Invoke(one, count) ?? Results.Ok();
        });
    }
}

internal sealed record Received(string Path, string? ContentType, IReadOnlyDictionary<string, string> Headers, string Body)
{
    public JsonElement Json => JsonDocument.Parse(Body).RootElement;

    public string? Data => Json.GetProperty("data").ToString();
}
