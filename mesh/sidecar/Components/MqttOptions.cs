using MQTTnet.Protocol;

namespace Tarasol.Sidecar.Components;

/// <summary>Metadata of a pubsub.mqtt3 component, with daprd's names and defaults.</summary>
internal sealed record MqttOptions
{
    public static readonly IReadOnlyList<string> Keys = ["url", "consumerID", "qos", "retain", "cleanSession", .. ClientTls.Keys];

    public required string Name { get; init; }

    public required Uri Address { get; init; }

    /// <summary>The url asks for TLS.</summary>
    public bool Secure { get; init; }

    public int Port => Address.Port > 0 ? Address.Port : Secure ? 8883 : 1883;

    public MqttQualityOfServiceLevel Qos { get; init; }

    public bool Retain { get; init; }

    public bool CleanSession { get; init; }

    public required ClientTls Tls { get; init; }

    /// <summary>Throws <see cref="ComponentException"/>.</summary>
    public static MqttOptions Read(ComponentSpec spec)
    {
        var values = new ComponentValues(spec);
        // The text may hold a password: it is not repeated.
        if (!Uri.TryCreate(values.Required("url"), UriKind.Absolute, out var address) || address.Host.Length == 0)
            throw values.Wrong("url is no address; write for example mqtt://host:1883 or mqtts://user:password@host:8883");
        if (address.Scheme is not ("mqtt" or "tcp" or "mqtts" or "tcps" or "ssl" or "tls"))
            throw values.Wrong($"url: the scheme {address.Scheme} is not served; mqtt, tcp, mqtts, tcps, ssl and tls are");
        return new MqttOptions
        {
            Name = spec.Name,
            Address = address,
            Secure = address.Scheme is not ("mqtt" or "tcp"),
            Qos = (MqttQualityOfServiceLevel)values.Number("qos", 1, 0, 2),
            Retain = values.Truth("retain"),
            CleanSession = values.Truth("cleanSession"),
            Tls = ClientTls.Read(values),
        };
    }
}
