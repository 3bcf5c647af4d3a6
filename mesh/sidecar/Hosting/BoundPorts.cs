using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Tarasol.Sidecar.Hosting;

/// <summary>Opens the API ports, and tells after the start which ones they really are.</summary>
internal sealed class BoundPorts(SidecarOptions options, AppDirectory apps)
{
    private readonly List<(AppRuntime App, ListenOptions Http, ListenOptions Grpc)> bound = [];
    private readonly Dictionary<string, ListenOptions> publics = [];
    private ListenOptions? between;
    private ListenOptions? betweenGrpc;
    private ListenOptions? metrics;

    /// <summary>The port on which hosts talk to each other.</summary>
    public int Internal { get; private set; }

    /// <summary>The one for gRPC calls that are passed on.</summary>
    public int InternalGrpc { get; private set; }

    /// <summary>Null: there are none.</summary>
    public int? Metrics { get; private set; }

    /// <summary>Null: the app has none.</summary>
    public int? Public(string appId) => publics.GetValueOrDefault(appId)?.IPEndPoint!.Port;

    public void Listen(KestrelServerOptions kestrel)
    {
        foreach (var app in apps.Apps)
        {
            var http = Listen(kestrel, app.Options.HttpPort, HttpProtocols.Http1, new ApiPort(ApiKind.Http, app));
            var grpc = Listen(kestrel, app.Options.GrpcPort, HttpProtocols.Http2, new ApiPort(ApiKind.Grpc, app));
            bound.Add((app, http, grpc));
            if (app.Options.PublicPort is { } open)
                publics[app.AppId] = Listen(kestrel, open, HttpProtocols.Http1, new ApiPort(ApiKind.Public, app), app.Options.PublicListenAddress);
        }
        kestrel.Listen(IPAddress.Loopback, options.InternalPort, listen => between = Prepare(listen, HttpProtocols.Http1, new ApiPort(ApiKind.Internal, null)));
        kestrel.Listen(IPAddress.Loopback, 0, listen => betweenGrpc = Prepare(listen, HttpProtocols.Http2, new ApiPort(ApiKind.InternalGrpc, null)));
        if (options.MetricsPort is { } port)
            metrics = Listen(kestrel, port, HttpProtocols.Http1, new ApiPort(ApiKind.Metrics, null), options.MetricsListenAddress);
    }

    public void Publish()
    {
        foreach (var (app, http, grpc) in bound)
        {
            app.HttpPort = http.IPEndPoint!.Port;
            app.GrpcPort = grpc.IPEndPoint!.Port;
        }
        Internal = between!.IPEndPoint!.Port;
        InternalGrpc = betweenGrpc!.IPEndPoint!.Port;
        Metrics = metrics?.IPEndPoint!.Port;
    }

    /// <summary>A free port is taken on the first address only: the same one need not be free on the next.</summary>
    private ListenOptions Listen(KestrelServerOptions kestrel, int port, HttpProtocols protocols, ApiPort tag, string? onlyAddress = null)
    {
        ListenOptions? first = null;
        var addresses = onlyAddress is null ? options.ListenAddresses : [onlyAddress];
        foreach (var address in port == 0 ? addresses.Take(1) : addresses)
        {
            kestrel.Listen(IPAddress.Parse(address.Trim('[', ']')), port, listen =>
            {
                Prepare(listen, protocols, tag);
                first ??= listen;
            });
        }
        return first ?? throw new InvalidOperationException("there is no address to listen on");
    }

    private static ListenOptions Prepare(ListenOptions listen, HttpProtocols protocols, ApiPort tag)
    {
        listen.Protocols = protocols;
        listen.Use(next => connection =>
        {
            connection.Features.Set(tag);
            return next(connection);
        });
        return listen;
    }
}
