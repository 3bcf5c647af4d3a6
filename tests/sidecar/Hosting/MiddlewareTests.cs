using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Tarasol.Sidecar.Components;

namespace Tarasol.Tests.Sidecar.Hosting;

/// <summary>httpPipeline around the sidecar's API, appHttpPipeline on the way to the app.</summary>
public sealed class MiddlewareTests
{
    private const string Alias = """
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata: { name: aliases }
        spec:
          type: middleware.http.routeralias
          version: v1
          metadata:
          - name: routes
            value: |
              { "/hello": "/v1.0/invoke/app/method/greet", "/letters/{id}/copy": "/v1.0/invoke/app/method/copy" }
        """;

    private const string Pipeline = "httpPipeline: { handlers: [ { name: aliases, type: middleware.http.routeralias } ] }";

    private static TestApp Echo => new("app", app => app.MapFallback((HttpRequest request) => $"{request.Path}{request.QueryString}"));

    [Theory]
    [InlineData("/hello", "/greet")]
    [InlineData("/hello?a=1", "/greet?a=1")]
    [InlineData("/letters/7/copy?a=1", "/copy?a=1&id=7")]
    public async Task An_alias_stands_for_a_route_of_the_sidecar(string path, string called)
    {
        await using var mesh = await TestMesh.StartAsync(Alias, [Echo], Yaml.Configuration(Pipeline));

        Assert.Equal(called, (await mesh.SendAsync("app", "GET", path)).Body);
    }

    [Fact]
    public async Task A_handler_with_a_selector_is_used_only_where_its_headers_match()
    {
        await using var mesh = await TestMesh.StartAsync(Alias, [Echo], Yaml.Configuration(
            "httpPipeline: { handlers: [ { name: aliases, type: middleware.http.routeralias, selector: { fields: [ { field: X-Alias, value: \"^yes$\" } ] } } ] }"));

        Assert.Equal(404, (await mesh.SendAsync("app", "GET", "/hello")).Status);
        Assert.Equal(200, (await mesh.SendAsync("app", "GET", "/hello", null, "", ("x-alias", "yes"))).Status);
    }

    [Fact]
    public async Task More_requests_than_the_limit_are_429()
    {
        await using var mesh = await TestMesh.StartAsync(Yaml.Component("limit", "middleware.http.ratelimit", ("maxRequestsPerSecond", "0.1")), [Echo],
            Yaml.Configuration("httpPipeline: { handlers: [ { name: limit, type: middleware.http.ratelimit } ] }"), healthy: false);

        var first = await mesh.SendAsync("app", "GET", "/v1.0/metadata");
        var second = await mesh.SendAsync("app", "GET", "/v1.0/metadata");

        Assert.Equal((200, 429, "You have reached maximum request limit."), (first.Status, second.Status, second.Body));
    }

    [Fact]
    public async Task A_path_that_the_router_checker_does_not_know_is_400()
    {
        await using var mesh = await TestMesh.StartAsync(Yaml.Component("checker", "middleware.http.routerchecker", ("rule", "^/v1.0/(healthz|metadata)")), [Echo],
            Yaml.Configuration("httpPipeline: { handlers: [ { name: checker, type: middleware.http.routerchecker } ] }"));

        Assert.Equal(200, await mesh.StatusAsync("app", "/v1.0/metadata"));
        Assert.Equal(400, await mesh.StatusAsync("app", "/v1.0/invoke/app/method/x"));
    }

    [Fact]
    public async Task The_pipeline_to_the_app_sees_what_the_app_would()
    {
        await using var mesh = await TestMesh.StartAsync(Yaml.Component("aliases", "middleware.http.routeralias", ("routes", "/old: /new")), [Echo],
            Yaml.Configuration("appHttpPipeline: { handlers: [ { name: aliases, type: middleware.http.routeralias } ] }"));

        Assert.Equal("/new", (await mesh.SendAsync("app", "GET", "/v1.0/invoke/app/method/old")).Body);
    }

    [Theory]
    [InlineData("middleware.http.wasm", "the component type middleware.http.wasm/v1 is not served by this host")]
    [InlineData("middleware.http.oauth2", "the component type middleware.http.oauth2/v1 is not served by this host")]
    [InlineData("middleware.http.opa", "the component type middleware.http.opa/v1 is not served by this host")]
    public async Task A_middleware_that_is_not_served_is_refused_by_its_name(string type, string problem)
    {
        var failure = await Assert.ThrowsAnyAsync<Exception>(() => TestMesh.StartAsync(Yaml.Component("x", type), [Echo], Yaml.Configuration($"httpPipeline: {{ handlers: [ {{ name: x, type: {type} }} ] }}")));

        Assert.Contains(problem, failure.Message);
    }

    [Fact]
    public async Task A_handler_without_a_component_stops_the_start()
    {
        var failure = await Assert.ThrowsAsync<ConfigurationException>(() => TestMesh.StartAsync("", [Echo], Yaml.Configuration(Pipeline)));

        Assert.Contains("app has no component aliases of type middleware.http.routeralias", failure.Message);
    }
}
