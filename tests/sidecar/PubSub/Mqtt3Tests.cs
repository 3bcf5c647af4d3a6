using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using MQTTnet.Protocol;
using Tarasol.Tests.Servers;

namespace Tarasol.Tests.Sidecar.PubSub;

/// <summary>pubsub.mqtt3 on a real Mosquitto.</summary>
public sealed class Mqtt3Tests(MqttBroker broker) : IClassFixture<MqttBroker>
{
    private static string Subscribe(string topic, string rest = "\"route\":\"/in\"") => $$"""[{"pubsubname":"pubsub","topic":"{{topic}}",{{rest}}}]""";

    [Theory]
    [InlineData("wire-0", "qos = 0", "", MqttQualityOfServiceLevel.AtMostOnce)]
    [InlineData("wire-1", "retain = false", "", MqttQualityOfServiceLevel.AtLeastOnce)]
    [InlineData("wire-2", "qos = 2", "", MqttQualityOfServiceLevel.ExactlyOnce)]
    public async Task A_message_is_the_envelope_on_the_topic_with_the_components_qos(string topic, string metadata, string query, MqttQualityOfServiceLevel qos)
    {
        var (client, seen) = await broker.ListenAsync(topic);
        using (client)
        {
            await using var mesh = await PubSubMesh.StartAsync(await broker.ComponentAsync(topic, metadata), new RecordingApp("[]").Configure);
            Assert.Equal(HttpStatusCode.NoContent, await mesh.PublishAsync($"pubsub/{topic}", """{"n":1}""", query: query));
            await Poll.UntilAsync(() => seen.Count == 1);
            Assert.Equal((qos, false), (seen[0].QualityOfServiceLevel, seen[0].Retain));
            Assert.Equal((topic, "pubsub"), (JsonDocument.Parse(MqttBroker.Text(seen[0])).RootElement.GetProperty("topic").GetString(), JsonDocument.Parse(MqttBroker.Text(seen[0])).RootElement.GetProperty("pubsubname").GetString()));
        }
    }

    [Theory]
    [InlineData("kept-by-component", "retain = true", "", true)]
    [InlineData("kept-by-message", "retain = false", "?metadata.retain=true", true)]
    [InlineData("not-kept", "retain = true", "?metadata.retain=F", false)]
    public async Task A_retained_message_waits_for_later_subscribers(string topic, string metadata, string query, bool kept)
    {
        await using var publisher = await PubSubMesh.StartAsync(await broker.ComponentAsync($"{topic}-p", metadata), new RecordingApp("[]").Configure);
        Assert.Equal(HttpStatusCode.NoContent, await publisher.PublishAsync($"pubsub/{topic}", "1", query: query));
        var app = new RecordingApp(Subscribe(topic));
        await using var mesh = await PubSubMesh.StartAsync(await broker.ComponentAsync(topic), app.Configure);
        await publisher.PublishAsync($"pubsub/{topic}", "2", query: "?metadata.retain=false");
        await Poll.UntilAsync(() => app.Received.Any(one => one.Data == "2"));
        Assert.Equal(kept ? ["1:true", "2:false"] : ["2:false"], app.Received.Select(one => $"{one.Data}:{one.Headers["retained"]}"));
    }

    [Fact]
    public async Task Wildcards_and_shares_take_the_messages_of_their_topics()
    {
        var app = new RecordingApp("""
            [{"pubsubname":"pubsub","topic":"w/+/new","route":"/plus"},{"pubsubname":"pubsub","topic":"w/deep/#","route":"/hash"},
             {"pubsubname":"pubsub","topic":"$share/group/shared/x","route":"/shared"},{"pubsubname":"pubsub","topic":"w/exact","route":"/exact"}]
            """);
        await using var mesh = await PubSubMesh.StartAsync(await broker.ComponentAsync("wild"), app.Configure);
        foreach (var topic in new[] { "w/a/new", "w/deep/er/still", "shared/x", "w/exact", "w/none/at/all" })
        {
            Assert.Equal(HttpStatusCode.NoContent, await mesh.PublishAsync($"pubsub/{topic}", $"\"{topic}\""));
        }
        await Poll.UntilAsync(() => app.Received.Count == 4);
        Assert.Equal(["/exact w/exact", "/hash w/deep/er/still", "/plus w/a/new", "/shared shared/x"], app.Received.Select(one => $"{one.Path} {one.Data}").Order());
        Assert.Contains("SUBSCRIBE_WILDCARDS", (await mesh.MetadataAsync()).GetProperty("components")[0].GetProperty("capabilities").EnumerateArray().Select(item => item.GetString()));
        using var refused = await mesh.SendAsync("/v1.0/publish/pubsub/w/%2B/new", "1");
        Assert.Equal(HttpStatusCode.InternalServerError, refused.StatusCode);
    }

