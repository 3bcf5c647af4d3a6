using System.Net;
using System.Text.Json;

namespace Tarasol.Tests.Sidecar.PubSub;

public class PublishApiTests
{
    private const string Scoped = """
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata: { name: pubsub }
        spec:
          type: pubsub.in-memory
          version: v1
          metadata:
          - { name: allowedTopics, value: "a,b,secret" }
          - { name: protectedTopics, value: secret }
          - { name: publishingScopes, value: "app=a;other=b" }
          - { name: subscriptionScopes, value: "app=a" }
        """;

    [Theory]
    [InlineData("/v1.0/publish/none/t", "1", 404, "ERR_PUBSUB_NOT_FOUND")]
    [InlineData("/v1.0/publish/bulk/none/t", "[]", 404, "ERR_PUBSUB_NOT_FOUND")]
    [InlineData("/v1.0/publish/bulk/t", "[]", 404, "ERR_PUBSUB_NOT_FOUND")]
    [InlineData("/v1.0/publish/pubsub/a?metadata.rawPayload=maybe", "1", 400, "ERR_PUBSUB_REQUEST_METADATA")]
    [InlineData("/v1.0/publish/pubsub/b", "1", 403, "ERR_PUBSUB_FORBIDDEN")]
    [InlineData("/v1.0/publish/pubsub/c", "1", 403, "ERR_PUBSUB_FORBIDDEN")]
    [InlineData("/v1.0/publish/bulk/pubsub/secret", "[]", 403, "ERR_PUBSUB_FORBIDDEN")]
    [InlineData("/v1.0/publish/bulk/pubsub/a", "{}", 400, "ERR_PUBSUB_EVENTS_SER")]
    [InlineData("/v1.0/publish/bulk/pubsub/a", "", 400, "ERR_PUBSUB_EVENTS_SER")]
    [InlineData("/v1.0/publish/bulk/pubsub/a", "[1]", 400, "ERR_PUBSUB_EVENTS_SER")]
    [InlineData("/v1.0/publish/bulk/pubsub/a", """[{"event":1,"contentType":"application/json"}]""", 400, "ERR_PUBSUB_EVENTS_SER")]
    [InlineData("/v1.0/publish/bulk/pubsub/a", """[{"entryId":1,"event":1,"contentType":"application/json"}]""", 400, "ERR_PUBSUB_EVENTS_SER")]
    [InlineData("/v1.0/publish/bulk/pubsub/a", """[{"entryId":"1","event":1}]""", 400, "ERR_PUBSUB_EVENTS_SER")]
    [InlineData("/v1.0/publish/bulk/pubsub/a", """[{"entryId":"1","event":1,"contentType":"text/plain"}]""", 400, "ERR_PUBSUB_EVENTS_SER")]
    [InlineData("/v1.0/publish/bulk/pubsub/a", """[{"entryId":"1","event":"*","contentType":"application/octet-stream"}]""", 400, "ERR_PUBSUB_EVENTS_SER")]
    [InlineData("/v1.0/publish/bulk/pubsub/a", """[{"entryId":"1","event":1,"contentType":"application/json","metadata":{"k":1}}]""", 400, "ERR_PUBSUB_EVENTS_SER")]
    public async Task What_cannot_be_published_has_daprs_code(string path, string body, int status, string code)
    {
        await using var mesh = await PubSubMesh.StartAsync(Scoped, new RecordingApp("[]").Configure);
        using var answer = await mesh.SendAsync(path, body);
        using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        Assert.Equal((status, code), ((int)answer.StatusCode, json.RootElement.GetProperty("errorCode").GetString()));
        Assert.StartsWith("DAPR_PUBSUB_", json.RootElement.GetProperty("details").EnumerateArray().Last().GetProperty("reason").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_no_cloud_event_cannot_be_published_as_one()
    {
        await using var mesh = await PubSubMesh.StartAsync(PubSubMesh.InMemory, new RecordingApp("[]").Configure);
        using var answer = await mesh.SendAsync("/v1.0/publish/pubsub/t", "[1]", "application/cloudevents+json; charset=utf-8");
        using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        Assert.Equal((HttpStatusCode.InternalServerError, "ERR_PUBSUB_CLOUD_EVENTS_SER", "cannot create cloudevent"),
            (answer.StatusCode, json.RootElement.GetProperty("errorCode").GetString(), json.RootElement.GetProperty("message").GetString()));
    }

    [Theory]
    [InlineData("/v1.0/publish/pubsub")]
    [InlineData("/v1.0/publish/pubsub/")]
    [InlineData("/v1.0/publish")]
    [InlineData("/v1.0/publish/bulk/")]
    public async Task A_path_without_a_topic_is_no_route(string path)
    {
        await using var mesh = await PubSubMesh.StartAsync(PubSubMesh.InMemory, new RecordingApp("[]").Configure);
        using var answer = await mesh.SendAsync(path, "1");
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task A_subscription_that_the_scopes_forbid_is_left_out_and_the_others_run()
    {
        var app = new RecordingApp("""[{"pubsubname":"pubsub","topic":"b","route":"/b"},{"pubsubname":"none","topic":"a","route":"/none"},{"pubsubname":"pubsub","topic":"a","route":"/a"}]""");
        await using var mesh = await PubSubMesh.StartAsync(Scoped, app.Configure);
        Assert.Equal(HttpStatusCode.NoContent, await mesh.PublishAsync("pubsub/a", "1"));
        await Poll.UntilAsync(() => app.On("/a").Any());
        Assert.Equal("a", Assert.Single((await mesh.MetadataAsync()).GetProperty("subscriptions").EnumerateArray()).GetProperty("topic").GetString());
    }

    [Fact]
    public async Task Entries_of_a_bulk_take_the_requests_metadata_below_their_own()
    {
        var app = new RecordingApp("""[{"pubsubname":"pubsub","topic":"t","route":"/in"}]""");
        await using var mesh = await PubSubMesh.StartAsync(PubSubMesh.InMemory, app.Configure);
        using var answer = await mesh.SendAsync("/v1.0/publish/bulk/pubsub/t?metadata.cloudevent.type=all&metadata.cloudevent.subject=s", """
            [{"entryId":"1","event":"own","contentType":"text/plain","metadata":{"cloudevent.type":"own"}},
             {"ENTRYID":"2","event":"AAEC/w==","contenttype":"application/octet-stream"},
             {"entryId":"3","event":{"id":"mine","data":1},"contentType":"application/cloudevents+json"}]
            """);
        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        await Poll.UntilAsync(() => app.Received.Count == 3);
        var events = app.Received.Select(one => one.Json).ToList();
        Assert.Equal(("own", "s"), (events[0].GetProperty("type").GetString(), events[0].GetProperty("subject").GetString()));
        Assert.Equal(("com.dapr.event.sent", "AAEC/w=="), (events[1].GetProperty("type").GetString(), events[1].GetProperty("data_base64").GetString()));
        Assert.Equal("mine", events[2].GetProperty("id").GetString());
        Assert.Equal(3, events.Select(one => one.GetProperty("traceparent").GetString()).Distinct().Count());
    }
}
