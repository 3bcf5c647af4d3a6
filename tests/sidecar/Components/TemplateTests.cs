using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Tarasol.Tests.Sidecar.Hosting;

namespace Tarasol.Tests.Sidecar.Components;

/// <summary>{appID}, {namespace}, {uuid} and {podName} in metadata values.</summary>
public sealed class TemplateTests
{
    [Theory]
    [InlineData("{appID}.db", "one.db", "two.db")]
    [InlineData("{namespace}.db", "here.one.db", "here.two.db")]
    public async Task A_template_gives_each_app_its_own_component(string written, string one, string two)
    {
        await using var mesh = await TestMesh.StartAsync(Yaml.Component("store", "state.sqlite", ("connectionString", written), ("keyPrefix", "none")), [new TestApp("one"), new TestApp("two")],
            options: options => options with { Namespace = "here" });

        await mesh.SendAsync("one", "POST", "/v1.0/state/store", """[{"key":"k","value":1}]""");

        Assert.Equal(204, await mesh.StatusAsync("two", "/v1.0/state/store/k"));
        Assert.True(File.Exists(Path.Combine(mesh.Folder, one)));
        Assert.True(File.Exists(Path.Combine(mesh.Folder, two)));
    }

    [Theory]
    [InlineData("{appID}", "one", "t")]
    [InlineData("{namespace}", "here.one", "heret")]
    [InlineData("fixed", "fixed", "t")]
    public async Task A_consumer_id_is_filled_in_for_each_app_and_they_share_the_bus(string written, string consumer, string topic)
    {
        var received = 0;
        await using var mesh = await TestMesh.StartAsync(Yaml.Component("pubsub", "pubsub.sqlite", ("connectionString", "pubsub.db"), ("consumerID", written)),
        [
            new TestApp("one", app =>
            {
                app.MapGet("/dapr/subscribe", () => Results.Text("""[{"pubsubname":"pubsub","topic":"t","route":"/in"}]""", "application/json"));
                app.MapPost("/in", () => { Interlocked.Increment(ref received); });
            }),
            new TestApp("two"),
        ], options: options => options with { Namespace = "here" });

        await mesh.SendAsync("two", "POST", "/v1.0/publish/pubsub/t", "1");
        await Poll.UntilAsync(() => Volatile.Read(ref received) == 1);

        await using var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={Path.Combine(mesh.Folder, "pubsub.db")};Pooling=false");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT count(*) FROM consumers WHERE topic = $topic AND consumer = $consumer";
        command.Parameters.AddWithValue("$topic", topic);
        command.Parameters.AddWithValue("$consumer", consumer);
        Assert.Equal(1L, await command.ExecuteScalarAsync());
    }

    [Fact]
    public async Task A_uuid_is_a_new_one_for_every_app()
    {
        await using var mesh = await TestMesh.StartAsync(Yaml.Component("store", "state.sqlite", ("connectionString", "{uuid}.db")), [new TestApp("one"), new TestApp("two")]);

        var files = Directory.GetFiles(mesh.Folder, "*.db").Select(file => Guid.Parse(Path.GetFileNameWithoutExtension(file))).ToList();

        Assert.Equal(2, files.Distinct().Count());
    }
}