    [Fact]
    public async Task Hosts_that_share_a_topic_divide_its_messages_and_other_consumers_get_all()
    {
        var (one, two, other) = (new RecordingApp(Subscribe("$share/g/divided")), new RecordingApp(Subscribe("$share/g/divided")), new RecordingApp(Subscribe("divided")));
        await using var first = await PubSubMesh.StartAsync(await broker.ComponentAsync("divided-1"), one.Configure);
        await using var second = await PubSubMesh.StartAsync(await broker.ComponentAsync("divided-2"), two.Configure);
        await using var third = await PubSubMesh.StartAsync(await broker.ComponentAsync("divided-3"), other.Configure);
        foreach (var n in Enumerable.Range(1, 100))
        {
            await first.PublishAsync("pubsub/divided", $"{n}");
        }
        await Poll.UntilAsync(() => one.Received.Count + two.Received.Count == 100 && other.Received.Count == 100);
        Assert.True(one.Received.Count > 10 && two.Received.Count > 10, $"{one.Received.Count} and {two.Received.Count}");
    }

    [Fact]
    public async Task Events_wait_for_an_app_and_a_sidecar_that_are_away()
    {
        var app = new RecordingApp("""[{"pubsubname":"pubsub","topic":"away/1","route":"/in","deadLetterTopic":"away-dead"},{"pubsubname":"pubsub","topic":"away/2","route":"/in"},{"pubsubname":"pubsub","topic":"away-dead","route":"/dead"}]""");
        await using var other = await PubSubMesh.StartAsync(await broker.ComponentAsync("away-p"), new RecordingApp("[]").Configure);
        await using var mesh = await PubSubMesh.StartAsync(await broker.ComponentAsync("away"), app.Configure);
        await mesh.PublishAsync("pubsub/away/1", "1");
        await Poll.UntilAsync(() => app.Received.Count == 1);
        await mesh.StopAppAsync();
        foreach (var n in Enumerable.Range(2, 20))
        {
            Assert.Equal(HttpStatusCode.NoContent, await mesh.PublishAsync($"pubsub/away/{1 + (n % 2)}", $"{n}"));
        }
        await mesh.StopSidecarAsync();
        await other.PublishAsync("pubsub/away/2", "22");
        await mesh.StartAppAsync();
        await mesh.StartSidecarAsync();
        await Poll.UntilAsync(() => app.On("/in").Select(one => one.Data).Distinct().Count() == 22);
        Assert.Empty(app.On("/dead"));
    }

    [Fact]
    public async Task With_cleanSession_nothing_waits()
    {
        var app = new RecordingApp(Subscribe("clean"));
        await using var other = await PubSubMesh.StartAsync(await broker.ComponentAsync("clean-p"), new RecordingApp("[]").Configure);
        await using var mesh = await PubSubMesh.StartAsync(await broker.ComponentAsync("clean", "cleanSession = true"), app.Configure);
        await mesh.StopSidecarAsync();
        await other.PublishAsync("pubsub/clean", "1");
        await mesh.StartSidecarAsync();
        await other.PublishAsync("pubsub/clean", "2");
        await Poll.UntilAsync(() => !app.Received.IsEmpty);
        Assert.Equal("2", app.Received.Single().Data);
    }

