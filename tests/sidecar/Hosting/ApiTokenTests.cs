using System.Collections.Concurrent;
using Dapr.Client;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Tarasol.Tests.Sidecar.Hosting;

/// <summary>dapr-api-token in both directions (wire: 1).</summary>
public sealed class ApiTokenTests
{
    private const string Token = "who goes there";

    [Fact]
    public async Task A_call_without_the_token_is_refused_in_daprd_s_words_but_health_stays_open()
    {
        await using var mesh = await TestMesh.StartAsync("", [new TestApp("app", null, options => options with { ApiToken = Token })]);

        var missing = await mesh.SendAsync("app", "GET", "/v1.0/metadata");
        var wrong = await mesh.SendAsync("app", "GET", "/v1.0/metadata", null, "", ("dapr-api-token", "friend"));
        var right = await mesh.SendAsync("app", "GET", "/v1.0/metadata", null, "", ("dapr-api-token", Token));

        Assert.Equal((401, "invalid api token\n"), (missing.Status, missing.Body));
        Assert.Equal(401, wrong.Status);
        Assert.Equal(200, right.Status);
        Assert.Equal(204, await mesh.StatusAsync("app", "/v1.0/healthz"));
        Assert.Equal(204, await mesh.StatusAsync("app", "/v1.0/healthz/outbound"));
    }

    [Fact]
    public async Task A_gRPC_call_needs_the_token_too()
    {
        await using var mesh = await TestMesh.StartAsync("", [new TestApp("app", null, options => options with { ApiToken = Token })]);

        using var stranger = mesh.Dapr("app");
        using var friend = mesh.Dapr("app", Token);

        var refused = await Assert.ThrowsAsync<Dapr.DaprException>(() => stranger.GetMetadataAsync());
        Assert.Equal(StatusCode.Unauthenticated, Assert.IsType<RpcException>(refused.InnerException).StatusCode);
        Assert.Equal("app", (await friend.GetMetadataAsync()).Id);
    }

    [Fact]
    public async Task The_app_gets_its_own_token_and_never_that_of_the_sidecar()
    {
        var seen = new ConcurrentQueue<string>();
        await using var mesh = await TestMesh.StartAsync("",
        [
            new TestApp("caller", null, options => options with { ApiToken = Token }),
            new TestApp("callee", app => app.MapFallback((HttpRequest request) => seen.Enqueue(request.Headers["dapr-api-token"].ToString())), options => options with { AppApiToken = "for the app" }),
            new TestApp("open", app => app.MapFallback((HttpRequest request) => seen.Enqueue(request.Headers["dapr-api-token"].ToString()))),
        ]);
        seen.Clear();

        await mesh.SendAsync("caller", "GET", "/v1.0/invoke/callee/method/x", null, "", ("dapr-api-token", Token));
        await mesh.SendAsync("caller", "GET", "/v1.0/invoke/open/method/x", null, "", ("dapr-api-token", Token));

        Assert.Equal(["for the app", ""], seen);
    }
}
