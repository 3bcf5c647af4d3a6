using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Tarasol.Tests.Sidecar.PubSub;

namespace Tarasol.Tests.Sidecar.Bindings;

[Trait("Scale", "large")]
public sealed class InputBindingTests
{
    [Theory]
    [InlineData("@every 1s")]
    [InlineData("* * * * * *")]
    [InlineData("TZ=Asia/Riyadh */1 * * * * *")]
    public async Task A_schedule_calls_the_app_again_and_again(string schedule)
    {
        var app = new Listener();
        await using var mesh = await PubSubMesh.StartAsync(Cron(schedule), app.Configure);
        await Poll.UntilAsync(() => app.Received.Count >= 2);
        var first = app.Received.First();
        Assert.Equal("/tick", first.Path);
        Assert.Equal("", first.Body);
        Assert.StartsWith("application/json", first.ContentType, StringComparison.Ordinal);
        Assert.Equal("Local", first.Headers["timezone"]);
        Assert.EndsWith(" +0000 UTC", first.Headers["readtimeutc"], StringComparison.Ordinal);
        Assert.NotEqual("", first.Headers["traceparent"]);
    }

    [Theory]
    [InlineData(200, true)]
    [InlineData(405, true)]
    [InlineData(404, false)]
    public async Task Without_a_direction_the_app_is_asked_by_OPTIONS(int answer, bool wanted)
    {
        var app = new Listener { Options = answer };
        await using var mesh = await PubSubMesh.StartAsync(Cron("@every 1s") + "\n---\n" + Cron("@every 1s", "control", "- { name: direction, value: \"input, output\" }"), app.Configure);
        // The other one, which is not asked about, shows that the time for a first event has passed.
        await Poll.UntilAsync(() => app.Received.Count(one => one.Path == "/control") >= 3);
        Assert.Equal(["/tick"], app.Asked.Distinct());
        Assert.Equal(wanted, app.Received.Any(one => one.Path == "/tick"));
    }

    [Fact]
    public async Task The_metadata_route_is_where_the_app_is_asked_and_called()
    {
        var app = new Listener();
        await using var mesh = await PubSubMesh.StartAsync(Cron("@every 1s", "tick", "- { name: route, value: /timers/tick }"), app.Configure);
        await Poll.UntilAsync(() => !app.Received.IsEmpty);
        Assert.Equal("/timers/tick", app.Received.First().Path);
        Assert.Equal("/timers/tick", app.Asked.First());
    }

