using System.Text;
using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Tarasol.Sidecar.Hosting;
using Tarasol.Tests.Sidecar.Hosting;
using Empty = Google.Protobuf.WellKnownTypes.Empty;

namespace Tarasol.Tests.Sidecar.Invocation;

/// <summary>Apps with --app-protocol grpc: OnInvoke for Dapr's own calls, and any service of theirs by the metadata dapr-app-id; in one host and between two.</summary>
public abstract class GrpcAppTests(GrpcAppTests.Pair pair)
{
    [Fact]
    public async Task An_HTTP_caller_reaches_OnInvoke_with_verb_query_and_headers()
    {
        var answer = await pair.Caller.SendAsync("caller", "PUT", "/v1.0/invoke/callee/method/letters/7?copy=1", "{\"a\":1}", "application/json", ("X-Colour", "green"));

        var request = pair.App.Received.OfType<InvokeRequest>().Last();
        var headers = pair.App.Headers.Last();
        Assert.Equal((200, "{\"a\":1}", "application/json"), (answer.Status, answer.Body, answer.Headers["content-type"]));
        Assert.Equal(("letters/7", HTTPExtension.Types.Verb.Put, "copy=1"), (request.Method, request.HttpExtension.Verb, request.HttpExtension.Querystring));
        Assert.Equal(("green", "caller", "callee"), (headers.GetValue("x-colour"), headers.GetValue("dapr-caller-app-id"), headers.GetValue("dapr-callee-app-id")));
        Assert.Equal("app's own", headers.GetValue("dapr-api-token"));
        Assert.Equal(55, headers.GetValue("traceparent")!.Length);
    }

