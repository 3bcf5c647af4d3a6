using System.Text;
using Grpc.AspNetCore.Server.Model;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Tarasol.Sidecar.Components;
using Tarasol.Sidecar.Diagnostics;
using Tarasol.Sidecar.Invocation;
using Tarasol.Sidecar.Resiliency;

namespace Tarasol.Sidecar.Hosting;

/// <summary>Starts the sidecars of all given apps in this process.</summary>
public static class SidecarHost
{
    /// <summary>
    /// Builds the host; the caller starts and stops it. Starting throws an exception whose message names file and line when a component or
    /// configuration cannot be used. <paramref name="logging"/> adds log providers; there is none by default.
    /// </summary>
    public static WebApplication Build(SidecarOptions options, Action<ILoggingBuilder>? logging = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = options.WorkingDirectory });
        logging?.Invoke(builder.Logging);
        AddServices(builder.Services, options);
        builder.WebHost.UseKestrelCore();
        builder.Services.AddOptions<KestrelServerOptions>().Configure<BoundPorts>((kestrel, ports) => Configure(kestrel, ports, options));
        var host = builder.Build();
        HttpApi.Use(host, options);
        BuildingBlocks.MapHttp(host);
        host.MapGrpcService<DaprService>();
        return host;
    }

    /// <summary>The ports that are open after the start, by app-id.</summary>
    public static (int Http, int Grpc) Ports(this WebApplication host, string appId)
    {
        ArgumentNullException.ThrowIfNull(host);
        var app = host.Services.GetRequiredService<AppDirectory>().Find(appId) ?? throw new ArgumentException($"this host has no app {appId}", nameof(appId));
        return (app.HttpPort, app.GrpcPort);
    }

    /// <summary>The metrics port that is open after the start; null when there is none.</summary>
    public static int? MetricsPort(this WebApplication host)
    {
        ArgumentNullException.ThrowIfNull(host);
        return host.Services.GetRequiredService<BoundPorts>().Metrics;
    }

    /// <summary>An app's port for health and metadata alone that is open after the start; null when there is none.</summary>
    public static int? PublicPort(this WebApplication host, string appId)
    {
        ArgumentNullException.ThrowIfNull(host);
        return host.Services.GetRequiredService<BoundPorts>().Public(appId);
    }

    private static void AddServices(IServiceCollection services, SidecarOptions options)
    {
        services.AddRoutingCore();
        services.AddSingleton(options);
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(ResourceCatalogue.Load(options.ResourcesPaths, options.WorkingDirectory, options.Namespace));
        var metrics = new SidecarMetrics(options);
        services.AddSingleton(metrics);
        services.AddSingleton<MeterBridge>();
        var configuration = Configuration.Load(options.ConfigFiles, options.WorkingDirectory);
        services.AddSingleton(configuration);
        services.AddSingleton(new AppDirectory([.. options.Apps.Select(app => Runtime(app, options, configuration, metrics))]));
        services.AddSingleton<SpanExport>();
        services.AddSingleton<ComponentRegistry>();
        services.AddSingleton<IResiliency>(provider =>
            new ResiliencyPolicies([.. provider.GetRequiredService<ResourceCatalogue>().OfKind("Resiliency")], provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<BoundPorts>();
        services.AddSingleton<Metadata.Shutdown>();
        services.Configure<HostOptions>(host => host.ShutdownTimeout = options.GracefulShutdown + TimeSpan.FromSeconds(5));
        services.AddGrpc(grpc =>
        {
            grpc.IgnoreUnknownServices = true;
            grpc.MaxReceiveMessageSize = (int)Math.Min(options.MaxBodySize, int.MaxValue);
            grpc.MaxSendMessageSize = null;
            grpc.Interceptors.Add<GrpcErrors>();
        });
        services.AddSingleton<IServiceMethodProvider<DaprService>, DaprServiceMethods>();
        services.AddHostedService<HostLife>();
        BuildingBlocks.AddServices(services);
    }

    private static void Configure(KestrelServerOptions kestrel, BoundPorts ports, SidecarOptions options)
    {
        kestrel.AddServerHeader = false;
        // Bytes pass through as they come, whatever encoding the two apps agreed on.
        kestrel.RequestHeaderEncodingSelector = _ => Encoding.Latin1;
        kestrel.ResponseHeaderEncodingSelector = _ => Encoding.Latin1;
        kestrel.Limits.MaxRequestBodySize = null;
        kestrel.Limits.MinRequestBodyDataRate = null;
        kestrel.Limits.MinResponseDataRate = null;
        // daprd has no limit: an app waits for many workflows on one connection.
        kestrel.Limits.Http2.MaxStreamsPerConnection = int.MaxValue;
        // A machine that vanished must not keep the work items that it was given.
        kestrel.Limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(10);
        kestrel.Limits.MaxRequestHeadersTotalSize = options.ReadBufferSize + 4096;
        kestrel.Limits.MaxRequestLineSize = options.ReadBufferSize + 4096;
        ports.Listen(kestrel);
    }

    private static AppRuntime Runtime(AppOptions app, SidecarOptions options, Configuration shared, SidecarMetrics metrics)
    {
        if (app.AppProtocol is not ("http" or "https" or "h2c" or "grpc" or "grpcs"))
            throw new ConfigurationException($"{app.AppId}: the app protocol {app.AppProtocol} is not served by this host; http, https, h2c, grpc and grpcs are");
        var configuration = app.ConfigFiles.Count == 0 ? shared : Configuration.Load([.. options.ConfigFiles, .. app.ConfigFiles], options.WorkingDirectory);
        if (configuration.NameResolution?.Source != shared.NameResolution?.Source)
            throw new ConfigurationException($"{configuration.NameResolution!.Source}: nameResolution is the host's, not that of one app: it belongs into a configuration file of all");
        IAppChannel? channel = app.AppPort is null ? null : app.AppProtocol is "grpc" or "grpcs" ? new GrpcAppChannel(app, options.MaxBodySize) : new AppChannel(app, metrics);
        var runtime = new AppRuntime { AppId = app.AppId, Options = app, Namespace = options.Namespace, Channel = channel, Configuration = configuration };
        if (channel is not null)
            channel.Refused = () => runtime.Refused.Release();
        return runtime;
    }

    private sealed class DaprServiceMethods : IServiceMethodProvider<DaprService>
    {
        public void OnServiceMethodDiscovery(ServiceMethodProviderContext<DaprService> context) => BuildingBlocks.BindGrpc(new DaprMethods(context));
    }
}
