using System.Net;
using System.Text.Json;
using Dapr.Client;
using Dapr.Client.Autogen.Grpc.v1;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Http;
using Tarasol.Tests.Sidecar.PubSub;
using Service = Dapr.Client.Autogen.Grpc.v1.Dapr;

namespace Tarasol.Tests.Sidecar.ConfigurationStores;

/// <summary>What every configuration store does. Each test has keys of its own.</summary>
public abstract class ConfigurationTests : IAsyncLifetime
{
    /// <summary>Starts the server, if there is one.</summary>
    public virtual ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    protected string Key { get; } = $"k{Guid.NewGuid():N}";

    /// <summary>The component "configstore".</summary>
    private protected abstract string Resources { get; }

    private protected abstract Task SetAsync(string folder, string key, string value, string version);

    private protected abstract Task DeleteAsync(string folder, string key);

    [Theory]
    [InlineData("v1.0")]
    [InlineData("v1.0-alpha1")]
    public async Task Items_are_read_and_missing_ones_left_out(string version)
    {
        await using var sidecar = await SidecarUnderTest.StartAsync(Resources);
        await SetAsync(sidecar.Folder, Key, "ق", "2");
        await SetAsync(sidecar.Folder, Key + "b", "plain", "");
        await Poll.UntilAsync(async () => (await sidecar.SendAsync("GET", $"/{version}/configuration/configstore?key={Key}&key={Key}b&key=absent")).Body
            == $$$"""{"{{{Key}}}":{"value":"ق","version":"2"},"{{{Key}}}b":{"value":"plain"}}""" + "\n");
        Assert.Equal(HttpStatusCode.NoContent, (await sidecar.SendAsync("GET", $"/{version}/configuration/configstore?key=absent")).Status);
        using var all = JsonDocument.Parse((await sidecar.SendAsync("GET", $"/{version}/configuration/configstore")).Body);
        Assert.Equal("plain", all.RootElement.GetProperty(Key + "b").GetProperty("value").GetString());
    }

    [Fact]
    public async Task A_store_that_is_not_there_is_named()
    {
        await using var sidecar = await SidecarUnderTest.StartAsync(Resources);
        foreach (var path in (string[])["", "/subscribe", "/some-id/unsubscribe"])
        {
            var (status, _, body) = await sidecar.SendAsync("GET", $"/v1.0/configuration/other{path}");
            Assert.Equal((HttpStatusCode.BadRequest, """{"errorCode":"ERR_CONFIGURATION_STORE_NOT_FOUND","message":"configuration store other not found"}"""), (status, body));
        }
        using var channel = GrpcChannel.ForAddress($"http://127.0.0.1:{sidecar.GrpcPort}");
        var error = await Assert.ThrowsAsync<RpcException>(async () => await new Service.DaprClient(channel).GetConfigurationAsync(new GetConfigurationRequest { StoreName = "other" }));
        Assert.Equal((StatusCode.InvalidArgument, "configuration store other not found"), (error.StatusCode, error.Status.Detail));
    }

