namespace Tarasol.Sidecar.Components;

/// <summary>The metadata of pubsub.redis besides the connection's. A bare number is milliseconds, but for streamTTL, where it is seconds.</summary>
internal sealed record RedisStreamOptions
{
    public static readonly IReadOnlyList<string> Keys = ["consumerID", "processingTimeout", "redeliverInterval", "queueDepth", "concurrency", "maxLenApprox", "streamTTL"];

    /// <summary>How long a message may be with a consumer before it counts as forgotten. Zero: nothing is delivered again.</summary>
    public TimeSpan ProcessingTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How often to look for forgotten messages. Zero: never.</summary>
    public TimeSpan RedeliverInterval { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How many messages are read ahead.</summary>
    public int QueueDepth { get; init; } = 100;

    /// <summary>How many messages one consumer handles at once, over all its topics.</summary>
    public int Concurrency { get; init; } = 10;

    /// <summary>A stream is cut to about this length; zero: never.</summary>
    public int MaxLenApprox { get; init; }

    /// <summary>Older messages are cut off; zero: never.</summary>
    public TimeSpan StreamTtl { get; init; }

    public bool Redelivers => ProcessingTimeout > TimeSpan.Zero && RedeliverInterval > TimeSpan.Zero;

    public static RedisStreamOptions Read(ComponentSpec spec, ILogger log)
    {
        var metadata = new RedisMetadata(spec);
        var defaults = new RedisStreamOptions();
        var options = new RedisStreamOptions
        {
            ProcessingTimeout = metadata.Duration("processingTimeout") ?? defaults.ProcessingTimeout,
            RedeliverInterval = metadata.Duration("redeliverInterval") ?? defaults.RedeliverInterval,
            QueueDepth = metadata.Number("queueDepth") ?? defaults.QueueDepth,
            Concurrency = metadata.Number("concurrency") ?? defaults.Concurrency,
            MaxLenApprox = metadata.Number("maxLenApprox") ?? 0,
            StreamTtl = metadata.Text("streamTTL") is not { } ttl ? TimeSpan.Zero
                : ComponentDuration.TryParse(ttl, out var given) ? given : throw new ComponentException(spec, $"streamTTL {ttl} is no duration; write for example 24h"),
        };
        if (options.QueueDepth < 1)
            throw new ComponentException(spec, $"queueDepth {options.QueueDepth} must be at least 1");
        if (options.Concurrency < 1)
            throw new ComponentException(spec, $"concurrency {options.Concurrency} must be at least 1");
        if (options is { MaxLenApprox: > 0, StreamTtl.Ticks: > 0 })
            log.LogWarning("component {Name}: maxLenApprox and streamTTL cannot both cut a stream; streamTTL has no effect", spec.Name);
        return options;
    }
}