    [Fact]
    public async Task A_failed_message_stays_unacknowledged_and_comes_again()
    {
        var app = new RecordingApp(Subscribe("again")) { Answer = (_, n) => Results.StatusCode(n < 3 ? 500 : 200) };
        await using var mesh = await PubSubMesh.StartAsync(await broker.ComponentAsync("again"), app.Configure);
        await mesh.PublishAsync("pubsub/again", "1");
        await Poll.UntilAsync(() => app.Received.Count == 1);
        // Unacknowledged: the next connection brings it again.
        await mesh.StopSidecarAsync();
        await mesh.StartSidecarAsync();
        await Poll.UntilAsync(() => app.Received.Count >= 3);
        await mesh.StopSidecarAsync();
        app.Received.Clear();
        await mesh.StartSidecarAsync();
        await mesh.PublishAsync("pubsub/again", "2");
        await Poll.UntilAsync(() => app.Received.Any(one => one.Data == "2"));
        Assert.DoesNotContain(app.Received, one => one.Data == "1");
    }

    [Fact]
    public async Task A_message_whose_dead_letter_cannot_be_written_is_tried_again_and_kept_for_the_next_host()
    {
        // To a topic with a wildcard nothing can be published.
        var app = new RecordingApp("""[{"pubsubname":"pubsub","topic":"kept","route":"/in","deadLetterTopic":"kept/+"}]""") { Answer = (_, _) => Results.StatusCode(500) };
        await using (var mesh = await PubSubMesh.StartAsync(await broker.ComponentAsync("kept"), app.Configure))
        {
            await mesh.PublishAsync("pubsub/kept", "1");
            await Poll.UntilAsync(() => app.Received.Count >= 2);
        }
        var (client, dead) = await broker.ListenAsync("kept-dead");
        using (client)
        {
            var next = new RecordingApp("""[{"pubsubname":"pubsub","topic":"kept","route":"/in","deadLetterTopic":"kept-dead"}]""") { Answer = (_, _) => Results.StatusCode(500) };
            await using var second = await PubSubMesh.StartAsync(await broker.ComponentAsync("kept"), next.Configure);
            await Poll.UntilAsync(() => dead.Count == 1);
            Assert.Equal(app.Received.First().Body, MqttBroker.Text(dead[0]));
        }
    }

    [Fact]
    public async Task What_the_app_refuses_goes_to_the_dead_letter_topic()
    {
        var app = new RecordingApp("""[{"pubsubname":"pubsub","topic":"bad","route":"/in","deadLetterTopic":"bad/dead"},{"pubsubname":"pubsub","topic":"bad/dead","route":"/dead"}]""")
        {
            Answer = (one, _) => Results.StatusCode(one.Path == "/in" ? 500 : 200),
        };
        await using var mesh = await PubSubMesh.StartAsync(await broker.ComponentAsync("bad"), app.Configure);
        await mesh.PublishAsync("pubsub/bad", "1");
        await Poll.UntilAsync(() => app.On("/dead").Any());
        Assert.Equal(app.On("/in").Single().Body, app.On("/dead").Single().Body);
    }

    [Fact]
    public async Task Bulk_publish_and_bulk_subscribe_carry_every_entry()
    {
        var app = new RecordingApp(Subscribe("bulk", """ "route":"/bulk","bulkSubscribe":{"enabled":true,"maxMessagesCount":15,"maxAwaitDurationMs":200} """))
        {
            Answer = (one, _) => Results.Json(new { statuses = one.Json.GetProperty("entries").EnumerateArray().Select(entry => new { entryId = entry.GetProperty("entryId").GetString(), status = "SUCCESS" }) }),
        };
        await using var mesh = await PubSubMesh.StartAsync(await broker.ComponentAsync("bulk"), app.Configure);
        var entries = Enumerable.Range(1, 200).Select(n => $$"""{"entryId":"{{n}}","event":{{n}},"contentType":"application/json"}""");
        Assert.Equal(HttpStatusCode.NoContent, (await mesh.SendAsync("/v1.0/publish/bulk/pubsub/bulk", $"[{string.Join(',', entries)}]")).StatusCode);
        List<int> Seen() => [.. app.Received.SelectMany(one => one.Json.GetProperty("entries").EnumerateArray()).Select(entry => entry.GetProperty("event").GetProperty("data").GetInt32()).Order()];
        await Poll.UntilAsync(() => Seen().Count >= 200);
        Assert.Equal(Enumerable.Range(1, 200), Seen());
        Assert.True(app.Received.Count < 100, $"{app.Received.Count} calls for 200 entries");
    }

