using Dapr.AppCallback.Autogen.Grpc.v1;
using Microsoft.AspNetCore.Builder;
using Tarasol.Tests.Sidecar.Hosting;
using Tarasol.Tests.Sidecar.Invocation;
using Verdict = Dapr.AppCallback.Autogen.Grpc.v1.TopicEventResponse.Types.TopicEventResponseStatus;

namespace Tarasol.Tests.Sidecar.PubSub;

/// <summary>Events, jobs and input bindings of apps that speak gRPC (wire: 6.2 to 6.4).</summary>
public sealed class GrpcAppTests
{
    [Fact]
    public async Task Events_reach_OnTopicEvent_by_the_app_s_own_subscriptions()
    {
        var app = new GrpcApp { Subscriptions = { Subscriptions = { new TopicSubscription { PubsubName = "pubsub", Topic = "t" } } } };
        await using var mesh = await TestMesh.StartAsync(PubSubMesh.InMemory, [app.At("app")]);

        await mesh.SendAsync("app", "POST", "/v1.0/publish/pubsub/t", """{"n":1}""");
        await Poll.UntilAsync(() => app.Received.OfType<TopicEventRequest>().Any());

        var received = app.Received.OfType<TopicEventRequest>().Single();
        Assert.Equal(("t", "pubsub", "app", "1.0", "application/json", """{"n":1}"""),
            (received.Topic, received.PubsubName, received.Source, received.SpecVersion, received.DataContentType, received.Data.ToStringUtf8()));
        Assert.StartsWith("00-", received.Extensions.Fields["traceparent"].StringValue);
    }

    [Fact]
    public async Task Routing_rules_choose_the_path_and_what_matches_none_is_dropped()
    {
        var app = new GrpcApp
        {
            Subscriptions = { Subscriptions = { new TopicSubscription { PubsubName = "pubsub", Topic = "t", Routes = new TopicRoutes { Rules = { new TopicRule { Match = "event.type == 'wanted'", Path = "/wanted" } } } } } },
        };
        await using var mesh = await TestMesh.StartAsync(PubSubMesh.InMemory, [app.At("app")]);

        await mesh.SendAsync("app", "POST", "/v1.0/publish/pubsub/t?metadata.cloudevent.type=other", "1");
        await mesh.SendAsync("app", "POST", "/v1.0/publish/pubsub/t?metadata.cloudevent.type=wanted", "2");
        await Poll.UntilAsync(() => app.Received.OfType<TopicEventRequest>().Any());

        Assert.Equal([("/wanted", "2")], app.Received.OfType<TopicEventRequest>().Select(one => (one.Path, one.Data.ToStringUtf8())));
    }

    [Fact]
    public async Task RETRY_brings_the_event_again_and_DROP_sends_it_to_the_dead_letter_topic()
    {
        var app = new GrpcApp
        {
            Subscriptions = { Subscriptions = { new TopicSubscription { PubsubName = "pubsub", Topic = "t", DeadLetterTopic = "dead" }, new TopicSubscription { PubsubName = "pubsub", Topic = "again" },
                new TopicSubscription { PubsubName = "pubsub", Topic = "dead" } } },
            Answer = (one, _) => one.Topic == "t" ? Verdict.Drop : Verdict.Success,
        };
        var retried = 0;
        app.Answer = (one, _) => one.Topic switch
        {
            "t" => Verdict.Drop,
            "again" when Interlocked.Increment(ref retried) < 3 => Verdict.Retry,
            _ => Verdict.Success,
        };
        await using var mesh = await TestMesh.StartAsync(PubSubMesh.Sqlite, [app.At("app")]);

        await mesh.SendAsync("app", "POST", "/v1.0/publish/pubsub/t", "1");
        await mesh.SendAsync("app", "POST", "/v1.0/publish/pubsub/again", "2");

        await Poll.UntilAsync(() => app.Received.OfType<TopicEventRequest>().Any(one => one.Topic == "dead") && retried == 3);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Bulk_events_reach_OnBulkTopicEvent_or_its_alpha_form(bool stable)
    {
        var app = new GrpcApp
        {
            Bulk = stable,
            Subscriptions = { Subscriptions = { new TopicSubscription { PubsubName = "pubsub", Topic = "t", BulkSubscribe = new BulkSubscribeConfig { Enabled = true, MaxMessagesCount = 3, MaxAwaitDurationMs = 200 } } } },
        };
        var test = app.At("app");
        await using var mesh = await TestMesh.StartAsync(PubSubMesh.InMemory, [test with { Configure = web => { test.Configure!(web); web.MapGrpcService<GrpcAlphaCallbacks>(); } }]);

        await mesh.SendAsync("app", "POST", "/v1.0/publish/bulk/pubsub/t",
            """[{"entryId":"1","event":{"n":1},"contentType":"application/json"},{"entryId":"2","event":"two","contentType":"text/plain"},{"entryId":"3","event":"3","contentType":"text/plain"}]""");
        await Poll.UntilAsync(() => app.Received.OfType<TopicEventBulkRequest>().SelectMany(one => one.Entries).Count() >= 3);

        var entries = app.Received.OfType<TopicEventBulkRequest>().SelectMany(one => one.Entries).ToList();
        Assert.Equal(["""{"n":1}""", "two", "3"], entries.Select(entry => entry.CloudEvent.Data.ToStringUtf8()).OrderDescending(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Input_bindings_and_jobs_reach_the_app_and_its_answer_is_followed()
    {
        var app = new GrpcApp { Bindings = { "tick" } };
        await using var mesh = await TestMesh.StartAsync(
            Yaml.All(Yaml.Component("tick", "bindings.cron", ("schedule", "@every 1s")), Yaml.Component("unwanted", "bindings.cron", ("schedule", "@every 1s")), Yaml.Component("memory", "state.in-memory"),
                Yaml.Component("actors", "state.sqlite", ("connectionString", "state.db"), ("actorStateStore", "true"))), [app.At("app")]);
        await mesh.SendAsync("app", "POST", "/v1.0-alpha1/jobs/report", """{"dueTime":"0s","data":{"value":"now"}}""");

        await Poll.UntilAsync(() => app.Received.OfType<BindingEventRequest>().Any() && app.Received.OfType<JobEventRequest>().Any());
        await Poll.UntilAsync(async () => await mesh.StatusAsync("app", "/v1.0/state/memory/from-binding") == 200);

        Assert.All(app.Received.OfType<BindingEventRequest>(), one => Assert.Equal("tick", one.Name));
        Assert.Equal(("report", "job/report"), (app.Received.OfType<JobEventRequest>().First().Name, app.Received.OfType<JobEventRequest>().First().Method));
    }
}

internal sealed class GrpcAlphaCallbacks(GrpcApp app) : AppCallbackAlpha.AppCallbackAlphaBase
{
#pragma warning disable CS0672, CS0612 // Deprecated, and still what older apps have.
    public override Task<TopicEventBulkResponse> OnBulkTopicEventAlpha1(TopicEventBulkRequest request, Grpc.Core.ServerCallContext context)
    {
        app.Received.Enqueue(request);
        return Task.FromResult(new TopicEventBulkResponse { Statuses = { request.Entries.Select(entry => new TopicEventBulkResponseEntry { EntryId = entry.EntryId }) } });
    }
#pragma warning restore CS0672, CS0612
}