    [Fact]
    public async Task Changes_are_posted_to_the_app_until_it_unsubscribes()
    {
        var app = new RecordingApp("[]");
        await using var mesh = await PubSubMesh.StartAsync(Resources, app.Configure);
        await SetAsync(mesh.Folder, Key, "one", "1");
        var subscribed = JsonDocument.Parse(await mesh.Http.GetStringAsync(new Uri($"v1.0/configuration/configstore/subscribe?key={Key}&key={Key}b", UriKind.Relative))).RootElement;
        var id = subscribed.GetProperty("id").GetString();
        await SetAsync(mesh.Folder, Key, "two", "2");
        await SetAsync(mesh.Folder, Key + "other", "not theirs", "");
        await Poll.UntilAsync(() => app.On($"/configuration/configstore/{Key}").Any(one => one.Body == $$$$"""{"id":"{{{{id}}}}","items":{"{{{{Key}}}}":{"value":"two","version":"2"}}}""" + "\n"));
        await SetAsync(mesh.Folder, Key + "b", "new", "");
        await Poll.UntilAsync(() => app.On($"/configuration/configstore/{Key}b").Any());
        await DeleteAsync(mesh.Folder, Key);
        await Poll.UntilAsync(() => app.On($"/configuration/configstore/{Key}").Any(one => one.Body == $$$$"""{"id":"{{{{id}}}}","items":{"{{{{Key}}}}":{}}}""" + "\n"));
        Assert.DoesNotContain(app.Received, one => one.Path.EndsWith("other", StringComparison.Ordinal));

        Assert.Equal("{\"ok\":true}\n", await mesh.Http.GetStringAsync(new Uri($"v1.0/configuration/configstore/{id}/unsubscribe", UriKind.Relative)));
        using var again = await mesh.Http.GetAsync(new Uri($"v1.0/configuration/configstore/{id}/unsubscribe", UriKind.Relative));
        Assert.Equal(HttpStatusCode.InternalServerError, again.StatusCode);
        Assert.Equal($$"""{"message":"failed to unsubscribe to configuration request {{id}}: subscription with id {{id}} does not exist"}""" + "\n", await again.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task An_app_that_fails_gets_an_update_again_as_the_inbound_policy_says()
    {
        var app = new RecordingApp("[]") { Answer = (_, count) => count < 3 ? Results.StatusCode(500) : Results.Ok() };
        await using var mesh = await PubSubMesh.StartAsync($$"""
            {{Resources}}
            ---
            apiVersion: dapr.io/v1alpha1
            kind: Resiliency
            metadata: { name: policies }
            spec:
              policies: { retries: { often: { policy: constant, duration: 10ms, maxRetries: 5 } } }
              targets: { components: { configstore: { inbound: { retry: often } } } }
            """, app.Configure);
        await mesh.Http.GetStringAsync(new Uri($"v1.0/configuration/configstore/subscribe?key={Key}", UriKind.Relative));
        await SetAsync(mesh.Folder, Key, "one", "");
        await Poll.UntilAsync(() => app.Received.Count == 3);
    }

    [Fact]
    public async Task An_app_without_a_port_cannot_subscribe_over_http()
    {
        await using var sidecar = await SidecarUnderTest.StartAsync(Resources);
        Assert.Contains("ERR_APP_CHANNEL_NIL", (await sidecar.SendAsync("GET", "/v1.0/configuration/configstore/subscribe?key=a")).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_clients_stream_begins_with_its_id_and_ends_when_it_unsubscribes()
    {
        await using var sidecar = await SidecarUnderTest.StartAsync(Resources);
        using var channel = GrpcChannel.ForAddress($"http://127.0.0.1:{sidecar.GrpcPort}");
        var client = new Service.DaprClient(channel);
        using var stream = client.SubscribeConfiguration(new SubscribeConfigurationRequest { StoreName = "configstore", Keys = { Key } });
        Assert.True(await stream.ResponseStream.MoveNext(CancellationToken.None));
        var id = stream.ResponseStream.Current.Id;
        Assert.NotEmpty(id);
        Assert.Empty(stream.ResponseStream.Current.Items);
        await SetAsync(sidecar.Folder, Key, "two", "2");
        Assert.True(await stream.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(90)));
        Assert.Equal((id, "two", "2"), (stream.ResponseStream.Current.Id, stream.ResponseStream.Current.Items[Key].Value, stream.ResponseStream.Current.Items[Key].Version));
        Assert.True((await client.UnsubscribeConfigurationAsync(new UnsubscribeConfigurationRequest { StoreName = "configstore", Id = id })).Ok);
        Assert.False(await stream.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(90)));
        var unknown = await client.UnsubscribeConfigurationAsync(new UnsubscribeConfigurationRequest { StoreName = "configstore", Id = id });
        Assert.Equal((false, $"failed to unsubscribe to configuration request {id}: subscription does not exist"), (unknown.Ok, unknown.Message));
    }

    [Fact]
    public async Task The_official_client_reads_and_watches()
    {
        await using var sidecar = await SidecarUnderTest.StartAsync(Resources);
        using var client = new DaprClientBuilder().UseGrpcEndpoint($"http://127.0.0.1:{sidecar.GrpcPort}").UseHttpEndpoint($"http://127.0.0.1:{sidecar.HttpPort}").Build();
        await SetAsync(sidecar.Folder, Key, "one", "1");
        await Poll.UntilAsync(async () => (await client.GetConfiguration("configstore", [Key])).Items.TryGetValue(Key, out var item) && (item.Value, item.Version) == ("one", "1"));
        var subscription = await client.SubscribeConfiguration("configstore", [Key]);
        var seen = new TaskCompletionSource<string>();
        var reading = Task.Run(async () =>
        {
            // The first one has the id alone.
            await foreach (var items in subscription.Source)
            {
                if (items.TryGetValue(Key, out var item))
                    seen.TrySetResult(item.Value);
            }
        });
        await Poll.UntilAsync(() => subscription.Id.Length > 0);
        await SetAsync(sidecar.Folder, Key, "two", "2");
        Assert.Equal("two", await seen.Task.WaitAsync(TimeSpan.FromSeconds(90)));
        Assert.True((await client.UnsubscribeConfiguration("configstore", subscription.Id)).Ok);
        await reading.WaitAsync(TimeSpan.FromSeconds(90));
    }

    [Fact]
    public async Task A_stream_ends_as_unavailable_when_the_host_stops()
    {
        var sidecar = await SidecarUnderTest.StartAsync(Resources);
        using var channel = GrpcChannel.ForAddress($"http://127.0.0.1:{sidecar.GrpcPort}");
        using var stream = new Service.DaprClient(channel).SubscribeConfiguration(new SubscribeConfigurationRequest { StoreName = "configstore" });
        Assert.True(await stream.ResponseStream.MoveNext(CancellationToken.None));
        var next = stream.ResponseStream.MoveNext(CancellationToken.None);
        await sidecar.DisposeAsync();
        Assert.Equal(StatusCode.Unavailable, (await Assert.ThrowsAsync<RpcException>(() => next.WaitAsync(TimeSpan.FromSeconds(90)))).StatusCode);
    }
}
