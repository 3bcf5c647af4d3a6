using System.Diagnostics.Metrics;
using Prometheus;

namespace Tarasol.Sidecar.Diagnostics;

/// <summary>Figures that parts of the host keep as a .NET meter, with daprd's names as they are, in the registry of the metrics port.</summary>
internal sealed class MeterBridge : IDisposable
{
    private const string Meters = "Tarasol.Sidecar";

    private readonly MeterListener listener = new();
    private readonly MetricFactory make;

    public MeterBridge(SidecarMetrics metrics)
    {
        make = Metrics.WithCustomRegistry(metrics.Registry);
        if (!metrics.Enabled)
            return;
        listener.InstrumentPublished = (instrument, all) =>
        {
            if (instrument.Meter.Name.StartsWith(Meters, StringComparison.Ordinal))
                all.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Take(instrument, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Take(instrument, value, tags));
        listener.Start();
    }

    public void Dispose() => listener.Dispose();

    private void Take(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var names = new string[tags.Length];
        var values = new string[tags.Length];
        for (var at = 0; at < tags.Length; at++)
            (names[at], values[at]) = (tags[at].Key, tags[at].Value?.ToString() ?? "");
        var help = instrument.Description ?? instrument.Name;
        switch (instrument)
        {
            case Counter<long> or Counter<double>: make.CreateCounter(instrument.Name, help, names).WithLabels(values).Inc(value); break;
            case UpDownCounter<long> or UpDownCounter<double>: make.CreateGauge(instrument.Name, help, names).WithLabels(values).Inc(value); break;
            default: make.CreateHistogram(instrument.Name, help, names, new HistogramConfiguration { Buckets = Histogram.ExponentialBuckets(1, 2, 20) }).WithLabels(values).Observe(value); break;
        }
    }
}
