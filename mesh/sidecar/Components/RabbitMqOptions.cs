namespace Tarasol.Sidecar.Components;

/// <summary>Metadata of a pubsub.rabbitmq component, with daprd's names and defaults.</summary>
internal sealed record RabbitMqOptions
{
    public static readonly IReadOnlyList<string> Keys =
    [
        "connectionString", "host", "protocol", "hostname", "username", "password", "consumerID", "durable", "deletedWhenUnused", "autoAck", "requeueInFailure", "deliveryMode",
        "prefetchCount", "reconnectWaitSeconds", "exchangeKind", "publisherConfirm", "concurrency", "concurrencyMode", "enableDeadLetter", "maxLen", "maxLenBytes", "ttlInSeconds", "ttl",
        "heartBeat", "clientName", "saslExternal", "publishMessagePropertiesToMetadata", .. ClientTls.Keys,
    ];

    public required string Name { get; init; }

    public required Uri Address { get; init; }

    public bool Durable { get; init; }

    /// <summary>Exchanges and queues are auto-delete.</summary>
    public bool DeletedWhenUnused { get; init; }

    public bool AutoAck { get; init; }

    /// <summary>A failed message goes back to its queue; otherwise to the dead letter exchange, or nowhere.</summary>
    public bool RequeueInFailure { get; init; }

    /// <summary>2: persistent; 0 and 1: lost with the broker's memory.</summary>
    public int DeliveryMode { get; init; }

    /// <summary>0: no limit.</summary>
    public ushort PrefetchCount { get; init; }

    /// <summary>The longest wait between two attempts to connect.</summary>
    public TimeSpan ReconnectWait { get; init; }

    public required string ExchangeKind { get; init; }

    public bool PublisherConfirm { get; init; }

    /// <summary>One message of a subscription at a time.</summary>
    public bool Single { get; init; }

    public bool EnableDeadLetter { get; init; }

    public long MaxLen { get; init; }

    public long MaxLenBytes { get; init; }

    /// <summary>Expiration of messages that name none.</summary>
    public TimeSpan? Ttl { get; init; }

    public TimeSpan HeartBeat { get; init; }

    public string? ClientName { get; init; }

    public bool SaslExternal { get; init; }

    public bool PropertiesToMetadata { get; init; }

    public required ClientTls Tls { get; init; }

    /// <summary>Throws <see cref="ComponentException"/>.</summary>
    public static RabbitMqOptions Read(ComponentSpec spec)
    {
        var values = new ComponentValues(spec);
        var tls = ClientTls.Read(values);
        var external = values.Truth("saslExternal");
        if (external && (tls.Authorities is null || tls.Certificate is null))
            throw values.Wrong("saslExternal can only be true when caCert, clientCert and clientKey are set");
        return new RabbitMqOptions
        {
            Name = spec.Name,
            Address = ReadAddress(values),
            Durable = values.Truth("durable", true),
            DeletedWhenUnused = values.Truth("deletedWhenUnused", true),
            AutoAck = values.Truth("autoAck"),
            RequeueInFailure = values.Truth("requeueInFailure"),
            DeliveryMode = (int)values.Number("deliveryMode", 0, 0, 2),
            PrefetchCount = (ushort)values.Number("prefetchCount", 0, 0, 255),
            ReconnectWait = values.Duration("reconnectWaitSeconds", TimeSpan.FromSeconds(3)),
            ExchangeKind = values.OneOf("exchangeKind", "fanout", "fanout", "topic", "direct", "headers"),
            PublisherConfirm = values.Truth("publisherConfirm"),
            // daprd documents the first key and obeys the second.
            Single = values.OneOf(values.Text("concurrencyMode") is null ? "concurrency" : "concurrencyMode", "parallel", "parallel", "single") == "single",
            EnableDeadLetter = values.Truth("enableDeadLetter"),
            MaxLen = values.Number("maxLen", 0, long.MinValue, long.MaxValue),
            MaxLenBytes = values.Number("maxLenBytes", 0, long.MinValue, long.MaxValue),
            Ttl = MessageTtl.Read(spec.Metadata, out var problem) ?? (problem is null ? null : throw values.Wrong(problem)),
            HeartBeat = values.Duration("heartBeat", TimeSpan.FromSeconds(10)),
            ClientName = values.Text("clientName"),
            SaslExternal = external,
            PropertiesToMetadata = values.Truth("publishMessagePropertiesToMetadata"),
            Tls = tls,
        };
    }

    private static Uri ReadAddress(ComponentValues values)
    {
        var protocol = values.Text("protocol");
        if (protocol is not (null or "amqp" or "amqps"))
            throw values.Wrong($"protocol must be amqp or amqps, not {protocol}");
        if ((values.Text("connectionString") ?? values.Text("host")) is { } text)
        {
            // The text holds a password: it is not repeated.
            if (!Uri.TryCreate(text, UriKind.Absolute, out var given) || given.Scheme is not ("amqp" or "amqps"))
                throw values.Wrong("connectionString is no amqp:// or amqps:// address");
            return protocol is null || protocol == given.Scheme ? given : throw values.Wrong($"protocol {protocol} does not match the connectionString, which says {given.Scheme}");
        }
        var user = values.Text("username") is { } name
            ? Uri.EscapeDataString(name) + (values.Text("password") is { } password ? $":{Uri.EscapeDataString(password)}" : "") + "@" : "";
        return Uri.TryCreate($"{protocol ?? "amqp"}://{user}{values.Text("hostname") ?? "localhost"}", UriKind.Absolute, out var built)
            ? built : throw values.Wrong($"hostname {values.Text("hostname")} is no host");
    }
}
