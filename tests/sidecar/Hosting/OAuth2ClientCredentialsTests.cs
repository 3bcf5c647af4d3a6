using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Tarasol.Tests.Sidecar.Hosting;

/// <summary>middleware.http.oauth2clientcredentials before the sidecar's API and before the app: the app sees a token that a token endpoint gave.</summary>
public sealed class OAuth2ClientCredentialsTests : IAsyncLifetime
{
    private readonly ConcurrentQueue<(string? Authorization, Dictionary<string, string> Form)> _asked = new();
    private WebApplication _server = null!;
    private Func<HttpRequest, IResult> _answer = _ => Results.Json(new { access_token = "one", token_type = "bearer", expires_in = 3600 });

    private static TestApp Echo => new("app", app => app.MapFallback((HttpRequest request) => string.Join(",", request.Headers["X-Token"].ToArray())));

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _server = builder.Build();
        _server.MapPost("/token", async (HttpRequest request) =>
        {
            var form = await request.ReadFormAsync();
            _asked.Enqueue((request.Headers.Authorization, form.ToDictionary(field => field.Key, field => field.Value.ToString())));
            return _answer(request);
        });
        await _server.StartAsync();
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("httpPipeline")]
    [InlineData("appHttpPipeline")]
    public async Task The_app_sees_the_token_and_the_server_is_asked_once_while_it_is_valid(string pipeline)
    {
        await using var mesh = await MeshAsync(pipeline, ("pathFilter", "greet"), ("endpointParamsQuery", "audience=letters"));

        Assert.Equal("Bearer one", (await mesh.SendAsync("app", "GET", "/v1.0/invoke/app/method/greet")).Body);
        Assert.Equal("mine, Bearer one", (await mesh.SendAsync("app", "GET", "/v1.0/invoke/app/method/greet", null, "", ("x-token", "mine"))).Body);
        Assert.Equal("", (await mesh.SendAsync("app", "GET", "/v1.0/invoke/app/method/other")).Body);
        var (authorization, form) = Assert.Single(_asked);
        Assert.Equal($"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes("the+client:s%26cret"))}", authorization);
        Assert.Equal(["audience=letters", "grant_type=client_credentials", "scope=read write"], form.Select(field => $"{field.Key}={field.Value}").Order());
    }

    [Fact]
    public async Task A_token_that_has_expired_is_fetched_anew()
    {
        _answer = _ => Results.Json(new { access_token = $"number {_asked.Count}", token_type = "MAC", expires_in = "1" });
        await using var mesh = await MeshAsync("appHttpPipeline", ("pathFilter", "^/greet$"));

        Assert.Equal("MAC number 1", (await mesh.SendAsync("app", "GET", "/v1.0/invoke/app/method/greet")).Body);
        await Poll.UntilAsync(async () => (await mesh.SendAsync("app", "GET", "/v1.0/invoke/app/method/greet")).Body == "MAC number 2");
    }

    [Theory]
    [InlineData("0", "Basic,")]
    [InlineData("1", "")]
    public async Task A_server_that_wants_the_client_in_the_form_gets_it_there(string style, string ways)
    {
        _answer = request => request.Headers.Authorization.Count > 0 ? Results.Json(new { error = "invalid_client" }, statusCode: 401) : Results.Text("access_token=formed", "application/x-www-form-urlencoded");
        await using var mesh = await MeshAsync("appHttpPipeline", ("pathFilter", "^/greet$"), ("authStyle", style));

        Assert.Equal("Bearer formed", (await mesh.SendAsync("app", "GET", "/v1.0/invoke/app/method/greet")).Body);
        Assert.Equal(ways, string.Join(',', _asked.Select(one => one.Authorization?.Split(' ')[0])));
        Assert.Equal(("the client", "s&cret"), (_asked.Last().Form["client_id"], _asked.Last().Form["client_secret"]));
    }

    [Fact]
    public async Task Without_a_token_the_request_is_500_and_the_reason_is_in_the_log()
    {
        _answer = _ => Results.Json(new { error = "invalid_scope" }, statusCode: 400);
        await using var mesh = await MeshAsync("httpPipeline", ("pathFilter", "greet"));

        Assert.Equal(500, (await mesh.SendAsync("app", "GET", "/v1.0/invoke/app/method/greet")).Status);
        Assert.Contains(mesh.Log, line => line.Level == LogLevel.Error && line.Message.Contains("cannot fetch token: 400 Bad Request, response: {\"error\":\"invalid_scope\"}", StringComparison.Ordinal));
        _answer = _ => Results.Json(new { access_token = "at last" });
        Assert.Equal("Bearer at last", (await mesh.SendAsync("app", "GET", "/v1.0/invoke/app/method/greet")).Body);
    }

    [Theory]
    [InlineData("scopes", "", "Parameter 'scopes' needs to be set.")]
    [InlineData("authStyle", "3", "authStyle must be a whole number from 0 to 2, not 3")]
    [InlineData("pathFilter", "(", "pathFilter is no regular expression")]
    [InlineData("tokenURL", "token", "tokenURL must be an http or https URL")]
    [InlineData("endpointParamsQuery", "scope=all", "endpointParamsQuery cannot overwrite scope")]
    public async Task Wrong_metadata_stops_the_start(string key, string value, string problem) =>
        Assert.Contains(problem, (await Assert.ThrowsAnyAsync<Exception>(() => MeshAsync("httpPipeline", (key, value)))).Message, StringComparison.Ordinal);

    private Task<TestMesh> MeshAsync(string pipeline, params (string Key, string Value)[] metadata)
    {
        var all = new Dictionary<string, string>
        {
            ["clientID"] = "the client", ["clientSecret"] = "s&cret", ["scopes"] = "read,write", ["tokenURL"] = $"{_server.Urls.First()}/token", ["headerName"] = "X-Token",
        };
        foreach (var (key, value) in metadata)
            all[key] = value;
        return TestMesh.StartAsync(Yaml.Component("client", "middleware.http.oauth2clientcredentials", [.. all.Select(item => (item.Key, item.Value))]), [Echo],
            Yaml.Configuration($"{pipeline}: {{ handlers: [ {{ name: client, type: middleware.http.oauth2clientcredentials }} ] }}"));
    }
}