    [Fact]
    public async Task An_input_binding_cannot_be_invoked_and_an_output_only_one_is_not_read()
    {
        var app = new Listener();
        await using var mesh = await PubSubMesh.StartAsync(
            Cron("@every 1s", "outward", "- { name: direction, value: output }") + "\n---\n" + Cron("@every 1s") + "\n---\n" + Files("files", "- { name: direction, value: input }"), app.Configure);
        await Poll.UntilAsync(() => app.Received.Count >= 3);
        Assert.DoesNotContain(app.Received, one => one.Path == "/outward");
        foreach (var name in (string[])["tick", "files"])
        {
            using var refused = await mesh.SendAsync($"/v1.0/bindings/{name}", """{"operation":"create","data":"x"}""");
            Assert.Equal(HttpStatusCode.InternalServerError, refused.StatusCode);
            Assert.Contains($"couldn't find output binding {name}", await refused.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("parallel")]
    [InlineData("sequential")]
    public async Task The_answer_of_the_app_is_saved_and_sent_on(string concurrency)
    {
        var app = new Listener { Answer = $$$"""{"data":{"a":1},"to":["files"],"concurrency":"{{{concurrency}}}","storeName":"store","state":[{"key":"k","value":"v"}]}""" };
        await using var mesh = await PubSubMesh.StartAsync(Cron("@every 1s") + "\n---\n" + Files("files") + """

            ---
            apiVersion: dapr.io/v1alpha1
            kind: Component
            metadata: { name: store }
            spec: { type: state.in-memory, version: v1 }
            """, app.Configure);
        var written = Path.Combine(mesh.Folder, "files");
        await Poll.UntilAsync(() => Directory.EnumerateFiles(written).Any(file => File.ReadAllText(file) == """{"a":1}"""));
        Assert.Equal("\"v\"", await mesh.Http.GetStringAsync($"http://127.0.0.1:{mesh.HttpPort}/v1.0/state/store/k", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_failure_of_the_app_is_retried_by_the_inbound_policy_and_the_next_event_comes()
    {
        var app = new Listener { Fail = 2 };
        await using var mesh = await PubSubMesh.StartAsync(Cron("0 0 0 1 1 *", "never") + "\n---\n" + Cron("@every 1s") + """

            ---
            apiVersion: dapr.io/v1alpha1
            kind: Resiliency
            metadata: { name: r }
            spec:
              policies: { retries: { soon: { policy: constant, duration: 1ms, maxRetries: 5 } } }
              targets: { components: { tick: { inbound: { retry: soon } } } }
            """, app.Configure);
        await Poll.UntilAsync(() => app.Received.Count >= 4);
        Assert.Equal(app.Received.First().Headers["readtimeutc"], app.Received.Skip(2).First().Headers["readtimeutc"]);
    }

    [Fact]
    public async Task Events_stop_with_the_app_and_come_again_with_it()
    {
        var app = new Listener();
        await using var mesh = await PubSubMesh.StartAsync(Cron("@every 1s"), app.Configure);
        await Poll.UntilAsync(() => !app.Received.IsEmpty);
        await mesh.StopAppAsync();
        await Poll.UntilAsync(async () => (await mesh.Http.GetAsync($"http://127.0.0.1:{mesh.HttpPort}/v1.0/healthz")).StatusCode == HttpStatusCode.InternalServerError);
        var asked = app.Asked.Count;
        await mesh.StartAppAsync();
        await mesh.HealthyAsync();
        var before = app.Received.Count;
        await Poll.UntilAsync(() => app.Received.Count > before);
        Assert.Equal(asked + 1, app.Asked.Count);
    }

    [Theory]
    [InlineData("", "schedule not set")]
    [InlineData("@often", "invalid schedule format '@often'")]
    [InlineData("* * *", "expected 5 to 6 fields, found 3")]
    [InlineData("61 * * * *", "invalid schedule format")]
    [InlineData("TZ=Nowhere/City * * * * *", "invalid schedule format")]
    public async Task A_schedule_that_is_none_is_refused_with_file_and_reason(string schedule, string reason)
    {
        var failure = await Assert.ThrowsAnyAsync<Exception>(() => PubSubMesh.StartAsync(Cron(schedule), new Listener().Configure));
        Assert.Contains(reason, failure.Message, StringComparison.Ordinal);
        Assert.Contains("all.yaml:1", failure.Message, StringComparison.Ordinal);
    }

    private static string Cron(string schedule, string name = "tick", string metadata = "") => $$"""
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata: { name: {{name}} }
        spec:
          type: bindings.cron
          version: v1
          metadata:
          - { name: schedule, value: "{{schedule}}" }
          {{metadata}}
        """;

    private static string Files(string name, string metadata = "") => $$"""
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata: { name: {{name}} }
        spec:
          type: bindings.localstorage
          version: v1
          metadata:
          - { name: rootPath, value: {{name}} }
          {{metadata}}
        """;

    private sealed class Listener
    {
        public ConcurrentQueue<Received> Received { get; } = new();

        public ConcurrentQueue<string> Asked { get; } = new();

        public int Options { get; init; } = 200;

        public int Fail { get; init; }

        public string Answer { get; init; } = "";

        public void Configure(WebApplication app) => app.MapFallback(async (HttpContext context) =>
        {
            if (HttpMethods.IsOptions(context.Request.Method))
            {
                Asked.Enqueue(context.Request.Path);
                return Results.StatusCode(Options);
            }
            if (!HttpMethods.IsPost(context.Request.Method))
                return Results.NotFound();
            using var reader = new StreamReader(context.Request.Body);
            Received.Enqueue(new Received(context.Request.Path, context.Request.ContentType, context.Request.Headers.ToDictionary(item => item.Key.ToLowerInvariant(), item => item.Value.ToString()),
                await reader.ReadToEndAsync()));
            return Received.Count <= Fail ? Results.StatusCode(500) : Results.Text(Answer, "application/json");
        });
    }
}
