using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Tarasol.Tests.Servers;
using Tarasol.Tests.Sidecar.Hosting;

namespace Tarasol.Tests.Sidecar.Actors;

/// <summary>Two copies of an app, each with a sidecar process of its own, share its actors, reminders and jobs: each lives in one place, and moves when that is killed or its app goes.</summary>
[Trait("Scale", "large")]
public sealed class TwoReplicasTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("replicas-").FullName;
    private readonly List<Replica> _replicas = [];

    public async ValueTask InitializeAsync()
    {
        await File.WriteAllTextAsync(Path.Combine(Directory.CreateDirectory(Path.Combine(_folder, "resources")).FullName, "statestore.yaml"), """
            apiVersion: dapr.io/v1alpha1
            kind: Component
            metadata: { name: statestore }
            spec:
              type: state.sqlite
              version: v1
              metadata: [{ name: connectionString, value: state.db }, { name: actorStateStore, value: "true" }]
            """);
        await File.WriteAllTextAsync(Path.Combine(_folder, "config.yaml"), """
            apiVersion: dapr.io/v1alpha1
            kind: Configuration
            metadata: { name: replicas }
            spec:
              nameResolution: { component: sqlite, version: v1, configuration: { connectionString: names.db } }
            """);
        for (var number = 0; number < 2; number++)
            _replicas.Add(await Replica.StartAsync(_folder));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var replica in _replicas)
            await replica.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task An_actor_is_active_in_one_place_and_the_other_host_passes_calls_on()
    {
        for (var round = 1; round <= 5; round++)
        {
            foreach (var replica in _replicas)
                Assert.Equal(HttpStatusCode.OK, (await replica.PostAsync("/v1.0/actors/counter/one/method/inc")).Status);
        }
        var (owner, other) = OwnerOf("/one/method/inc");
        Assert.Equal(10, owner.App.Of("/one/method/inc").Count());
        Assert.Empty(other.App.Of("/one/method/inc"));

        // Turns are taken across hosts, and errors and headers come back as from the actor's own host.
        var slow = other.PostAsync("/v1.0/actors/counter/two/method/slow");
        await Poll.UntilAsync(() => owner.App.Of("/two/method/slow").Any());
        var waiting = owner.PostAsync("/v1.0/actors/counter/two/method/inc");
        Assert.Equal(HttpStatusCode.OK, (await other.PostAsync("/v1.0/actors/counter/three/method/inc")).Status);
        Assert.Empty(owner.App.Of("/two/method/inc"));
        owner.App.Gate.Release();
        await slow;
        Assert.Equal(HttpStatusCode.OK, (await waiting).Status);
        var failed = await other.PostAsync("/v1.0/actors/counter/one/method/fail");
        Assert.Equal(HttpStatusCode.InternalServerError, failed.Status);
        Assert.Contains("error from actor service: (500)", failed.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reminders_and_jobs_set_at_either_host_fire_once_per_due_time()
    {
        for (var number = 0; number < 10; number++)
        {
            Assert.Equal(HttpStatusCode.NoContent, (await _replicas[number % 2].PostAsync($"/v1.0/actors/counter/r{number}/reminders/wake", new { dueTime = "1s" })).Status);
            Assert.Equal(HttpStatusCode.NoContent, (await _replicas[number % 2].PostAsync($"/v1.0/jobs/job{number}", new { dueTime = "1s" })).Status);
        }
        Assert.Equal(HttpStatusCode.NoContent, (await _replicas[0].PostAsync("/v1.0/actors/counter/tick/reminders/tick", new { dueTime = "0s", period = "R3/PT1S" })).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await _replicas[1].PostAsync("/v1.0/actors/counter/late/reminders/late", new { dueTime = "1h" })).Status);
        foreach (var replica in _replicas)
        {
            Assert.Contains("1h", await replica.GetAsync("/v1.0/actors/counter/late/reminders/late"), StringComparison.Ordinal);
            Assert.Contains("\"name\":\"job9\"", await replica.GetAsync("/v1.0/jobs/job9"), StringComparison.Ordinal);
        }

        await Poll.UntilAsync(() => Fired("/remind/wake").Count == 10 && Fired("/job/").Count == 10 && Fired("/remind/tick").Count == 3,
            otherwise: () => $"wake {Fired("/remind/wake").Count}, jobs {Fired("/job/").Count}, tick {Fired("/remind/tick").Count}");
        // The last of them is over; a second firing of an early one would have come by now.
        Assert.Equal(10, Fired("/remind/wake").Distinct().Count());
        Assert.Equal(10, Fired("/job/").Distinct().Count());
        Assert.Equal(3, Fired("/remind/tick").Count);
    }

    [Fact]
    public async Task When_the_host_that_has_them_is_killed_the_other_takes_over()
    {
        await _replicas[0].PostAsync("/v1.0/actors/counter/one/method/inc");
        var (owner, other) = OwnerOf("/one/method/inc");
        for (var number = 0; number < 20; number++)
        {
            await _replicas[number % 2].PostAsync($"/v1.0/actors/counter/r{number}/reminders/wake", new { dueTime = "3s" });
            await _replicas[number % 2].PostAsync($"/v1.0/jobs/job{number}", new { dueTime = "3s" });
        }
        await owner.Host.KillAsync();
        Assert.Equal(HttpStatusCode.OK, (await other.PostAsync("/v1.0/actors/counter/one/method/inc")).Status);
        Assert.Single(other.App.Of("/one/method/inc"));
        await Poll.UntilAsync(() => Fired("/remind/wake").Distinct().Count() == 20 && Fired("/job/").Distinct().Count() == 20);
        Assert.Empty(owner.App.Of("/remind/"));
        Assert.Equal(20, Fired("/remind/wake").Count);
        Assert.Equal(20, Fired("/job/").Count);
    }

    [Fact]
    public async Task When_the_app_of_the_host_that_has_them_goes_they_move_to_the_other_one()
    {
        await _replicas[0].PostAsync("/v1.0/actors/counter/one/method/inc");
        var (owner, other) = OwnerOf("/one/method/inc");
        await _replicas[0].PostAsync("/v1.0/actors/counter/one/reminders/wake", new { dueTime = "2s" });
        await owner.App.StopAsync();
        await Poll.UntilAsync(async () => (await other.PostAsync("/v1.0/actors/counter/one/method/inc")).Status == HttpStatusCode.OK && other.App.Of("/one/method/inc").Any());
        await Poll.UntilAsync(() => other.App.Of("/remind/wake").Any());
        // A host without an app passes on as well.
        Assert.Equal(HttpStatusCode.NoContent, (await owner.PostAsync("/v1.0/jobs/after", new { dueTime = "0s" })).Status);
        await Poll.UntilAsync(() => other.App.Of("/job/after").Any());
    }

    private (Replica Owner, Replica Other) OwnerOf(string path) => _replicas[0].App.Of(path).Any() ? (_replicas[0], _replicas[1]) : (_replicas[1], _replicas[0]);

    private List<string> Fired(string path) => [.. _replicas.SelectMany(replica => replica.App.Of(path)).Select(received => received.Path)];

    private sealed class Replica(string folder, int appPort) : IAsyncDisposable
    {
        private readonly HttpClient _http = new();

        public RawApp App { get; } = new();

        public StandaloneHost Host { get; } = new(folder, "desk", "--app-port", $"{appPort}", "--config", "config.yaml");

        public static async Task<Replica> StartAsync(string folder)
        {
            var replica = new Replica(folder, FreePort.Next());
            await replica.StartAppAsync();
            await replica.Host.HealthyAsync(replica._http);
            return replica;
        }

        public async Task<(HttpStatusCode Status, string Body)> PostAsync(string path, object? body = null)
        {
            using var answer = await _http.PostAsync(Url(path), body is null ? null : JsonContent.Create(body, options: JsonSerializerOptions.Web));
            return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
        }

        public Task<string> GetAsync(string path) => _http.GetStringAsync(Url(path));

        public async ValueTask DisposeAsync()
        {
            await Host.DisposeAsync();
            await App.DisposeAsync();
            _http.Dispose();
        }

        private Task StartAppAsync() => App.StartAsync(appPort);

        private Uri Url(string path) => new($"http://127.0.0.1:{Host.HttpPort}{path}");
    }
}
