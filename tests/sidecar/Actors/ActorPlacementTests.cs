using System.Net.Http.Json;
using System.Text.Json;
using Tarasol.Tests.Sidecar.Scheduling;

namespace Tarasol.Tests.Sidecar.Actors;

public sealed class ActorPlacementTests
{
    [Fact]
    public async Task An_actor_in_another_process_is_found_by_name_resolution()
    {
        await using var mesh = await ActorMesh.StartAsync(twoHosts: true);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1.0/actors/counter/a%20b/method/echo?q=%20") { Content = JsonContent.Create(new { x = 1 }) };
        request.Headers.Add("x-custom", "c");
        using var response = await mesh.Alpha.SendAsync(request);
        var seen = (await response.Content.ReadFromJsonAsync<Received>())!;
        Assert.Equal(("PUT", "/actors/counter/a%20b/method/echo?q=%20", """{"x":1}"""), (seen.Method, seen.Path, seen.Body));
        Assert.Equal(("c", "alpha"), (seen.Headers["x-custom"], seen.Headers["dapr-caller-app-id"]));
        Assert.Equal("yes", response.Headers.GetValues("x-from-app").Single());
        Assert.DoesNotContain(seen.Headers.Keys, name => name.StartsWith("x-actor-", StringComparison.Ordinal));

        using var failed = await mesh.Alpha.PostAsync("/v1.0/actors/counter/a1/method/fail", null);
        Assert.Equal("error invoke actor method: rpc error: code = Internal desc = error invoke actor method: error from actor service: (500) {\"why\":\"asked to\"}",
            (await failed.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("message").GetString());
    }

    [Fact]
    public async Task Calls_from_both_processes_share_the_actors_turns()
    {
        await using var mesh = await ActorMesh.StartAsync(twoHosts: true);
        var slow = mesh.Alpha.PostAsync("/v1.0/actors/counter/q/method/slow", null);
        await Eventually.Holds(() => mesh.App.Of("/slow").Any(), "the slow call");
        var other = mesh.Beta.PostAsync("/v1.0/actors/counter/q/method/inc", null);
        using var unrelated = await mesh.Alpha.PostAsync("/v1.0/actors/counter/r/method/inc", null);
        Assert.Empty(mesh.App.Of("/q/method/inc"));
        mesh.App.Gate.Release();
        (await slow).Dispose();
        (await other).Dispose();
        Assert.Single(mesh.App.Of("/q/method/inc"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_type_that_two_apps_host_has_one_place_and_moves_when_that_goes(bool twoHosts)
    {
        await using var mesh = await ActorMesh.StartAsync(twoHosts: twoHosts, alphaConfig: """{"entities":["counter"]}""");
        foreach (var sidecar in (HttpClient[])[mesh.Alpha, mesh.Beta])
        {
            using var answer = await sidecar.PostAsync("/v1.0/actors/counter/q/method/inc", null);
            Assert.Equal(200, (int)answer.StatusCode);
        }
        Assert.Equal(2, mesh.AlphaApp.Of("/q/method/inc").Count());
        Assert.Empty(mesh.App.Of("/q/method/inc"));
        if (!twoHosts)
            return;
        await mesh.StopAlphaAsync();
        using var moved = await mesh.Beta.PostAsync("/v1.0/actors/counter/q/method/inc", null);
        Assert.Equal(200, (int)moved.StatusCode);
        Assert.Single(mesh.App.Of("/q/method/inc"));
    }

    [Fact]
    public async Task The_hosts_own_routes_are_not_on_the_API_port()
    {
        await using var mesh = await ActorMesh.StartAsync();
        using var types = await mesh.Beta.GetAsync("/internal/beta/actors/types");
        Assert.False(types.IsSuccessStatusCode);
    }

    [Fact]
    public async Task At_the_hosts_stop_a_call_may_end_within_the_drain_time()
    {
        await using var mesh = await ActorMesh.StartAsync("""{"entities":["counter"],"drainOngoingCallTimeout":"1m"}""");
        var slow = mesh.Alpha.PostAsync("/v1.0/actors/counter/q/method/slow", null);
        await Eventually.Holds(() => mesh.App.Of("/slow").Any(), "the slow call");
        var stopping = mesh.StopHostsAsync();
        await Eventually.Answers(mesh.IsAcceptingActorsAsync, accepting => !accepting, "the host takes no new calls");
        mesh.App.Gate.Release();
        using var answer = await slow;
        Assert.Equal(200, (int)answer.StatusCode);
        await stopping;
        Assert.Contains(mesh.App.Received, request => request is { Method: "DELETE", Path: "/actors/counter/q" });
    }

    [Fact]
    public async Task After_the_drain_time_a_call_is_cut_off()
    {
        await using var mesh = await ActorMesh.StartAsync("""{"entities":["counter"],"drainOngoingCallTimeout":"50ms"}""");
        var slow = mesh.Alpha.PostAsync("/v1.0/actors/counter/q/method/slow", null);
        await Eventually.Holds(() => mesh.App.Of("/slow").Any(), "the slow call");
        var stopping = mesh.StopHostsAsync();
        using var answer = await slow;
        Assert.Equal(500, (int)answer.StatusCode);
        await stopping;
    }

    [Fact]
    public async Task Resiliency_policies_limit_a_turn_and_repeat_a_call()
    {
        await using var mesh = await ActorMesh.StartAsync(resiliency: """
            apiVersion: dapr.io/v1alpha1
            kind: Resiliency
            metadata:
              name: actors
            spec:
              policies:
                timeouts:
                  short: 100ms
                retries:
                  twice:
                    policy: constant
                    duration: 10ms
                    maxRetries: 2
              targets:
                actors:
                  counter:
                    timeout: short
                    retry: twice
            """);
        using var answer = await mesh.Alpha.PostAsync("/v1.0/actors/counter/q/method/slow", null);
        Assert.Equal(500, (int)answer.StatusCode);
        Assert.Contains("did not answer within", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(3, mesh.App.Of("/slow").Count());
        using var next = await mesh.Alpha.PostAsync("/v1.0/actors/counter/q/method/inc", null);
        Assert.Equal(200, (int)next.StatusCode);
    }
}
