using System.Text.Json;

namespace Tarasol.Tests.Unit.Gateway;

public sealed class RoutesTests
{
    private static readonly JsonElement Proxy = Read();

    public static TheoryData<string> RouteNames => [.. Proxy.GetProperty("Routes").EnumerateObject().Select(route => route.Name)];

    [Theory]
    [MemberData(nameof(RouteNames))]
    public void A_route_leads_to_the_public_part_of_one_service(string name)
    {
        var route = Proxy.GetProperty("Routes").GetProperty(name);
        var path = route.GetProperty("Match").GetProperty("Path").GetString();
        var cluster = route.GetProperty("ClusterId").GetString();

        Assert.True(path == $"/api/{cluster}/{{**rest}}" || (cluster == "identity" && path is "/connect/token" or "/connect/revocation" or "/connect/authorize" or "/connect/login" or "/connect/logout" or "/connect/confirm" or "/connect/forgot" or "/connect/reset" or "/.well-known/{**rest}"), path);
    }

    [Theory]
    [MemberData(nameof(RouteNames))]
    public void Only_login_and_discovery_need_no_token(string name)
    {
        var route = Proxy.GetProperty("Routes").GetProperty(name);
        var isApi = route.GetProperty("Match").GetProperty("Path").GetString()!.StartsWith("/api/", StringComparison.Ordinal);

        Assert.Equal(isApi ? "default" : "anonymous", route.GetProperty("AuthorizationPolicy").GetString());
    }

    [Fact]
    public void Every_service_is_reached_through_the_sidecar_under_its_own_name() => Assert.All(Proxy.GetProperty("Clusters").EnumerateObject(), cluster =>
        Assert.Equal($"http://sidecar/v1.0/invoke/{cluster.Name}/method", cluster.Value.GetProperty("Destinations").GetProperty("sidecar").GetProperty("Address").GetString()));

    private static JsonElement Read()
    {
        using var json = JsonDocument.Parse(
            File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "routes.json")), new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip });
        return json.RootElement.GetProperty("ReverseProxy").Clone();
    }
}
