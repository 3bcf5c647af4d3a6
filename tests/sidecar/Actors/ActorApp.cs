using System.Net;
using Dapr.Actors;
using Dapr.Actors.Client;
using Dapr.Actors.Runtime;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Tarasol.Sidecar.Hosting;
using Tarasol.Tests.Servers;

namespace Tarasol.Tests.Sidecar.Actors;

/// <summary>An app with .NET actors and its sidecar in this process, each of which can go and come back. The data lies in a folder of its own.</summary>
internal sealed class ActorApp : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("actors-").FullName;
    private readonly Action<ActorRuntimeOptions>? _configure;
    private WebApplication? _sidecar;
    private WebApplication? _app;

    private ActorApp(string appId, Action<ActorRuntimeOptions>? configure)
    {
        (AppId, _configure, AppPort) = (appId, configure, FreePort.Next());
        File.WriteAllText(Path.Combine(_folder, "statestore.yaml"), """
            apiVersion: dapr.io/v1alpha1
            kind: Component
            metadata:
              name: statestore
            spec:
              type: state.sqlite
              version: v1
              metadata:
              - name: connectionString
                value: state.db
              - name: actorStateStore
                value: "true"
            """);
    }

    public string AppId { get; }

    public int AppPort { get; }

    public int HttpPort { get; set; }

    public int GrpcPort { get; set; }

    public string Folder => _folder;

    public ActorLog Log { get; } = new();

    public HttpClient Http { get; private set; } = new();

    public IActorProxyFactory Proxies => new ActorProxyFactory(new ActorProxyOptions { HttpEndpoint = $"http://127.0.0.1:{HttpPort}", UseJsonSerialization = false });

    public static async Task<ActorApp> StartAsync(string appId = "actors", Action<ActorRuntimeOptions>? configure = null)
    {
        var app = new ActorApp(appId, configure);
        await app.StartSidecarAsync();
        await app.StartAppAsync();
        return app;
    }

    /// <summary>The app alone; whoever calls brings the sidecar.</summary>
    public static ActorApp WithoutSidecar(string appId = "actors") => new(appId, null) { HttpPort = FreePort.Next(), GrpcPort = FreePort.Next() };

    public ICounter Counter(string id) => Proxies.CreateActorProxy<ICounter>(new ActorId(id), "counter");

    public async Task StartSidecarAsync()
    {
        _sidecar = SidecarHost.Build(new SidecarOptions
        {
            Apps = [new AppOptions { AppId = AppId, AppPort = AppPort, HttpPort = HttpPort, GrpcPort = GrpcPort }],
            ResourcesPaths = [_folder],
            WorkingDirectory = _folder,
        });
        await _sidecar.StartAsync();
        (HttpPort, GrpcPort) = _sidecar.Ports(AppId);
        UseHttp();
    }

    public void UseHttp()
    {
        Http.Dispose();
        Http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{HttpPort}") };
    }

    public async Task StopSidecarAsync()
    {
        await _sidecar!.StopAsync();
        await _sidecar.DisposeAsync();
        _sidecar = null;
    }

    public async Task StartAppAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{AppPort}");
        builder.Services.AddSingleton(Log);
        builder.Services.AddSingleton(_ => Proxies);
        builder.Services.AddActors(options =>
        {
            options.HttpEndpoint = $"http://127.0.0.1:{HttpPort}";
            options.Actors.RegisterActor<CounterActor>();
            _configure?.Invoke(options);
        });
        _app = builder.Build();
        _app.MapActorsHandlers();
        await _app.StartAsync();
        await ReadyAsync();
    }

    public async Task StopAppAsync()
    {
        await _app!.StopAsync();
        await _app.DisposeAsync();
        _app = null;
    }

    /// <summary>The sidecar has read what the app hosts.</summary>
    public Task ReadyAsync() => Scheduling.Eventually.Answers(HealthAsync, status => status == HttpStatusCode.NoContent, "the sidecar is healthy");

    public Task GoneAsync() => Scheduling.Eventually.Answers(HealthAsync, status => status == HttpStatusCode.InternalServerError, "the sidecar saw the app go");

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
            await StopAppAsync();
        if (_sidecar is not null)
            await StopSidecarAsync();
        Http.Dispose();
        Directory.Delete(_folder, true);
    }

    private async Task<HttpStatusCode?> HealthAsync()
    {
        try
        {
            using var response = await Http.GetAsync("/v1.0/healthz");
            return response.StatusCode;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }
}
