using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using NATS.Client.Core;
using NATS.Client.JetStream.Models;
using Tarasol.Sidecar.PubSub;

namespace Tarasol.Sidecar.Components;

/// <summary>Metadata of a pubsub.jetstream component, with daprd's names and defaults; createStreams and {topic} in durableName are our own.</summary>
internal sealed record JetStreamOptions
{
    private const string TopicTemplate = "{topic}";

    public static readonly IReadOnlyList<string> Keys =
    [
        "natsURL", "jwt", "seedKey", "token", "tls_client_cert", "tls_client_key", "name", "streamName", "durableName", "queueGroupName", "startSequence", "startTime", "flowControl", "ackWait",
        "maxDeliver", "backOff", "maxAckPending", "replicas", "memoryStorage", "rateLimit", "heartbeat", "deliverPolicy", "ackPolicy", "domain", "apiPrefix", "concurrency", "concurrencyMode",
        "consumerID", "createStreams",
    ];

    public required string Component { get; init; }

    public required string Url { get; init; }

    public required NatsAuthOpts Auth { get; init; }

    public X509Certificate2? Certificate { get; init; }

    public required string Name { get; init; }

    /// <summary>Null: the stream that takes the topic.</summary>
    public string? StreamName { get; init; }

    public string? DurableName { get; init; }

    public string? QueueGroupName { get; init; }

    public ulong StartSequence { get; init; }

    public DateTimeOffset? StartTime { get; init; }

    public bool FlowControl { get; init; }

    /// <summary>Zero: the server's default, 30 s.</summary>
    public TimeSpan AckWait { get; init; }

    public long MaxDeliver { get; init; }

    public IReadOnlyList<TimeSpan> BackOff { get; init; } = [];

    public long MaxAckPending { get; init; }

    public int Replicas { get; init; }

    public bool MemoryStorage { get; init; }

    public long RateLimit { get; init; }

    public TimeSpan Heartbeat { get; init; }

    public ConsumerConfigDeliverPolicy DeliverPolicy { get; init; }

    public ConsumerConfigAckPolicy AckPolicy { get; init; }

    public string? Domain { get; init; }

    public string? ApiPrefix { get; init; }

    /// <summary>Null: one message at a time, but for subscriptions that want many in one call.</summary>
    public bool? Single { get; init; }

    /// <summary>A topic that no stream takes gets one of its own.</summary>
    public bool CreateStreams { get; init; }

    /// <summary>The durable consumer of a topic; null: none outlives its subscription.</summary>
    public string? Durable(string topic) => DurableName?.Replace(TopicTemplate, StreamOf(topic), StringComparison.Ordinal);

    /// <summary>A topic as a name of NATS, where a dot, a wildcard or a slash may not be.</summary>
    public static string StreamOf(string topic) =>
        string.Concat(topic.Replace("_", "__", StringComparison.Ordinal).Select(letter => letter is '.' or '*' or '>' or '/' or '\\' || char.IsWhiteSpace(letter) ? '_' : letter));

    public int Parallelism(TopicConsumer consumer) => Single switch
    {
        true => 1,
        false => Math.Max(100, consumer.Parallelism ?? 0),
        null => Math.Max(1, consumer.Parallelism ?? 0),
    };

    /// <summary>Throws <see cref="ComponentException"/>.</summary>
    public static JetStreamOptions Read(ComponentSpec spec)
    {
        var values = new ComponentValues(spec);
        var (jwt, seed) = Pair(values, "jwt", "seedKey");
        var (certificate, key) = Pair(values, "tls_client_cert", "tls_client_key");
        return new JetStreamOptions
        {
            Component = spec.Name,
            Url = values.Required("natsURL"),
            Auth = jwt is not null ? new NatsAuthOpts { Jwt = jwt, Seed = seed } : certificate is null && values.Text("token") is { } token ? new NatsAuthOpts { Token = token } : NatsAuthOpts.Default,
            Certificate = jwt is null && certificate is not null ? ReadCertificate(values, certificate, key!) : null,
            Name = values.Text("name") ?? "dapr.io - pubsub.jetstream",
            StreamName = values.Text("streamName"),
            DurableName = values.Text("durableName"),
            QueueGroupName = values.Text("queueGroupName"),
            StartSequence = (ulong)values.Number("startSequence", 0, 0, long.MaxValue),
            StartTime = values.Text("startTime") is null ? null : DateTimeOffset.FromUnixTimeSeconds(values.Number("startTime", 0, 0, 253402300799)),
            FlowControl = values.Truth("flowControl"),
            AckWait = values.Duration("ackWait", TimeSpan.Zero),
            MaxDeliver = values.Number("maxDeliver", 0, -1, int.MaxValue),
            BackOff = ReadBackOff(values),
            MaxAckPending = values.Number("maxAckPending", 0, -1, int.MaxValue),
            Replicas = (int)values.Number("replicas", 0, 0, 5),
            MemoryStorage = values.Truth("memoryStorage"),
            RateLimit = values.Number("rateLimit", 0, 0, long.MaxValue),
            Heartbeat = values.Duration("heartbeat", TimeSpan.Zero),
            DeliverPolicy = values.OneOf("deliverPolicy", "all", "all", "last", "new", "sequence", "time") switch
            {
                "last" => ConsumerConfigDeliverPolicy.Last,
                "new" => ConsumerConfigDeliverPolicy.New,
                "sequence" => ConsumerConfigDeliverPolicy.ByStartSequence,
                "time" => ConsumerConfigDeliverPolicy.ByStartTime,
                _ => ConsumerConfigDeliverPolicy.All,
            },
            // Anything else is explicit, as in daprd.
            AckPolicy = values.Text("ackPolicy") switch { "all" => ConsumerConfigAckPolicy.All, "none" => ConsumerConfigAckPolicy.None, _ => ConsumerConfigAckPolicy.Explicit },
            Domain = values.Text("domain"),
            ApiPrefix = values.Text("apiPrefix"),
            Single = (values.Text("concurrencyMode") ?? values.Text("concurrency")) is null ? null
                : values.OneOf(values.Text("concurrencyMode") is null ? "concurrency" : "concurrencyMode", "single", "single", "parallel") == "single",
            CreateStreams = values.Truth("createStreams"),
        };
    }

    private static (string? First, string? Second) Pair(ComponentValues values, string first, string second) => (values.Text(first), values.Text(second)) switch
    {
        (not null, null) => throw values.Wrong($"{first} needs {second}, which is missing"),
        (null, not null) => throw values.Wrong($"{second} needs {first}, which is missing"),
        var both => both,
    };

    /// <summary>Each a path, or the PEM text itself.</summary>
    private static X509Certificate2 ReadCertificate(ComponentValues values, string certificate, string key)
    {
        try
        {
            string Pem(string text) => text.Contains("-----BEGIN", StringComparison.Ordinal) ? text : File.ReadAllText(text);
            return X509Certificate2.CreateFromPem(Pem(certificate), Pem(key));
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw values.Wrong($"tls_client_cert and tls_client_key cannot be read: {e.Message}");
        }
    }

    private static List<TimeSpan> ReadBackOff(ComponentValues values)
    {
        var list = new List<TimeSpan>();
        foreach (var part in values.Text("backOff")?.Trim('[', ']', ' ').Split(',', StringSplitOptions.TrimEntries) ?? [])
        {
            if (!ComponentDuration.TryParse(part, out var wait))
                throw values.Wrong(string.Create(CultureInfo.InvariantCulture, $"backOff: {part} is no duration; write for example 1s,5s,1m"));
            list.Add(wait);
        }
        return list;
    }
}
