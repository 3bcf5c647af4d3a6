using System.Net;
using Microsoft.AspNetCore.Builder;
using Tarasol.Tests.Servers;
using Tarasol.Tests.Sidecar.Hosting;

namespace Tarasol.Tests.Sidecar.Invocation;

/// <summary>The port on which hosts talk to each other is not a way around tokens and access control.</summary>
public sealed class InternalPortTests
{
    [Theory]
    [InlineData("/invoke/app/x")]
    [InlineData("/internal/app/actors/x")]
    [InlineData("/v1.0/metadata")]
    public async Task A_caller_without_the_hosts_token_gets_nothing(string path)
    {
        var port = FreePort.Next();
        var called = false;
        await using var mesh = await TestMesh.StartAsync("", [new TestApp("app", app => app.MapFallback(() => called = true))], options: options => options with { InternalPort = port });
        called = false;

        using var bare = await mesh.Http.GetAsync(new Uri($"http://127.0.0.1:{port}{path}"));
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"http://127.0.0.1:{port}{path}"));
        request.Headers.Add("tarasol-host-token", "guess");
        using var guessed = await mesh.Http.SendAsync(request);

        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized), (bare.StatusCode, guessed.StatusCode));
        Assert.False(called);
    }
}
