using Dapr.Workflow;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Tarasol.Sidecar.Hosting;
using Tarasol.Sidecar.State;

namespace Tarasol.Tests.Sidecar.Workflows;

/// <summary>The sidecars of some apps, with a store for their actors that the test holds.</summary>
internal sealed class EngineHost : IAsyncDisposable
{
    private readonly WebApplication _host;

    private EngineHost(WebApplication host) => _host = host;

    public static Task<EngineHost> StartAsync(IStateStore? store, params string[] appIds) => StartAsync(store, 0, appIds);

    /// <summary>With a gRPC port that one app has again.</summary>
    public static Task<EngineHost> StartAsync(IStateStore? store, int grpcPort, params string[] appIds) => StartAsync(store, null, grpcPort, null, appIds);

    /// <summary>With messages of at most so many bytes.</summary>
    public static Task<EngineHost> StartWithLimitAsync(IStateStore? store, long maxBodySize, params string[] appIds) => StartAsync(store, null, 0, maxBodySize, appIds);

    /// <summary>With a configuration file.</summary>
    public static Task<EngineHost> StartWithConfigAsync(IStateStore? store, string configFile, params string[] appIds) => StartAsync(store, configFile, 0, null, appIds);

    private static async Task<EngineHost> StartAsync(IStateStore? store, string? configFile, int grpcPort, long? maxBodySize, string[] appIds)
    {
        var host = SidecarHost.Build(new SidecarOptions
        {
            Apps = [.. appIds.Select(id => new AppOptions { AppId = id, GrpcPort = grpcPort })],
            ConfigFiles = configFile is null ? [] : [configFile],
            MaxBodySize = maxBodySize ?? new SidecarOptions { Apps = [] }.MaxBodySize,
            GracefulShutdown = TimeSpan.FromSeconds(1),
        });
        await host.StartAsync();
        foreach (var app in host.Services.GetRequiredService<AppDirectory>().Apps)
        {
            app.ActorStateStore = store;
        }

        return new EngineHost(host);
    }

    public string Endpoint(string appId) => $"http://127.0.0.1:{_host.Ports(appId).Grpc}";

    public HttpClient Http(string appId) => new() { BaseAddress = new Uri($"http://127.0.0.1:{_host.Ports(appId).Http}") };

    public GrpcChannel Channel(string appId) => GrpcChannel.ForAddress(Endpoint(appId));

    /// <summary>An app with a worker and a client.</summary>
    public Task<WorkflowApp> AppAsync(string appId, Action<WorkflowRuntimeOptions> register) => WorkflowApp.StartAsync(Endpoint(appId), register);

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        await _host.DisposeAsync();
    }
}

/// <summary>An app that runs workflows, against whatever sidecar is at the endpoint.</summary>
internal sealed class WorkflowApp : IAsyncDisposable
{
    private readonly IHost _host;

    private WorkflowApp(IHost host) => _host = host;

    public DaprWorkflowClient Client => _host.Services.GetRequiredService<DaprWorkflowClient>();

    public static async Task<WorkflowApp> StartAsync(string endpoint, Action<WorkflowRuntimeOptions> register)
    {
        var builder = new HostBuilder();
        builder.ConfigureAppConfiguration(configuration => configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["DAPR_GRPC_ENDPOINT"] = endpoint }));
        builder.ConfigureServices(services => services.AddDaprWorkflow(register));
        var host = builder.Build();
        await host.StartAsync();
        return new WorkflowApp(host);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }
}
