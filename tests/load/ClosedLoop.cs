using System.Diagnostics;
using HdrHistogram;

namespace Tarasol.Tests.Load;

/// <summary>So many clients, each of which asks again as soon as it has its answer.</summary>
internal static class ClosedLoop
{
    private const long HighestMicroseconds = 60_000_000;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(3);

    public static async Task<Measured> RunAsync(int clients, int seconds, Func<int, CancellationToken, Task> once, CancellationToken cancel)
    {
        await LoopAsync(clients, WarmUp, once, cancel);
        return await LoopAsync(clients, TimeSpan.FromSeconds(seconds), once, cancel);
    }

    private static async Task<Measured> LoopAsync(int clients, TimeSpan time, Func<int, CancellationToken, Task> once, CancellationToken cancel)
    {
        var watch = Stopwatch.StartNew();
        var histograms = await Task.WhenAll(Enumerable.Range(0, clients).Select(client => Task.Run(async () =>
        {
            var histogram = NewHistogram();
            while (watch.Elapsed < time)
            {
                cancel.ThrowIfCancellationRequested();
                var start = Stopwatch.GetTimestamp();
                await once(client, cancel);
                Record(histogram, Stopwatch.GetElapsedTime(start));
            }

            return histogram;
        }, cancel)));
        var sum = NewHistogram();
        foreach (var histogram in histograms)
            sum.Add(histogram);
        return new(sum.TotalCount / watch.Elapsed.TotalSeconds, sum);
    }

    public static LongHistogram NewHistogram() => new(HighestMicroseconds, 3);

    public static void Record(LongHistogram histogram, TimeSpan latency) => histogram.RecordValue(Math.Clamp((long)latency.TotalMicroseconds, 1, HighestMicroseconds));
}

/// <param name="PerSecond">Answers a second.</param>
/// <param name="Latencies">In microseconds.</param>
internal sealed record Measured(double PerSecond, LongHistogram Latencies)
{
    /// <summary>A percentile in milliseconds.</summary>
    public double At(double percentile) => Latencies.GetValueAtPercentile(percentile) / 1000.0;
}