    [Fact]
    public async Task The_app_s_error_is_an_HTTP_status_with_its_words()
    {
        var missing = await pair.Caller.SendAsync("caller", "GET", "/v1.0/invoke/callee/method/missing");
        var detailed = await pair.Caller.SendAsync("caller", "GET", "/v1.0/invoke/callee/method/detailed");

        Assert.Equal((404, 5, "no such letter"), (missing.Status, missing.Json.GetProperty("code").GetInt32(), missing.Message));
        Assert.Equal((400, "SEALED"), (detailed.Status, detailed.Json.GetProperty("details")[0].GetProperty("reason").GetString()));
        Assert.DoesNotContain(missing.Headers.Keys, name => name.StartsWith("tarasol-", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_gRPC_caller_needs_no_verb_and_its_message_keeps_its_type()
    {
        using var channel = pair.Caller.Grpc("caller");
        var dapr = new Dapr.Client.Autogen.Grpc.v1.Dapr.DaprClient(channel);

        var answer = await dapr.InvokeServiceAsync(new InvokeServiceRequest { Id = "callee", Message = new InvokeRequest { Method = "any", Data = Any.Pack(new StringValue { Value = "typed" }) } });

        Assert.Equal("typed", answer.Data.Unpack<StringValue>().Value);
        Assert.Equal(HTTPExtension.Types.Verb.None, pair.App.Received.OfType<InvokeRequest>().Last().HttpExtension.Verb);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_trace_in_the_binary_form_of_gRPC_goes_on_in_both_forms(bool proxied)
    {
        using var channel = pair.Caller.Grpc("caller");
        byte[] trace = [0, 0, .. Enumerable.Range(1, 16).Select(n => (byte)n), 1, 9, 9, 9, 9, 9, 9, 9, 9, 2, 1];
        var sent = new Grpc.Core.Metadata { { "grpc-trace-bin", trace }, { "traceparent", "00-ffffffffffffffffffffffffffffffff-ffffffffffffffff-01" } };

        if (proxied)
        {
            sent.Add("dapr-app-id", "callee");
            using var call = channel.CreateCallInvoker().AsyncUnaryCall(GrpcApp.Echo, null, new CallOptions(sent), [1]);
            await call;
        }
        else
        {
            await new Dapr.Client.Autogen.Grpc.v1.Dapr.DaprClient(channel).InvokeServiceAsync(new InvokeServiceRequest { Id = "callee", Message = new InvokeRequest { Method = "any" } }, sent);
        }

        var headers = pair.App.Headers.Last();
        var parent = headers.GetValue("traceparent")!;
        Assert.Matches("^00-0102030405060708090a0b0c0d0e0f10-(?!0909)[0-9a-f]{16}-01$", parent);
        Assert.Equal(parent, $"00-{Convert.ToHexStringLower(headers.GetValueBytes("grpc-trace-bin")![2..18])}-{Convert.ToHexStringLower(headers.GetValueBytes("grpc-trace-bin")![19..27])}-01");
    }

    [Fact]
    public async Task A_gRPC_caller_gets_the_app_s_status_and_details_as_they_are()
    {
        using var channel = pair.Caller.Grpc("caller");
        var dapr = new Dapr.Client.Autogen.Grpc.v1.Dapr.DaprClient(channel);

        var failure = await Assert.ThrowsAsync<RpcException>(async () => await dapr.InvokeServiceAsync(new InvokeServiceRequest { Id = "callee", Message = new InvokeRequest { Method = "detailed" } }));

        Assert.Equal((StatusCode.FailedPrecondition, "sealed"), (failure.StatusCode, failure.Status.Detail));
        Assert.Equal("SEALED", Google.Rpc.Status.Parser.ParseFrom(failure.Trailers.GetValueBytes("grpc-status-details-bin")).Details.Single().Unpack<ErrorInfo>().Reason);
    }

    [Fact]
    public async Task A_service_of_the_app_is_called_through_the_sidecar_with_headers_and_trailers()
    {
        using var channel = pair.Caller.Grpc("caller");
        using var call = channel.CreateCallInvoker().AsyncUnaryCall(GrpcApp.Echo, null, To("callee", ("x-colour", "green")), Encoding.UTF8.GetBytes("hello"));

        Assert.Equal("hello", Encoding.UTF8.GetString(await call));
        Assert.Equal("echo", (await call.ResponseHeadersAsync).GetValue("x-answered-by"));
        Assert.Equal("goodbye", call.GetTrailers().GetValue("x-trailer"));
        var headers = pair.App.Headers.Last();
        Assert.Equal(("green", "caller", "app's own"), (headers.GetValue("x-colour"), headers.GetValue("dapr-caller-app-id"), headers.GetValue("dapr-api-token")));
        Assert.Null(headers.GetValue("tarasol-host-token"));
    }

    [Fact]
    public async Task A_stream_flows_both_ways_at_once()
    {
        using var channel = pair.Caller.Grpc("caller");
        using var call = channel.CreateCallInvoker().AsyncDuplexStreamingCall(GrpcApp.Stream, null, To("callee"));

        for (var number = 0; number < 50; number++)
        {
            await call.RequestStream.WriteAsync([(byte)number, 0, 255]);
            Assert.True(await call.ResponseStream.MoveNext(TestContext.Current.CancellationToken));
            Assert.Equal([(byte)number, 0, 255], call.ResponseStream.Current);
        }
        await call.RequestStream.CompleteAsync();
        Assert.False(await call.ResponseStream.MoveNext(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task An_error_of_the_app_s_service_passes_as_it_is()
    {
        using var channel = pair.Caller.Grpc("caller");

        var failure = await Assert.ThrowsAsync<RpcException>(async () => await channel.CreateCallInvoker().AsyncUnaryCall(GrpcApp.Fail, null, To("callee"), []));

        Assert.Equal((StatusCode.NotFound, "no such letter"), (failure.StatusCode, failure.Status.Detail));
    }

    [Fact]
    public async Task A_call_that_names_no_app_or_an_unknown_one_is_refused()
    {
        using var channel = pair.Caller.Grpc("caller");

        var none = await Assert.ThrowsAsync<RpcException>(async () => await channel.CreateCallInvoker().AsyncUnaryCall(GrpcApp.Echo, null, default, []));
        var unknown = await Assert.ThrowsAsync<RpcException>(async () => await channel.CreateCallInvoker().AsyncUnaryCall(GrpcApp.Echo, null, To("nobody"), []));

        Assert.Equal((StatusCode.Unknown, "failed to proxy request: required metadata dapr-callee-app-id or dapr-app-id not found"), (none.StatusCode, none.Status.Detail));
        Assert.Contains("nobody", unknown.Status.Detail);
    }

    private static CallOptions To(string appId, params (string, string)[] more)
    {
        var headers = new Grpc.Core.Metadata { { "dapr-app-id", appId } };
        foreach (var (name, value) in more)
            headers.Add(name, value);
        return new CallOptions(headers, deadline: DateTime.UtcNow.AddSeconds(20));
    }

    /// <summary>A caller without an app, and an app that speaks gRPC.</summary>
    public abstract class Pair(bool twoHosts) : IAsyncLifetime
    {
        private readonly string names = Path.Combine(Directory.CreateTempSubdirectory("names-").FullName, "names.db");
        private TestMesh? callee;

        internal GrpcApp App { get; } = new();

        internal TestMesh Caller { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            var config = Yaml.Configuration($"nameResolution: {{ component: sqlite, configuration: {{ connectionString: {names} }} }}");
            var app = App.At("callee", options => options with { AppApiToken = "app's own" });
            callee = twoHosts ? await TestMesh.StartAsync("", [app], config) : null;
            Caller = await TestMesh.StartAsync("", twoHosts ? [new TestApp("caller")] : [new TestApp("caller"), app], config);
        }

        public async ValueTask DisposeAsync()
        {
            await Caller.DisposeAsync();
            if (callee is not null)
                await callee.DisposeAsync();
            Directory.Delete(Path.GetDirectoryName(names)!, recursive: true);
            GC.SuppressFinalize(this);
        }
    }

    public sealed class OneHost() : Pair(twoHosts: false);

    public sealed class TwoHosts() : Pair(twoHosts: true);
}

public sealed class GrpcAppInOneHostTests(GrpcAppTests.OneHost pair) : GrpcAppTests(pair), IClassFixture<GrpcAppTests.OneHost>;

public sealed class GrpcAppInTwoHostsTests(GrpcAppTests.TwoHosts pair) : GrpcAppTests(pair), IClassFixture<GrpcAppTests.TwoHosts>;

/// <summary>Further app protocols.</summary>
public sealed class AppProtocolTests
{
    [Fact]
    public async Task An_h2c_app_is_called_over_HTTP_2()
    {
        await using var mesh = await TestMesh.StartAsync("",
            [new TestApp("app", app => app.MapGet("/protocol", (Microsoft.AspNetCore.Http.HttpRequest request) => request.Protocol), options => options with { AppProtocol = "h2c" }) { Protocols = HttpProtocols.Http2 }]);

        Assert.Equal("HTTP/2", (await mesh.SendAsync("app", "GET", "/v1.0/invoke/app/method/protocol")).Body);
    }

    [Fact]
    public async Task The_health_check_of_a_gRPC_app_is_its_HealthCheck_method()
    {
        var app = new GrpcApp { Healthy = false };
        await using var mesh = await TestMesh.StartAsync("", [app.At("app", options => options with { Health = new AppHealthOptions { Interval = TimeSpan.FromMilliseconds(20), Threshold = 1 } })], healthy: false);

        Assert.Equal(500, await mesh.StatusAsync("app", "/v1.0/healthz"));
        app.Healthy = true;
        await mesh.HealthyAsync();
    }
}
