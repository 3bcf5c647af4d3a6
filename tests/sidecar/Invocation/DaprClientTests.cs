using System.Net.Http.Json;
using Dapr.Client;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Tarasol.Tests.Sidecar.Hosting;

#pragma warning disable CS0618 // Obsolete in favour of native clients, and still what apps in the field call.

namespace Tarasol.Tests.Sidecar.Invocation;

/// <summary>Every way in which Dapr.Client of NuGet invokes a service.</summary>
public sealed class DaprClientTests(DaprClientTests.TwoApps apps) : IClassFixture<DaprClientTests.TwoApps>
{
    private DaprClient Dapr => apps.Dapr;

    [Fact]
    public async Task InvokeMethodAsync_brings_data_there_and_back() =>
        Assert.Equal(new Sum(5), await Dapr.InvokeMethodAsync<Terms, Sum>("callee", "add", new Terms(2, 3)));

    [Fact]
    public async Task InvokeMethodAsync_takes_any_verb_and_a_query()
    {
        using var request = Dapr.CreateInvokeMethodRequest(HttpMethod.Delete, "callee", "things/7", [new("force", "yes & no")]);

        Assert.Equal("DELETE /things/7?force=yes & no", await Dapr.InvokeMethodAsync<string>(request));
    }

    [Fact]
    public async Task InvokeMethodWithResponseAsync_shows_the_app_s_status()
    {
        using var request = Dapr.CreateInvokeMethodRequest(HttpMethod.Get, "callee", "teapot");
        using var response = await Dapr.InvokeMethodWithResponseAsync(request);

        Assert.Equal(418, (int)response.StatusCode);
    }

    [Fact]
    public async Task A_failure_of_the_app_is_an_InvocationException_with_its_answer()
    {
        var failure = await Assert.ThrowsAsync<InvocationException>(() => Dapr.InvokeMethodAsync<string>(HttpMethod.Get, "callee", "teapot"));

        Assert.Equal(("callee", "teapot", 418), (failure.AppId, failure.MethodName, (int)failure.Response.StatusCode));
    }

    [Fact]
    public async Task An_unknown_app_is_an_InvocationException_too()
    {
        var failure = await Assert.ThrowsAsync<InvocationException>(() => Dapr.InvokeMethodAsync<string>(HttpMethod.Get, "nobody", "x"));

        Assert.Equal(500, (int)failure.Response.StatusCode);
    }

    [Fact]
    public async Task CreateInvokeHttpClient_calls_the_app_by_its_name()
    {
        using var client = DaprClient.CreateInvokeHttpClient("callee", $"http://127.0.0.1:{apps.HttpPort}");
        using var answer = await client.PostAsJsonAsync("/add", new Terms(40, 2));

        Assert.Equal(new Sum(42), await answer.Content.ReadFromJsonAsync<Sum>());
    }

    [Fact]
    public async Task The_client_s_own_invokable_client_calls_the_app_by_its_name()
    {
        using var client = Dapr.CreateInvokableHttpClient("callee");

        Assert.Equal("GET /things/8", await client.GetFromJsonAsync<string>("/things/8"));
    }

    [Fact]
    public async Task InvokeMethodGrpcAsync_of_an_HTTP_app_needs_a_verb_as_daprd_says()
    {
        var failure = await Assert.ThrowsAsync<InvocationException>(() => Dapr.InvokeMethodGrpcAsync("callee", "add"));

        Assert.Contains("invalid HTTP verb", Assert.IsType<RpcException>(failure.InnerException).Status.Detail);
    }

    [Fact]
    public async Task Health_is_what_the_client_waits_for()
    {
        Assert.True(await Dapr.CheckHealthAsync());
        Assert.True(await Dapr.CheckOutboundHealthAsync());
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        await Dapr.WaitForSidecarAsync(limit.Token);
    }

    private sealed record Terms(int One, int Two);

    private sealed record Sum(int Value);

    public sealed class TwoApps : IAsyncLifetime
    {
        private TestMesh mesh = null!;

        public DaprClient Dapr { get; private set; } = null!;

        public int HttpPort { get; private set; }

        public async ValueTask InitializeAsync()
        {
            mesh = await TestMesh.StartAsync("",
            [
                new TestApp("caller"),
                new TestApp("callee", app =>
                {
                    app.MapPost("/add", (Terms terms) => new Sum(terms.One + terms.Two));
                    app.MapGet("/teapot", () => Results.Text("short and stout", statusCode: 418));
                    app.MapFallback((HttpRequest request) => Results.Json($"{request.Method} {request.Path}{Uri.UnescapeDataString(request.QueryString.Value!)}"));
                }),
            ]);
            Dapr = mesh.Dapr("caller");
            HttpPort = mesh.Url("caller", "/").Port;
        }

        public async ValueTask DisposeAsync()
        {
            Dapr.Dispose();
            await mesh.DisposeAsync();
        }
    }
}