    [Fact]
    public async Task After_the_brokers_death_what_was_accepted_is_delivered_and_publishing_goes_on()
    {
        using var hold = new ManualResetEventSlim(false);
        var app = new RecordingApp(Subscribe("killed")) { Answer = (_, _) => { hold.Wait(TimeSpan.FromSeconds(60)); return Results.Ok(); } };
        await using var mesh = await PubSubMesh.StartAsync(await broker.ComponentAsync("killed"), app.Configure);
        foreach (var n in Enumerable.Range(1, 50))
        {
            Assert.Equal(HttpStatusCode.NoContent, await mesh.PublishAsync("pubsub/killed", $"{n}"));
        }
        var server = await broker.ServerAsync();
        await server.KillAsync();
        var late = mesh.PublishAsync("pubsub/killed", "51");
        hold.Set();
        await server.StartAgainAsync();
        Assert.Equal(HttpStatusCode.NoContent, await late);
        await Poll.UntilAsync(() => Enumerable.Range(1, 51).All(n => app.Received.Any(one => one.Data == $"{n}")));
    }

    [Fact]
    public async Task A_broker_that_is_not_there_at_the_start_is_waited_for_and_health_says_so()
    {
        await using var server = await MosquittoServer.StartAsync();
        await server.KillAsync();
        var app = new RecordingApp(Subscribe("late"));
        await using var mesh = await PubSubMesh.StartAsync(MqttBroker.Component(server.Address), app.Configure, healthy: false);
        foreach (var path in new[] { "/v1.0/healthz", "/v1.0/healthz/outbound" })
        {
            using var answer = await mesh.Http.GetAsync(new Uri(path, UriKind.Relative));
            Assert.Equal((HttpStatusCode.InternalServerError, true), (answer.StatusCode, (await answer.Content.ReadAsStringAsync()).Contains("component pubsub", StringComparison.Ordinal)));
        }
        await server.StartAgainAsync();
        await mesh.HealthyAsync();
        await mesh.PublishAsync("pubsub/late", "1");
        await Poll.UntilAsync(() => !app.Received.IsEmpty);
    }

    [Fact]
    public async Task A_broker_that_stays_away_refuses_publishing_with_its_reason()
    {
        await using var server = await MosquittoServer.StartAsync();
        await using var mesh = await PubSubMesh.StartAsync(MqttBroker.Component(server.Address), new RecordingApp("[]").Configure);
        await server.KillAsync();
        using var refused = await mesh.SendAsync("/v1.0/publish/pubsub/t", "1");
        Assert.Equal((HttpStatusCode.InternalServerError, true),
            (refused.StatusCode, (await refused.Content.ReadAsStringAsync()).Contains("\"errorCode\":\"ERR_PUBSUB_PUBLISH_MESSAGE\"", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_wrong_retain_is_the_publishers_mistake()
    {
        await using var mesh = await PubSubMesh.StartAsync(await broker.ComponentAsync("mistake"), new RecordingApp("[]").Configure);
        using var answer = await mesh.SendAsync("/v1.0/publish/pubsub/t?metadata.retain=perhaps", "1");
        Assert.Equal((HttpStatusCode.InternalServerError, true), (answer.StatusCode, (await answer.Content.ReadAsStringAsync()).Contains("mqtt invalid retain perhaps", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("url", "url is missing")]
    [InlineData("url = localhost", "url is no address")]
    [InlineData("url = http://localhost", "url: the scheme http is not served")]
    [InlineData("qos = 3", "qos must be a whole number from 0 to 2, not 3")]
    [InlineData("caCert = none", "caCert is not a certificate in PEM form")]
    public async Task Wrong_metadata_is_refused_by_name(string metadata, string problem)
    {
        var failure = await Assert.ThrowsAnyAsync<Exception>(() => PubSubMesh.StartAsync(MqttBroker.Component("127.0.0.1:1", metadata), new RecordingApp("[]").Configure));
        Assert.Contains(problem, failure.Message, StringComparison.Ordinal);
        Assert.Contains("component pubsub (pubsub.mqtt3)", failure.Message, StringComparison.Ordinal);
    }
}
