using System.Collections.Concurrent;
using System.Text.Json;
using Dapr.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Tarasol.Tests.Sidecar.Hosting;

namespace Tarasol.Tests.Sidecar.State;

/// <summary>An event for every value of a committed transaction, and none for one that was not (wire: 6.5).</summary>
public sealed class OutboxTests
{
    private readonly ConcurrentQueue<JsonElement> events = new();

    [Fact]
    public async Task A_committed_value_is_published_once_and_its_mark_goes()
    {
        await using var mesh = await StartAsync();

        var answer = await mesh.SendAsync("app", "POST", "/v1.0/state/store/transaction",
            """{"operations":[{"operation":"upsert","request":{"key":"k","value":{"n":1},"metadata":{"contentType":"application/json","colour":"green"}}},{"operation":"delete","request":{"key":"gone"}}]}""");
        await Poll.UntilAsync(() => !events.IsEmpty);

        var one = Assert.Single(events);
        Assert.Equal(204, answer.Status);
        Assert.Equal(("letters", "pubsub", "app", "green", "application/json", """{"n":1}"""),
            (Text(one, "topic"), Text(one, "pubsubname"), Text(one, "source"), Text(one, "colour"), Text(one, "datacontenttype"), one.GetProperty("data").GetRawText()));
        Assert.StartsWith("outbox-", Text(one, "id"));
        Assert.Equal("""{"n":1}""", (await mesh.SendAsync("app", "GET", "/v1.0/state/store/k")).Body);
        await Poll.UntilAsync(() => Keys(mesh).All(key => !key.StartsWith("outbox-", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_projection_is_published_instead_of_the_value_and_not_stored()
    {
        await using var mesh = await StartAsync();

        await mesh.SendAsync("app", "POST", "/v1.0/state/store/transaction",
            """{"operations":[{"operation":"upsert","request":{"key":"k","value":"stored"}},{"operation":"upsert","request":{"key":"k","value":"told","metadata":{"outbox.projection":"true"}}}]}""");
        await Poll.UntilAsync(() => !events.IsEmpty);

        Assert.Equal(("told", "text/plain"), (Text(events.Single(), "data"), Text(events.Single(), "datacontenttype")));
        Assert.Equal("\"stored\"", (await mesh.SendAsync("app", "GET", "/v1.0/state/store/k")).Body);
    }

    [Fact]
    public async Task The_outbox_builder_of_the_client_says_what_is_stored_and_what_is_told()
    {
        await using var mesh = await StartAsync();
        using var dapr = mesh.Dapr("app");

        await dapr.ExecuteStateTransactionAsync("store", new OutboxTransactionBuilder().UpsertWithProjection("k", "stored"u8.ToArray(), "told"u8.ToArray()).Delete("gone").Build());
        await Poll.UntilAsync(() => !events.IsEmpty);

        Assert.Equal("told", Text(events.Single(), "data"));
        Assert.Equal("stored"u8.ToArray(), (await dapr.GetByteStateAsync("store", "k")).ToArray());
    }

    [Fact]
    public async Task A_transaction_that_failed_publishes_nothing()
    {
        await using var mesh = await StartAsync(("outboxDiscardWhenMissingState", "true"));

        var failed = await mesh.SendAsync("app", "POST", "/v1.0/state/store/transaction",
            """{"operations":[{"operation":"upsert","request":{"key":"k","value":1,"etag":"0190a1c6-0000-7000-8000-000000000000"}}]}""");
        await mesh.SendAsync("app", "POST", "/v1.0/state/store/transaction", """{"operations":[{"operation":"upsert","request":{"key":"other","value":"2"}}]}""");
        await Poll.UntilAsync(() => !events.IsEmpty, 30);

        Assert.Equal((500, "ERR_STATE_TRANSACTION"), (failed.Status, failed.ErrorCode));
        Assert.Equal("2", Text(Assert.Single(events), "data"));
    }

    [Fact]
    public async Task Without_its_pubsub_a_transaction_is_refused_before_anything_is_stored()
    {
        await using var mesh = await TestMesh.StartAsync(Yaml.Component("store", "state.in-memory", ("outboxPublishPubsub", "nowhere"), ("outboxPublishTopic", "letters")), [new TestApp("app")]);

        var refused = await mesh.SendAsync("app", "POST", "/v1.0/state/store/transaction", """{"operations":[{"operation":"upsert","request":{"key":"k","value":1}}]}""");

        Assert.Equal((500, "ERR_PUBLISH_OUTBOX"), (refused.Status, refused.ErrorCode));
        Assert.Equal(204, await mesh.StatusAsync("app", "/v1.0/state/store/k"));
    }

    private static string? Text(JsonElement one, string name) => one.GetProperty(name).GetString();

    private static List<string> Keys(TestMesh mesh)
    {
        using var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={Path.Combine(mesh.Folder, "state.db")};Pooling=false");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT key FROM state";
        using var rows = command.ExecuteReader();
        var keys = new List<string>();
        while (rows.Read())
            keys.Add(rows.GetString(0));
        return keys;
    }

    private Task<TestMesh> StartAsync(params (string, string)[] more) => TestMesh.StartAsync(
        Yaml.All(Yaml.Component("pubsub", "pubsub.sqlite", ("connectionString", "pubsub.db"), ("redeliverInterval", "10ms")),
            Yaml.Component("store", "state.sqlite", [("connectionString", "state.db"), ("outboxPublishPubsub", "pubsub"), ("outboxPublishTopic", "letters"), .. more])),
        [
            new TestApp("app", app =>
            {
                app.MapGet("/dapr/subscribe", () => Results.Text("""[{"pubsubname":"pubsub","topic":"letters","route":"/in"}]""", "application/json"));
                app.MapPost("/in", async (HttpRequest request) =>
                {
                    using var body = await JsonDocument.ParseAsync(request.Body);
                    events.Enqueue(body.RootElement.Clone());
                });
            }),
        ]);
}
