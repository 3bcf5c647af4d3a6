using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using HdrHistogram;

namespace Tarasol.Tests.Load.Publish;

/// <summary>From publish to handled: how many a second with 16 publishers, and how long one takes when nothing else is under way.</summary>
internal static class PublishLoad
{
    private const int Publishers = 16;
    private const int Single = 300;
    private const int WarmUp = 1000;
    // Mosquitto, set up to lose nothing, writes its whole file with each event.
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);
    private static readonly string Text = new('x', 200);

    public static async Task RunAsync(int events, IReadOnlyList<string> names, CancellationToken cancel)
    {
        Report.Title($"Publish to handled, {events} events, {Publishers} publishers", "broker", "bare client /s", "via host /s", "ratio", "bare p50 ms", "via host p50 ms");
        foreach (var broker in BrokerLoad.All.Where(broker => names.Contains(broker.Name)))
        {
            await using var server = broker.Server is null ? null : await broker.Server();
            Report.Progress($"publish, {broker.Name}, bare client");
            (double PerSecond, double Median) bare;
            await using (var client = broker.Bare(server))
                bare = await MeasureAsync(client, events, cancel);
            Report.Progress($"publish, {broker.Name}, via host");
            await using var viaHost = new ViaHost(broker.Component(server));
            var via = await MeasureAsync(viaHost, events, cancel);
            Report.Row(broker.Name, Report.Number(bare.PerSecond), Report.Number(via.PerSecond), Report.Number(via.PerSecond / bare.PerSecond, "0.00"), Report.Number(bare.Median, "0.00"),
                Report.Number(via.Median, "0.00"));
        }
    }

    private static async Task<(double PerSecond, double Median)> MeasureAsync(IEventClient client, int events, CancellationToken cancel)
    {
        var handled = new ConcurrentDictionary<int, TaskCompletionSource>();
        await client.SubscribeAsync(json =>
        {
            using var document = JsonDocument.Parse(json);
            var number = document.RootElement.TryGetProperty("data", out var data) ? data.GetProperty("number").GetInt32() : document.RootElement.GetProperty("number").GetInt32();
            Of(number).TrySetResult();
        }, cancel);

        await ManyAsync(0, WarmUp);
        var perSecond = await ManyAsync(WarmUp, events);
        var histogram = ClosedLoop.NewHistogram();
        for (var number = WarmUp + events; number < WarmUp + events + Single; number++)
        {
            var start = Stopwatch.GetTimestamp();
            await client.PublishAsync(Event(number), cancel);
            await Of(number).Task.WaitAsync(Limit, cancel);
            ClosedLoop.Record(histogram, Stopwatch.GetElapsedTime(start));
        }

        return (perSecond, histogram.GetValueAtPercentile(50) / 1000.0);

        TaskCompletionSource Of(int number) => handled.GetOrAdd(number, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));

        async Task<double> ManyAsync(int from, int count)
        {
            var watch = Stopwatch.StartNew();
            await Parallel.ForEachAsync(Enumerable.Range(from, count), new ParallelOptions { MaxDegreeOfParallelism = Publishers, CancellationToken = cancel },
                async (number, stop) => await client.PublishAsync(Event(number), stop));
            await Task.WhenAll(Enumerable.Range(from, count).Select(number => Of(number).Task)).WaitAsync(Limit, cancel);
            return count / watch.Elapsed.TotalSeconds;
        }
    }

    private static byte[] Event(int number) => JsonSerializer.SerializeToUtf8Bytes(new { number, text = Text });
}
