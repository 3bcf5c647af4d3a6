using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Tarasol.Tests.Sidecar.PubSub;

public class DeliveryTests
{
    private static string Subscribe(string topic, string rest = "\"route\": \"/in\"") => $$"""[{"pubsubname": "pubsub", "topic": "{{topic}}", {{rest}}}]""";

    [Theory]
    [InlineData(PubSubMesh.InMemory)]
    [InlineData(PubSubMesh.Sqlite)]
    public async Task An_event_arrives_in_its_envelope_with_its_headers(string resources)
    {
        var app = new RecordingApp(Subscribe("رسائل/in coming", "\"ROUTE\": \"in\""));
        await using var mesh = await PubSubMesh.StartAsync(resources, app.Configure);
        using var request = new HttpRequestMessage(HttpMethod.Put, $"http://127.0.0.1:{mesh.HttpPort}/v1.0/publish/pubsub/{Uri.EscapeDataString("رسائل")}/in+coming/?metadata.note=x&metadata.cloudevent.type=letter.v1");
        request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes("""{"text":"مرحبا <&>"}"""));
        request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/json; charset=utf-8");
        request.Headers.TryAddWithoutValidation("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        Assert.Equal(HttpStatusCode.NoContent, (await mesh.Http.SendAsync(request)).StatusCode);
        await Poll.UntilAsync(() => !app.Received.IsEmpty);
        var one = app.Received.Single();
        Assert.Equal(("/in", "application/cloudevents+json", "pubsub", "x"), (one.Path, one.ContentType, one.Headers["pubsubname"], one.Headers["note"]));
        Assert.StartsWith("00-0af7651916cd43dd8448eb211c80319c-", one.Headers["traceparent"], StringComparison.Ordinal);
        Assert.StartsWith("00-0af7651916cd43dd8448eb211c80319c-", one.Json.GetProperty("traceparent").GetString(), StringComparison.Ordinal);
        Assert.Equal(("app", "letter.v1", "رسائل/in coming", "application/json; charset=utf-8"), (Text(one, "source"), Text(one, "type"), Text(one, "topic"), Text(one, "datacontenttype")));
        Assert.Contains("\"data\":{\"text\":\"مرحبا <&>\"}", one.Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", 1)]
    [InlineData("{\"status\":\"\"}", 1)]
    [InlineData("{\"STATUS\":\"SUCCESS\"}", 1)]
    [InlineData("plain", 1)]
    [InlineData("[\"RETRY\"]", 1)]
    [InlineData("{\"status\":\"RETRY\"} rest", 3)]
    [InlineData("{\"Status\":\"WHATEVER\"}", 3)]
    [InlineData("{\"status\":\"DROP\"}", 1)]
    public async Task The_status_of_a_2xx_answer_decides(string answer, int deliveries)
    {
        var app = new RecordingApp(Subscribe("t")) { Answer = (_, n) => Results.Text(n < 3 ? answer : "", "application/json") };
        await using var mesh = await PubSubMesh.StartAsync(PubSubMesh.Sqlite, app.Configure);
        await mesh.PublishAsync("pubsub/t", "1");
        await Poll.UntilAsync(() => app.Received.Count >= deliveries && Pending(mesh) == 0);
        Assert.Equal(deliveries, app.Received.Count);
        Assert.Single(app.Received.Select(one => one.Body).Distinct());
    }

    [Theory]
    [InlineData(500, 3)]
    [InlineData(400, 3)]
    [InlineData(404, 1)]
    public async Task A_failure_comes_back_and_404_does_not(int status, int deliveries)
    {
        var app = new RecordingApp(Subscribe("t")) { Answer = (_, n) => Results.StatusCode(n < 3 ? status : 200) };
        await using var mesh = await PubSubMesh.StartAsync(PubSubMesh.Sqlite, app.Configure);
        await mesh.PublishAsync("pubsub/t", "1");
        await Poll.UntilAsync(() => app.Received.Count >= deliveries && Pending(mesh) == 0);
        Assert.Equal(deliveries, app.Received.Count);
    }

    [Fact]
    public async Task The_in_memory_bus_does_not_redeliver()
    {
        var app = new RecordingApp(Subscribe("t")) { Answer = (_, _) => Results.StatusCode(500) };
        await using var mesh = await PubSubMesh.StartAsync(PubSubMesh.InMemory, app.Configure);
        await mesh.PublishAsync("pubsub/t", "1");
        await mesh.PublishAsync("pubsub/t", "2");
        await Poll.UntilAsync(() => app.Received.Count == 2);
        Assert.Equal(["1", "2"], app.Received.Select(one => one.Data));
    }

    [Theory]
    [InlineData(PubSubMesh.InMemory, 500, "")]
    [InlineData(PubSubMesh.Sqlite, 500, "")]
    [InlineData(PubSubMesh.Sqlite, 404, "")]
    [InlineData(PubSubMesh.Sqlite, 200, "{\"status\":\"DROP\"}")]
    [InlineData(PubSubMesh.Sqlite, 200, "{\"status\":\"RETRY\"}")]
    public async Task What_is_not_processed_goes_to_the_dead_letter_topic_as_it_was(string resources, int status, string answer)
    {
        var app = new RecordingApp("""[{"pubsubname":"pubsub","topic":"t","route":"/in","deadLetterTopic":"dead"},{"pubsubname":"pubsub","topic":"dead","route":"/dead"}]""")
        {
            Answer = (one, _) => one.Path == "/in" ? Results.Text(answer, "application/json", statusCode: status) : Results.Ok(),
        };
        await using var mesh = await PubSubMesh.StartAsync(resources, app.Configure);
        await mesh.PublishAsync("pubsub/t", "{\"n\":1}");
        await Poll.UntilAsync(() => app.On("/dead").Any());
        Assert.Equal(app.On("/in").Single().Body, app.On("/dead").Single().Body);
        Assert.Equal("t", Text(app.On("/dead").Single(), "topic"));
    }

    [Fact]
    public async Task What_is_no_event_goes_to_the_dead_letter_topic_and_an_expired_one_too()
    {
        var app = new RecordingApp("""
            [{"pubsubname":"pubsub","topic":"t","route":"/in","deadLetterTopic":"dead"},
             {"pubsubname":"pubsub","topic":"dead","route":"/dead","metadata":{"rawPayload":"true"}}]
            """);
        await using var mesh = await PubSubMesh.StartAsync(PubSubMesh.Sqlite, app.Configure);
        await mesh.PublishAsync("pubsub/t", "no json", "text/plain", "?metadata.rawPayload=true");
        await mesh.PublishAsync("pubsub/t", """{"id":"old","expiration":"2020-01-01T00:00:00Z"}""", "application/cloudevents+json");
        await Poll.UntilAsync(() => app.On("/dead").Count() == 2);
        Assert.Contains(app.On("/dead"), one => Encoding.UTF8.GetString(one.Json.GetProperty("data_base64").GetBytesFromBase64()) == "no json");
        Assert.Empty(app.On("/in"));
    }

    [Fact]
    public async Task Routing_rules_choose_the_path_in_their_order()
    {
        var app = new RecordingApp(Subscribe("t", """
            "routes": {"default": "/default", "rules": [{"match": "event.type == \"letter.v2\"", "path": "/v2"},
                {"match": "event.data.kind == \"memo\" && event.source.startsWith(\"tests\")", "path": "/memo"}]}
            """));
        await using var mesh = await PubSubMesh.StartAsync(PubSubMesh.InMemory, app.Configure);
        await mesh.PublishAsync("pubsub/t", "{}", query: "?metadata.cloudevent.type=letter.v2");
        await mesh.PublishAsync("pubsub/t", """{"kind":"memo"}""", query: "?metadata.cloudevent.source=tests");
        await mesh.PublishAsync("pubsub/t", "text", "text/plain");
        await Poll.UntilAsync(() => app.Received.Count == 3);
        Assert.Equal(["/v2", "/memo", "/default"], app.Received.Select(one => one.Path));
    }

    [Fact]
    public async Task Without_a_matching_rule_an_event_is_dropped()
    {
        var app = new RecordingApp(Subscribe("t", """ "routes": {"rules": [{"match": "event.type == 'wanted'", "path": "/wanted"}]} """));
        await using var mesh = await PubSubMesh.StartAsync(PubSubMesh.Sqlite, app.Configure);
        await mesh.PublishAsync("pubsub/t", "1");
        await mesh.PublishAsync("pubsub/t", "2", query: "?metadata.cloudevent.type=wanted");
        await Poll.UntilAsync(() => !app.Received.IsEmpty && Pending(mesh) == 0);
        Assert.Equal("2", app.Received.Single().Data);
    }

    [Fact]
    public async Task A_raw_subscription_gets_any_bytes_in_a_new_envelope()
    {
        var app = new RecordingApp(Subscribe("t", """ "route": "/in", "metadata": {"rawPayload": "true"} """));
        await using var mesh = await PubSubMesh.StartAsync(PubSubMesh.Sqlite, app.Configure);
        await mesh.PublishAsync("pubsub/t", "any bytes", "text/plain", "?metadata.rawPayload=true");
        await Poll.UntilAsync(() => !app.Received.IsEmpty);
        var one = app.Received.Single();
        Assert.Equal(("Dapr", "application/octet-stream", "any bytes"),
            (Text(one, "source"), Text(one, "datacontenttype"), Encoding.UTF8.GetString(one.Json.GetProperty("data_base64").GetBytesFromBase64())));
    }

    [Theory]
    [InlineData("")]
    [InlineData("""

        ---
        apiVersion: dapr.io/v1alpha1
        kind: Resiliency
        metadata: { name: r }
        spec: { policies: { retries: { DefaultRetryPolicy: { policy: constant, duration: 1ms, maxRetries: 3 } } } }
        """)]
    public async Task A_bulk_subscription_gets_many_at_once_and_only_what_failed_again(string resiliency)
    {
        var app = new RecordingApp(Subscribe("t", """ "route": "/bulk", "deadLetterTopic": "", "bulkSubscribe": {"enabled": true, "maxMessagesCount": 5, "maxAwaitDurationMs": 2000} """))
        {
            Answer = (one, n) => Results.Json(new
            {
                statuses = Entries(one).Select(entry => new { entryId = entry.Id, status = n == 1 && entry.Data == "3" ? "RETRY" : entry.Data == "4" ? "DROP" : "SUCCESS" }),
            }),
        };
        await using var mesh = await PubSubMesh.StartAsync(PubSubMesh.Sqlite + resiliency, app.Configure);
        var entries = Enumerable.Range(1, 5).Select(n => $$"""{"entryId":"{{n}}","event":{{n}},"contentType":"application/json"}""");
        Assert.Equal(HttpStatusCode.NoContent, (await mesh.SendAsync("/v1.0-alpha1/publish/bulk/pubsub/t", $"[{string.Join(',', entries)}]")).StatusCode);
        await Poll.UntilAsync(() => Pending(mesh) == 0);
        var calls = app.Received.ToList();
        Assert.Equal("application/json", calls[0].ContentType);
        Assert.Equal(("com.dapr.event.sent.bulk", "t", "pubsub"), (Text(calls[0], "type"), Text(calls[0], "topic"), Text(calls[0], "pubsubname")));
        Assert.Equal("application/cloudevents+json", calls[0].Json.GetProperty("entries")[0].GetProperty("contentType").GetString());
        Assert.Equal(["1", "2", "3", "4", "5"], Entries(calls[0]).Select(entry => entry.Data).Order());
        Assert.Equal(["3"], calls.Skip(1).SelectMany(Entries).Select(entry => entry.Data));
    }

    [Fact]
    public async Task Declarative_subscriptions_of_both_versions_run_and_the_apps_own_replace_them()
    {
        var app = new RecordingApp(Subscribe("both", "\"route\": \"/own\""));
        await using var mesh = await PubSubMesh.StartAsync($$"""
            {{PubSubMesh.InMemory}}
            ---
            apiVersion: dapr.io/v1alpha1
            kind: Subscription
            metadata: { name: one }
            spec: { pubsubname: pubsub, topic: one, route: /one }
            scopes: [app]
            ---
            apiVersion: dapr.io/v2alpha1
            kind: Subscription
            metadata: { name: two }
            spec: { pubsubname: pubsub, topic: two, routes: { rules: [ { match: event.type == "x", path: /x } ], default: /two } }
            ---
            apiVersion: dapr.io/v1alpha1
            kind: Subscription
            metadata: { name: both }
            spec: { pubsubname: pubsub, topic: both, route: /declared }
            ---
            apiVersion: dapr.io/v1alpha1
            kind: Subscription
            metadata: { name: others }
            spec: { pubsubname: pubsub, topic: one, route: /others }
            scopes: [other-app]
            """, app.Configure);
        foreach (var topic in new[] { "one", "two", "both" })
        {
            await mesh.PublishAsync($"pubsub/{topic}", "1");
        }
        await Poll.UntilAsync(() => app.Received.Count == 3);
        Assert.Equal(["/one", "/own", "/two"], app.Received.Select(one => one.Path).Order());
        var subscriptions = (await mesh.MetadataAsync()).GetProperty("subscriptions").EnumerateArray().ToDictionary(item => item.GetProperty("topic").GetString()!);
        Assert.Equal("DECLARATIVE", subscriptions["two"].GetProperty("type").GetString());
        Assert.Equal("event.type == \"x\"", subscriptions["two"].GetProperty("rules")[0].GetProperty("match").GetString());
        Assert.Equal("PROGRAMMATIC", subscriptions["both"].GetProperty("type").GetString());
    }

    [Fact]
    public async Task The_inbound_policy_retries_within_one_delivery_before_the_dead_letter_topic()
    {
        var app = new RecordingApp("""[{"pubsubname":"pubsub","topic":"t","route":"/in","deadLetterTopic":"dead"},{"pubsubname":"pubsub","topic":"dead","route":"/dead"}]""")
        {
            Answer = (one, _) => Results.StatusCode(one.Path == "/in" ? one.Data == "\"no\"" || one.Data == "no" ? 400 : 503 : 200),
        };
        await using var mesh = await PubSubMesh.StartAsync($$"""
            {{PubSubMesh.InMemory}}
            ---
            apiVersion: dapr.io/v1alpha1
            kind: Resiliency
            metadata: { name: r }
            spec:
              policies: { retries: { some: { policy: constant, duration: 1ms, maxRetries: 2, matching: { httpStatusCodes: "500-599" } } } }
              targets: { components: { pubsub: { inbound: { retry: some } } } }
            """, app.Configure);
        await mesh.PublishAsync("pubsub/t", "\"yes\"");
        await mesh.PublishAsync("pubsub/t", "\"no\"");
        await Poll.UntilAsync(() => app.On("/dead").Count() == 2);
        Assert.Equal(["yes", "yes", "yes", "no"], app.On("/in").Select(one => one.Data));
    }

    [Fact]
    public async Task An_app_that_goes_away_loses_nothing_and_nothing_becomes_a_dead_letter()
    {
        var app = new RecordingApp("""[{"pubsubname":"pubsub","topic":"t","route":"/in","deadLetterTopic":"dead"},{"pubsubname":"pubsub","topic":"dead","route":"/dead"}]""");
        await using var mesh = await PubSubMesh.StartAsync(PubSubMesh.Sqlite, app.Configure);
        await mesh.PublishAsync("pubsub/t", "1");
        await Poll.UntilAsync(() => app.Received.Count == 1);
        await mesh.StopAppAsync();
        foreach (var n in Enumerable.Range(2, 20))
        {
            Assert.Equal(HttpStatusCode.NoContent, await mesh.PublishAsync("pubsub/t", $"{n}"));
        }
        await mesh.StartAppAsync();
        await Poll.UntilAsync(() => app.On("/in").Count() == 21 && Pending(mesh) == 0);
        Assert.Empty(app.On("/dead"));
    }

    [Fact]
    public async Task Events_wait_for_a_sidecar_that_is_stopped_and_started_again()
    {
        var app = new RecordingApp(Subscribe("t")) { Answer = (one, _) => Results.StatusCode(one.Data == "1" ? 500 : 200) };
        await using var mesh = await PubSubMesh.StartAsync(PubSubMesh.Sqlite, app.Configure);
        await mesh.PublishAsync("pubsub/t", "1");
        await Poll.UntilAsync(() => app.Received.Count >= 2);
        await mesh.StopSidecarAsync();
        app.Received.Clear();
        app.Answer = null;
        await mesh.StartSidecarAsync();
        await Poll.UntilAsync(() => app.Received.Count == 1 && Pending(mesh) == 0);
    }

    private static string? Text(Received one, string name) => one.Json.GetProperty(name).GetString();

    private static IEnumerable<(string Id, string Data)> Entries(Received one) =>
        one.Json.GetProperty("entries").EnumerateArray().Select(entry => (entry.GetProperty("entryId").GetString()!, entry.GetProperty("event").GetProperty("data").GetRawText()));

    private static long Pending(PubSubMesh mesh)
    {
        using var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={Path.Combine(mesh.Folder, "pubsub.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT count(*) FROM messages";
        return (long)command.ExecuteScalar()!;
    }
}
