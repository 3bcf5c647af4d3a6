using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json;
using Dapr.Client;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using Tarasol.Sidecar.Hosting;

namespace Tarasol.Tests.Sidecar.Hosting;

/// <summary>An app of a <see cref="TestMesh"/>.</summary>
/// <param name="AppId">Its id.</param>
/// <param name="Configure">Its routes; null: the app listens nowhere.</param>
/// <param name="Options">Further options of its sidecar.</param>
/// <param name="Builder">Further services of the app.</param>
internal sealed record TestApp(string AppId, Action<WebApplication>? Configure = null, Func<AppOptions, AppOptions>? Options = null, Action<WebApplicationBuilder>? Builder = null)
{
    public HttpProtocols Protocols { get; init; } = HttpProtocols.Http1;
}

/// <summary>Apps and one sidecar host for all of them in this process, on free ports, with its files in a folder of its own.</summary>
internal sealed class TestMesh : IAsyncDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("mesh-").FullName;
    private readonly IReadOnlyList<TestApp> apps;
    private readonly Func<SidecarOptions, SidecarOptions> adjust;
    private readonly Dictionary<string, WebApplication> running = [];
    private readonly Dictionary<string, int> ports = [];
    private WebApplication? host;

    private TestMesh(IReadOnlyList<TestApp> apps, Func<SidecarOptions, SidecarOptions>? options) => (this.apps, adjust) = (apps, options ?? (same => same));

    public string Folder => folder;

    public HttpClient Http { get; } = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, ActivityHeadersPropagator = null });

    /// <summary>What the host logged: level and message.</summary>
    public ConcurrentQueue<(LogLevel Level, string Message)> Log { get; } = new();

    public WebApplication Host => host ?? throw new InvalidOperationException("the host does not run");

    /// <summary>Starts apps and host, with <paramref name="resources"/> and <paramref name="config"/> as files; waits until all are healthy unless <paramref name="healthy"/> is false.</summary>
    public static async Task<TestMesh> StartAsync(
        string resources, IReadOnlyList<TestApp> apps, string? config = null, Func<SidecarOptions, SidecarOptions>? options = null, bool healthy = true, Action<string>? files = null)
    {
        var mesh = new TestMesh(apps, options);
        try
        {
            await File.WriteAllTextAsync(Path.Combine(Directory.CreateDirectory(Path.Combine(mesh.folder, "resources")).FullName, "all.yaml"), resources);
            if (config is not null)
                await File.WriteAllTextAsync(Path.Combine(mesh.folder, "config.yaml"), config);
            files?.Invoke(mesh.folder);
            foreach (var app in apps)
                await mesh.StartAppAsync(app.AppId);
            await mesh.StartHostAsync();
            if (healthy)
                await mesh.HealthyAsync();
            return mesh;
        }
        catch
        {
            await mesh.DisposeAsync();
            throw;
        }
    }

    public async Task StartAppAsync(string appId)
    {
        var test = apps.Single(app => app.AppId == appId);
        if (test.Configure is null)
            return;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        test.Builder?.Invoke(builder);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Listen(IPAddress.Loopback, ports.GetValueOrDefault(appId), listen => listen.Protocols = test.Protocols);
        });
        var app = builder.Build();
        test.Configure(app);
        await app.StartAsync();
        running[appId] = app;
        ports[appId] = new Uri(app.Urls.First()).Port;
    }

    public async Task StopAppAsync(string appId)
    {
        if (!running.Remove(appId, out var app))
            return;
        using var soon = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await app.StopAsync(soon.Token);
        await app.DisposeAsync();
    }

    public async Task StartHostAsync()
    {
        var options = new SidecarOptions
        {
            Apps = [.. apps.Select(app => (app.Options ?? (same => same))(new AppOptions { AppId = app.AppId, AppPort = ports.TryGetValue(app.AppId, out var port) ? port : null }))],
            ResourcesPaths = ["resources"],
            ConfigFiles = File.Exists(Path.Combine(folder, "config.yaml")) ? ["config.yaml"] : [],
            WorkingDirectory = folder,
        };
        host = SidecarHost.Build(adjust(options), logging => logging.SetMinimumLevel(LogLevel.Debug).AddProvider(new Collector(Log)));
        await host.StartAsync();
    }

    public async Task StopHostAsync()
    {
        if (host is null)
            return;
        await host.StopAsync();
        await host.DisposeAsync();
        host = null;
    }

    public Task HealthyAsync() => Task.WhenAll(apps.Select(app => Poll.UntilAsync(
        async () => await StatusAsync(app.AppId, "/v1.0/healthz") == 204, otherwise: () => $"{app.AppId} is not healthy: {string.Join('\n', Log.Select(line => line.Message))}")));

    public Uri Url(string appId, string path) =>
        new($"http://127.0.0.1:{Host.Ports(appId).Http}{path}", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });

    public async Task<int> StatusAsync(string appId, string path)
    {
        using var answer = await Http.GetAsync(Url(appId, path));
        return (int)answer.StatusCode;
    }

    /// <summary>Sends one request; the answer's body is read.</summary>
    public async Task<Answer> SendAsync(string appId, string method, string path, string? body = null, string contentType = "application/json", params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), Url(appId, path));
        if (body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            request.Content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        }
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        using var answer = await Http.SendAsync(request);
        return new Answer((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(),
            answer.Headers.Concat(answer.Content.Headers).ToDictionary(header => header.Key.ToLowerInvariant(), header => string.Join(",", header.Value)));
    }

    public DaprClient Dapr(string appId, string? token = null)
    {
        var (http, grpc) = Host.Ports(appId);
        var builder = new DaprClientBuilder().UseHttpEndpoint($"http://127.0.0.1:{http}").UseGrpcEndpoint($"http://127.0.0.1:{grpc}");
        return (token is null ? builder : builder.UseDaprApiToken(token)).Build();
    }

    public GrpcChannel Grpc(string appId) => GrpcChannel.ForAddress($"http://127.0.0.1:{Host.Ports(appId).Grpc}", new GrpcChannelOptions { MaxReceiveMessageSize = null, MaxSendMessageSize = null });

    public async ValueTask DisposeAsync()
    {
        await StopHostAsync();
        foreach (var app in apps)
            await StopAppAsync(app.AppId);
        Http.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private sealed class Collector(ConcurrentQueue<(LogLevel, string)> log) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => log.Enqueue((logLevel, $"{formatter(state, exception)} {exception}"));

        public void Dispose()
        {
            // Holds nothing.
        }
    }
}

internal sealed record Answer(int Status, string Body, IReadOnlyDictionary<string, string> Headers)
{
    public JsonElement Json => JsonDocument.Parse(Body).RootElement;

    public string? ErrorCode => Json.GetProperty("errorCode").GetString();

    public string? Message => Json.GetProperty("message").GetString();
}
