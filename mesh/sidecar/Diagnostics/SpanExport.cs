using System.Diagnostics;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Tarasol.Sidecar.Hosting;

namespace Tarasol.Sidecar.Diagnostics;

/// <summary>Exports the spans of each app whose configuration says where to; to the receiver each is a service of its own, named by its app-id.</summary>
internal sealed class SpanExport : IDisposable
{
    private readonly List<TracerProvider> providers = [];

    public SpanExport(AppDirectory apps)
    {
        foreach (var app in apps.Apps)
        {
            if (app.Configuration.Tracing is { } tracing)
                providers.Add(Provider(app, tracing));
        }
    }

    /// <summary>Sends what is still waiting.</summary>
    public void Dispose()
    {
        foreach (var provider in providers)
            provider.Dispose();
    }

    private static TracerProvider Provider(AppRuntime app, TracingSection tracing)
    {
        app.Spans = new ActivitySource($"{app.AppId}/{Guid.NewGuid():N}");
        var builder = Sdk.CreateTracerProviderBuilder()
            .SetResourceBuilder(ResourceBuilder.CreateEmpty().AddService(Environment.GetEnvironmentVariable("OTEL_SERVICE_NAME") is { Length: > 0 } name ? name : app.AppId))
            .SetSampler(new ParentBasedSampler(new TraceIdRatioBasedSampler(tracing.Rate)))
            .AddSource(app.Spans.Name);
        if (tracing.Otlp is { } receiver)
        {
            builder.AddOtlpExporter(otlp =>
            {
                otlp.Protocol = receiver.Grpc ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf;
                if (receiver.Endpoint is not null)
                    otlp.Endpoint = receiver.Endpoint;
                if (receiver.Headers.Length > 0)
                    otlp.Headers = receiver.Headers;
                if (receiver.Timeout is { } timeout)
                    otlp.TimeoutMilliseconds = (int)timeout.TotalMilliseconds;
            });
        }
#pragma warning disable CS0618 // Its makers advise OTLP, and so does the README; but Dapr's configuration has Zipkin, and files that use it are to work.
        if (tracing.Zipkin is { } address)
            builder.AddZipkinExporter(zipkin => zipkin.Endpoint = address);
#pragma warning restore CS0618
        return builder.Build();
    }
}
