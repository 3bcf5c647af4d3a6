using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using StackExchange.Redis;

namespace Tarasol.Sidecar.Components;

/// <summary>The connection metadata that Dapr's Redis components share. A bare number is a duration in milliseconds.</summary>
internal sealed record RedisSettings
{
    /// <summary>What every Redis component understands.</summary>
    public static readonly IReadOnlyList<string> Keys =
    [
        "redisHost", "redisPort", "redisUsername", "redisPassword", "redisDB", "redisType", "redisMaxRetries", "redisMinRetryInterval", "redisMaxRetryInterval", "maxRetries", "maxRetryBackoff",
        "failover", "sentinelMasterName", "sentinelUsername", "sentinelPassword", "enableTLS", "insecureSkipTLSVerify", "clientCert", "clientKey", "dialTimeout", "readTimeout",
        "useEntraID", "useAzureAD", "useOIDC",
    ];

    public required string Component { get; init; }

    public required IReadOnlyList<EndPoint> Servers { get; init; }

    /// <summary>The servers as written, for messages.</summary>
    public required string Host { get; init; }

    public string? Username { get; init; }

    public string? Password { get; init; }

    public int Database { get; init; }

    public bool Cluster { get; init; }

    public int MaxRetries { get; init; }

    public TimeSpan MinRetryInterval { get; init; }

    public TimeSpan MaxRetryInterval { get; init; }

    public bool Failover { get; init; }

    public string? SentinelMasterName { get; init; }

    public string? SentinelUsername { get; init; }

    public string? SentinelPassword { get; init; }

    public bool Tls { get; init; }

    public bool SkipTlsVerify { get; init; }

    public X509Certificate2? ClientCertificate { get; init; }

    public TimeSpan DialTimeout { get; init; }

    public TimeSpan ReadTimeout { get; init; }

    /// <summary>Throws <see cref="ComponentException"/> on metadata that cannot be used.</summary>
    public static RedisSettings Read(ComponentSpec spec)
    {
        var metadata = new RedisMetadata(spec);
        if (metadata.Text("redisHost") is not { } host)
            throw new ComponentException(spec, "redisHost is missing");
        foreach (var key in (string[])["useEntraID", "useAzureAD", "useOIDC"])
        {
            if (metadata.Flag(key))
                throw new ComponentException(spec, $"{key} is not served by this host; use redisUsername and redisPassword");
        }
        var type = metadata.Text("redisType") ?? "node";
        if (type is not ("node" or "cluster"))
            throw new ComponentException(spec, $"redisType {type} is not one of node and cluster");
        var failover = metadata.Flag("failover");
        if (failover && metadata.Text("sentinelMasterName") is null)
            throw new ComponentException(spec, "failover needs a sentinelMasterName");
        return new RedisSettings
        {
            Component = spec.Name,
            Servers = [.. host.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(server => Server(spec, server, metadata.Number("redisPort")))],
            Host = host,
            Username = metadata.Text("redisUsername"),
            Password = metadata.Text("redisPassword"),
            Database = metadata.Number("redisDB") ?? 0,
            Cluster = type == "cluster",
            MaxRetries = metadata.Number("redisMaxRetries") ?? metadata.Number("maxRetries") ?? 3,
            MinRetryInterval = metadata.Duration("redisMinRetryInterval") ?? metadata.Nanoseconds("maxRetryBackoff") ?? TimeSpan.FromMilliseconds(8),
            MaxRetryInterval = metadata.Duration("redisMaxRetryInterval") ?? TimeSpan.FromMilliseconds(512),
            Failover = failover,
            SentinelMasterName = metadata.Text("sentinelMasterName"),
            SentinelUsername = metadata.Text("sentinelUsername"),
            SentinelPassword = metadata.Text("sentinelPassword"),
            Tls = metadata.Flag("enableTLS"),
            SkipTlsVerify = metadata.Flag("insecureSkipTLSVerify"),
            ClientCertificate = Certificate(spec, metadata),
            DialTimeout = Positive(metadata.Duration("dialTimeout"), TimeSpan.FromSeconds(5)),
            ReadTimeout = Positive(metadata.Duration("readTimeout"), TimeSpan.FromSeconds(3)),
        };
    }

