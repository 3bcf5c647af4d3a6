using System.Globalization;
using Tarasol.Sidecar.Components;
using YamlDotNet.RepresentationModel;

namespace Tarasol.Sidecar.Diagnostics;

/// <summary>Where spans go (Configuration spec.tracing).</summary>
/// <param name="Rate">Share of the traces that begin here and are exported; a caller's own decision is kept.</param>
/// <param name="Otlp">Null: not by OTLP.</param>
/// <param name="Zipkin">Full address of the Zipkin receiver; null: none. Both may be given.</param>
internal sealed record TracingSection(double Rate, OtlpSection? Otlp, Uri? Zipkin)
{
    /// <summary>Null when nothing is to be exported. Throws <see cref="ConfigurationException"/>.</summary>
    public static TracingSection? Read(YamlNode node, ResourceDocument document)
    {
        var text = node.Text("samplingRate") is { Length: > 0 } written ? written : "1";
        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var rate) || rate is not (>= 0 and <= 1))
            throw document.Wrong(node.Child("samplingRate") ?? node, $"samplingRate must be from 0 to 1, not {text}");
        if (rate == 0)
            return null;
        Uri? zipkin = null;
        if (node.Child("zipkin").Text("endpointAddress") is { Length: > 0 } given && !(Uri.TryCreate(given, UriKind.Absolute, out zipkin) && zipkin.Scheme is "http" or "https"))
            throw document.Wrong(node.Child("zipkin")!, $"zipkin endpointAddress {given} is no http or https address");
        var otlp = OtlpSection.Read(node.Child("otel"), document);
        return otlp is null && zipkin is null ? null : new TracingSection(rate, otlp, zipkin);
    }
}

/// <summary>An OTLP receiver.</summary>
/// <param name="Endpoint">Full address of the OTLP receiver; null: what OTEL_EXPORTER_OTLP_ENDPOINT says.</param>
/// <param name="Grpc">OTLP over gRPC instead of HTTP.</param>
/// <param name="Headers">key=value, comma list.</param>
/// <param name="Timeout">Null: the exporter's own.</param>
internal sealed record OtlpSection(Uri? Endpoint, bool Grpc, string Headers, TimeSpan? Timeout)
{
    /// <summary>Null when there is none.</summary>
    public static OtlpSection? Read(YamlNode? otel, ResourceDocument document)
    {
        var endpoint = otel.Text("endpointAddress") ?? "";
        var protocol = otel.Text("protocol") ?? "";
        if (endpoint.Length == 0 && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("OTEL_EXPORTER_OTLP_ENDPOINT")))
            return null;
        if (endpoint.Length == 0)
            return new OtlpSection(null, Grpc: Environment.GetEnvironmentVariable("OTEL_EXPORTER_OTLP_PROTOCOL") is not "http/protobuf", "", null);
        if (protocol is not ("http" or "grpc"))
            throw document.Wrong(otel!, $"invalid protocol {protocol} provided for Otel endpoint: http and grpc are served");
        var secure = otel.Text("isSecure") is not { Length: > 0 } given || Truth.Parse(given);
        if (!Uri.TryCreate($"{(secure ? "https" : "http")}://{endpoint}{(protocol == "http" ? "/v1/traces" : "")}", UriKind.Absolute, out var address))
            throw document.Wrong(otel!, $"endpointAddress {endpoint} is no host and port");
        var headers = otel.Child("headers") switch
        {
            YamlSequenceNode list => string.Join(',', list.Children.OfType<YamlScalarNode>().Select(header => header.Value)),
            YamlScalarNode { Value: { } one } => one,
            _ => "",
        };
        TimeSpan? timeout = otel.Text("timeout") is { Length: > 0 } limit ? ComponentDuration.TryParse(limit, out var span) ? span : throw document.Wrong(otel!, $"timeout {limit} is no duration") : null;
        return new OtlpSection(address, protocol == "grpc", headers, timeout);
    }
}
