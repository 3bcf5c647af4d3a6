using System.Diagnostics;
using System.Net;
using System.Text;
using Tarasol.Tests.Servers;
using Tarasol.Tests.Sidecar.Hosting;

namespace Tarasol.Tests.Sidecar.PubSub.NothingLost;

/// <summary>
/// Events are published without a pause while the broker is killed with -9 three times, the sidecar host twice and the subscriber twice. Whatever was accepted must have
/// its effect, once.
/// </summary>
[Collection(nameof(NothingLostTests))]
[Trait("Scale", "large")]
[CollectionDefinition(nameof(NothingLostTests), DisableParallelization = true)]
public sealed class NothingLostTests : IDisposable
{
    private const int Events = 20_000;
    private const int PoisonEvery = 1000;
    private const int Publishers = 24;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string folder = Directory.CreateTempSubdirectory("nothing-lost-").FullName;
    private readonly DateTime[] acceptedAt = new DateTime[Events];
    private readonly List<DateTime> deaths = [];
    private int accepted;
    private int refused;

    public static TheoryData<string> Brokers => [.. BrokerUnderTest.All.Keys];

    [Theory]
    [MemberData(nameof(Brokers))]
    public async Task Every_accepted_event_has_its_effect_once_and_poison_ends_in_the_dead_letter_topic(string name)
    {
        var broker = BrokerUnderTest.All[name];
        await using var server = broker.StartAsync is null ? null : await broker.StartAsync();
        await File.WriteAllTextAsync(Path.Combine(Directory.CreateDirectory(Path.Combine(folder, "resources")).FullName, "pubsub.yaml"), broker.ComponentFile(server?.Address ?? ""));
        await using var subscriber = new SubscriberProcess(folder);
        await subscriber.StartAsync();
        using var client = new HttpClient();
        var ports = new Ports(FreePort.Next(), FreePort.Next(), subscriber.Port);
        var host = Start(ports);
        try
        {
            await host.HealthyAsync(client);
            var watch = Stopwatch.StartNew();
            var publishing = PublishAllAsync(ports.Http);
            foreach (var (share, victim) in new[] { (10, "broker"), (22, "subscriber"), (34, "host"), (46, "broker"), (58, "subscriber"), (70, "host"), (82, "broker") })
            {
                await Poll.UntilAsync(() => publishing.IsCompleted || accepted >= Events / 100 * share, 120, () => $"only {accepted} events were accepted, and {refused} times one was not");
                Assert.False(publishing.IsCompleted, $"publishing ended before the {victim} was killed at {share} %");
                switch (victim)
                {
                    case "subscriber":
                        await subscriber.KillAsync();
                        await subscriber.StartAsync();
                        break;
                    case "broker" when server is not null:
                        await server.KillAsync();
                        deaths.Add(DateTime.UtcNow);
                        await server.StartAgainAsync();
                        break;
                    default:
                        // The broker inside the host dies with it.
                        await host.KillAsync();
                        await host.DisposeAsync();
                        host = Start(ports);
                        break;
                }
            }
            await publishing;
            // However slow the machine is: as long as events have their effect, others may still be on their way.
            List<long> missing = [];
            var (fewest, last) = (int.MaxValue, Stopwatch.StartNew());
            await Poll.UntilAsync(
                () =>
                {
                    missing = Missing(subscriber);
                    if (missing.Count < fewest)
                    {
                        fewest = missing.Count;
                        last.Restart();
                    }
                    return missing.All(number => MayBeLost(broker, number)) || last.Elapsed > Patience;
                }, 600, () => $"{missing.Count} events were still on their way", everyMilliseconds: 500);
            Assert.True(missing.All(number => MayBeLost(broker, number)), $"{missing.Count} events that were accepted have no effect, the first are {string.Join(", ", missing.Take(5))}, the last is {missing.LastOrDefault()}");
            var (handled, dead) = (subscriber.Numbers("handled"), subscriber.Numbers("dead"));
            Assert.Equal(handled.Distinct(), handled);
            Assert.Equal(dead.Distinct(), dead);
            Assert.DoesNotContain(handled, IsPoison);
            Assert.All(dead, number => Assert.True(IsPoison(number), $"event {number} is in the dead letter topic"));
            TestContext.Current.TestOutputHelper?.WriteLine(
                $"{name}: {watch.Elapsed.TotalSeconds:F1} s, {refused} times an event was not accepted and published again, {subscriber.Deliveries - Events + missing.Count} deliveries more than events, {missing.Count} lost");
        }
        finally
        {
            await host.DisposeAsync();
        }
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static bool IsPoison(long number) => number % PoisonEvery == 0;

    private static List<long> Missing(SubscriberProcess subscriber) =>
        [.. Enumerable.Range(0, Events).Select(number => (long)number).Except(subscriber.Numbers("handled")).Except(subscriber.Numbers("dead"))];

    private bool MayBeLost(BrokerUnderTest broker, long number) =>
        broker.WritesAfter > TimeSpan.Zero && deaths.Exists(death => acceptedAt[number] <= death && death - acceptedAt[number] < broker.WritesAfter);

    private sealed record Ports(int Http, int Grpc, int App);

    private StandaloneHost Start(Ports ports) => new(folder, "app",
        "--app-port", $"{ports.App}", "--dapr-http-port", $"{ports.Http}", "--dapr-grpc-port", $"{ports.Grpc}", "--dapr-listen-addresses", "127.0.0.1", "--log-level", "error");

    /// <summary>As an outbox does: an event has its id from the beginning, and what was not accepted is published again.</summary>
    private Task PublishAllAsync(int port)
    {
        var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = TimeSpan.FromSeconds(60) };
        return Parallel.ForEachAsync(Enumerable.Range(0, Events), new ParallelOptions { MaxDegreeOfParallelism = Publishers }, async (number, cancel) =>
        {
            var poison = IsPoison(number) ? "true" : "false";
            var letter = Encoding.UTF8.GetBytes(
                $$$"""{"specversion":"1.0","id":"letter-{{{number}}}","type":"letter.v1","source":"tests","datacontenttype":"application/json","data":{"number":{{{number}}},"poison":{{{poison}}}}}""");
            var end = DateTime.UtcNow.AddSeconds(120);
            while (!await AcceptedAsync(client, letter, cancel))
            {
                Interlocked.Increment(ref refused);
                Assert.True(DateTime.UtcNow < end, $"event {number} was not accepted");
                await Task.Delay(50, cancel);
            }
            acceptedAt[number] = DateTime.UtcNow;
            Interlocked.Increment(ref accepted);
        }).ContinueWith(done =>
        {
            client.Dispose();
            return done;
        }, TaskScheduler.Default).Unwrap();
    }

    private static async Task<bool> AcceptedAsync(HttpClient client, byte[] letter, CancellationToken cancel)
    {
        try
        {
            using var content = new ByteArrayContent(letter);
            content.Headers.TryAddWithoutValidation("Content-Type", "application/cloudevents+json");
            using var answer = await client.PostAsync(new Uri("/v1.0/publish/pubsub/letters", UriKind.Relative), content, cancel);
            return answer.StatusCode == HttpStatusCode.NoContent;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return false;
        }
    }
}
