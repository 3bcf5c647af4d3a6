using Tarasol.ServiceDefaults.Hosting;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;

namespace Tarasol.Gateway.Proxy;

/// <summary>Puts the address of the gateway's own sidecar into the destinations of routes.json, which name it "sidecar". A service that says nothing for a minute is given up.</summary>
internal sealed class SidecarDestinations(SidecarAddress sidecar) : IProxyConfigFilter
{
    public ValueTask<ClusterConfig> ConfigureClusterAsync(ClusterConfig cluster, CancellationToken cancel) =>
        new(cluster with
        {
            HttpRequest = (cluster.HttpRequest ?? ForwarderRequestConfig.Empty) with { ActivityTimeout = TimeSpan.FromSeconds(60) },
            Destinations = cluster.Destinations?.ToDictionary(each => each.Key, each => each.Value with { Address = Resolve(each.Value.Address) }),
        });

    public ValueTask<RouteConfig> ConfigureRouteAsync(RouteConfig route, ClusterConfig? cluster, CancellationToken cancel) => new(route);

    private string Resolve(string address)
    {
        var uri = new Uri(address);
        return uri.Host == "sidecar" ? new Uri(sidecar.Http, uri.PathAndQuery).ToString()
            : throw new InvalidOperationException($"routes.json: {address} does not go through the sidecar (http://sidecar/...).");
    }
}
