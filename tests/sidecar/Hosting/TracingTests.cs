using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Tarasol.Sidecar.Components;

namespace Tarasol.Tests.Sidecar.Hosting;

/// <summary>Spans reach an OTLP receiver with the ids that the apps see.</summary>
public sealed class TracingTests
{
    private const string TraceId = "0af7651916cd43dd8448eb211c80319c";
    private const string Parent = $"00-{TraceId}-b7ad6b7169203331-01";

    [Fact]
    public async Task A_call_and_an_event_of_a_trace_are_exported_for_the_app_whose_sidecar_it_is()
    {
        var exported = new ConcurrentQueue<byte[]>();
        await using var receiver = await ReceiverAsync(exported);
        var seen = new ConcurrentDictionary<string, string>();
        await using (var mesh = await TestMesh.StartAsync(Yaml.Component("pubsub", "pubsub.in-memory"),
            [
                new TestApp("caller"),
                new TestApp("callee", app =>
                {
                    app.MapGet("/dapr/subscribe", () => Results.Text("""[{"pubsubname":"pubsub","topic":"t","route":"/in"}]""", "application/json"));
                    app.MapFallback((HttpRequest request) => seen[request.Path] = request.Headers.TraceParent.ToString());
                }),
            ], Config(receiver)))
        {
            await mesh.SendAsync("caller", "GET", "/v1.0/invoke/callee/method/x", null, "", ("traceparent", Parent));
            await mesh.SendAsync("caller", "POST", "/v1.0/publish/pubsub/t", "1", "application/json", ("traceparent", Parent));
            await Poll.UntilAsync(() => seen.ContainsKey("/in"));
        }

        foreach (var path in (string[])["/x", "/in"])
        {
            Assert.StartsWith($"00-{TraceId}-", seen[path]);
            Assert.Contains(exported, body => Contains(body, Convert.FromHexString(seen[path].Split('-')[2])));
        }
        foreach (var text in (string[])["caller", "callee", "/v1.0/invoke/callee/method/x", "pubsub/t"])
            Assert.Contains(exported, body => Contains(body, Encoding.UTF8.GetBytes(text)));
        Assert.DoesNotContain(exported, body => Contains(body, "healthz"u8.ToArray()));
    }

    [Fact]
    public async Task Zipkin_gets_the_spans_too_beside_OTLP()
    {
        var (otlp, zipkin) = (new ConcurrentQueue<byte[]>(), new ConcurrentQueue<byte[]>());
        await using var receiver = await ReceiverAsync(otlp);
        await using var other = await ReceiverAsync(zipkin, "/api/v2/spans");
        var config = Config(receiver).Replace("tracing: {", $"tracing: {{ zipkin: {{ endpointAddress: \"{other.Urls.First()}/api/v2/spans\" }},", StringComparison.Ordinal);
        await using (var mesh = await TestMesh.StartAsync("", [new TestApp("caller"), new TestApp("callee", app => app.MapFallback(() => "ok"))], config))
            await mesh.SendAsync("caller", "GET", "/v1.0/invoke/callee/method/x", null, "", ("traceparent", Parent));

        Assert.Contains(otlp, body => Contains(body, Convert.FromHexString(TraceId)));
        var spans = zipkin.SelectMany(body => JsonDocument.Parse(body).RootElement.EnumerateArray()).ToList();
        var span = Assert.Single(spans, span => span.GetProperty("localEndpoint").GetProperty("serviceName").GetString() == "caller");
        Assert.Equal(TraceId, span.GetProperty("traceId").GetString());
        Assert.Equal("b7ad6b7169203331", span.GetProperty("parentId").GetString());
    }

    [Fact]
    public async Task A_caller_s_decision_not_to_sample_is_kept()
    {
        var exported = new ConcurrentQueue<byte[]>();
        await using var receiver = await ReceiverAsync(exported);
        await using (var mesh = await TestMesh.StartAsync("", [new TestApp("app")], Config(receiver)))
        {
            await mesh.SendAsync("app", "GET", "/v1.0/metadata", null, "", ("traceparent", $"00-{TraceId}-b7ad6b7169203331-00"));
            await mesh.SendAsync("app", "GET", "/v1.0/metadata");
        }

        Assert.NotEmpty(exported);
        Assert.DoesNotContain(exported, body => Contains(body, Convert.FromHexString(TraceId)));
    }

    [Theory]
    [InlineData("tracing: { samplingRate: many }", "samplingRate must be from 0 to 1, not many")]
    [InlineData("tracing: { zipkin: { endpointAddress: 'localhost:9411' } }", "zipkin endpointAddress localhost:9411 is no http or https address")]
    [InlineData("tracing: { otel: { endpointAddress: 'localhost:4317', protocol: smoke } }", "invalid protocol smoke provided for Otel endpoint")]
    public async Task Settings_that_cannot_be_followed_stop_the_start(string tracing, string problem)
    {
        var failure = await Assert.ThrowsAsync<ConfigurationException>(() => TestMesh.StartAsync("", [new TestApp("app")], Yaml.Configuration(tracing)));

        Assert.Contains(problem, failure.Message);
    }

    private static string Config(WebApplication receiver) => Yaml.Configuration(
        string.Create(CultureInfo.InvariantCulture, $"tracing: {{ samplingRate: \"1\", otel: {{ endpointAddress: \"127.0.0.1:{new Uri(receiver.Urls.First()).Port}\", isSecure: false, protocol: http }} }}"));

    private static bool Contains(byte[] body, byte[] part) => body.AsSpan().IndexOf(part) >= 0;

    private static async Task<WebApplication> ReceiverAsync(ConcurrentQueue<byte[]> exported, string path = "/v1/traces")
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var receiver = builder.Build();
        receiver.MapPost(path, async (HttpRequest request) =>
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body);
            exported.Enqueue(body.ToArray());
        });
        await receiver.StartAsync();
        return receiver;
    }
}