    /// <summary>For the client library. <paramref name="longest"/> is the longest that a command may take; only one that hears channels needs a second socket.</summary>
    public ConfigurationOptions Options(TimeSpan longest, bool hears)
    {
        var options = new ConfigurationOptions
        {
            ClientName = Component,
            User = Username,
            Password = Password,
            DefaultDatabase = Database,
            Ssl = Tls,
            AllowAdmin = true,
            AbortOnConnectFail = true,
            ConnectRetry = 1,
            ConnectTimeout = (int)DialTimeout.TotalMilliseconds,
            AsyncTimeout = (int)longest.TotalMilliseconds,
            SyncTimeout = (int)longest.TotalMilliseconds,
            ReconnectRetryPolicy = new LinearRetry(250),
            Protocol = RedisProtocol.Resp2,
            TieBreaker = "",
            ConfigurationChannel = "",
            IncludeDetailInExceptions = false,
            ServiceName = Failover ? SentinelMasterName : null,
            SentinelUser = SentinelUsername,
            SentinelPassword = SentinelPassword,
        };
        if (!hears)
            options.CommandMap = CommandMap.Create(["SUBSCRIBE", "UNSUBSCRIBE", "PSUBSCRIBE", "PUNSUBSCRIBE"], available: false);
        foreach (var server in Servers)
            options.EndPoints.Add(server);
        if (ClientCertificate is not null)
            options.CertificateSelection += (_, _, _, _, _) => ClientCertificate;
        if (SkipTlsVerify)
        {
#pragma warning disable CA5359 // The operator asked for it by insecureSkipTLSVerify.
            options.CertificateValidation += (_, _, _, _) => true;
#pragma warning restore CA5359
        }
        return options;
    }

    /// <summary>As Dapr's client waits between two tries: doubling, with chance, never longer than the longest.</summary>
    public TimeSpan BackOff(int attempt)
    {
        if (MinRetryInterval <= TimeSpan.Zero)
            return TimeSpan.Zero;
        var step = MinRetryInterval.TotalMilliseconds * Math.Pow(2, Math.Min(attempt, 20));
#pragma warning disable CA5394 // Spreads the tries of many; nobody gains by guessing.
        return TimeSpan.FromMilliseconds(Math.Min(MinRetryInterval.TotalMilliseconds + (Random.Shared.NextDouble() * step), MaxRetryInterval.TotalMilliseconds));
#pragma warning restore CA5394
    }

    private static TimeSpan Positive(TimeSpan? given, TimeSpan otherwise) => given is { } value && value > TimeSpan.Zero ? value : otherwise;

    private static EndPoint Server(ComponentSpec spec, string text, int? port)
    {
        if (port is not null and not (> 0 and <= 65535))
            throw new ComponentException(spec, $"redisPort {port} is no port");
        var colon = text.LastIndexOf(':');
        var hasPort = colon >= 0 && (text.IndexOf(':', StringComparison.Ordinal) == colon || text[..colon].EndsWith(']'));
        var (host, own) = hasPort ? (text[..colon], text[(colon + 1)..]) : (text, null);
        if (own is not null)
        {
            if (!ushort.TryParse(own, NumberStyles.None, CultureInfo.InvariantCulture, out var written) || written == 0)
                throw new ComponentException(spec, $"redisHost {text} has no port after its colon");
            if (port is not null && port != written)
                throw new ComponentException(spec, $"redisHost {text} already contains the port {written}, but redisPort is {port}; remove one of them");
            port = written;
        }
        host = host.Trim('[', ']');
        return IPAddress.TryParse(host, out var address) ? new IPEndPoint(address, port ?? 6379) : new DnsEndPoint(host, port ?? 6379);
    }

    private static X509Certificate2? Certificate(ComponentSpec spec, RedisMetadata metadata)
    {
        if (metadata.Text("clientCert") is not { } certificate || metadata.Text("clientKey") is not { } key)
            return null;
        try
        {
            return X509Certificate2.CreateFromPem(certificate, key);
        }
        catch (Exception wrong) when (wrong is CryptographicException or ArgumentException)
        {
            throw new ComponentException(spec, $"clientCert and clientKey are no pair of PEM texts: {wrong.Message}");
        }
    }
}

/// <summary>Reads the metadata of Dapr's Redis components. All methods give null where a key is missing or empty, and throw <see cref="ComponentException"/>.</summary>
internal readonly struct RedisMetadata(ComponentSpec spec)
{
    public string? Text(string key) => spec.Metadata.GetValueOrDefault(key) is { Length: > 0 } text ? text : null;

    public bool Flag(string key) => Truth.Parse(Text(key));

    public int? Number(string key) => Text(key) is not { } text ? null
        : int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number
        : throw new ComponentException(spec, $"{key} {text} is no whole number");

    /// <summary>Go's form, or a bare number of milliseconds; a negative one means: none.</summary>
    public TimeSpan? Duration(string key)
    {
        if (Text(key) is not { } text)
            return null;
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var milliseconds))
            return TimeSpan.FromMilliseconds(Math.Clamp(milliseconds, -1, int.MaxValue));
        return ComponentDuration.TryParse(text, out var duration) ? duration : throw new ComponentException(spec, $"{key} {text} is no duration; write for example 500ms or 5s");
    }

    /// <summary>A key of Dapr's first versions, in the unit that they counted in.</summary>
    public TimeSpan? Nanoseconds(string key) => Text(key) is not { } text ? null
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var nanoseconds) ? TimeSpan.FromTicks(nanoseconds / 100)
        : throw new ComponentException(spec, $"{key} {text} is no number of nanoseconds");
}
