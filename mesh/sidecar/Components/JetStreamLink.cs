using System.Collections.Concurrent;
using System.Net.Security;
using System.Text;
using System.Threading.Channels;
using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;

namespace Tarasol.Sidecar.Components;

/// <summary>The connection to NATS: the first one is tried until it succeeds, later ones are the library's business. And the streams behind the topics.</summary>
internal sealed class JetStreamLink : IAsyncDisposable
{
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly JetStreamOptions options;
    private readonly TimeProvider time;
    private readonly ILogger log;
    private readonly CancellationTokenSource closed = new();
    private readonly ConcurrentDictionary<string, string> streams = new();
    private readonly Task<NatsConnection> connecting;
    private volatile string? problem = "not connected yet";

    public JetStreamLink(JetStreamOptions options, TimeProvider time, ILogger log)
    {
        (this.options, this.time, this.log) = (options, time, log);
        connecting = Task.Run(ConnectAsync);
    }

    /// <summary>What stands in the way of the first connection.</summary>
    public string? NotReady => connecting.IsCompletedSuccessfully ? null : problem;

    /// <summary>Throws <see cref="TimeoutException"/> with what stands in the way.</summary>
    public async Task<NatsJSContext> OpenAsync(CancellationToken cancel)
    {
        try
        {
            var connection = await connecting.WaitAsync(Patience, cancel);
            return new NatsJSContext(connection, options.ApiPrefix is { } prefix ? new NatsJSOpts(connection.Opts, apiPrefix: prefix) : new NatsJSOpts(connection.Opts, domain: options.Domain));
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"NATS cannot be reached: {problem}");
        }
    }

    /// <summary>The stream of a topic: named by the component, found by the topic, or made. Throws when there is none.</summary>
    public async Task<string> StreamAsync(NatsJSContext jetStream, string topic, CancellationToken cancel)
    {
        if (options.StreamName is { } given)
            return given;
        if (streams.TryGetValue(topic, out var known))
            return known;
        await foreach (var name in jetStream.ListStreamNamesAsync(topic, cancel))
            return streams[topic] = name;
        if (!options.CreateStreams)
            throw new InvalidOperationException($"no stream of NATS takes the subject {topic}; make one, or set createStreams");
        // Interest: what every consumer has acknowledged is gone, and what nobody subscribes to is not kept.
        var stream = await jetStream.CreateStreamAsync(
            new StreamConfig(JetStreamOptions.StreamOf(topic), [topic])
            {
                Retention = StreamConfigRetention.Interest,
                Storage = StreamConfigStorage.File,
                NumReplicas = Math.Max(1, options.Replicas),
            }, cancel);
        log.LogInformation("{PubSub}: made the stream {Stream} for topic {Topic}", options.Component, stream.Info.Config.Name, topic);
        return streams[topic] = stream.Info.Config.Name!;
    }

    /// <summary>The stream is to be looked for again.</summary>
    public void Forget(string topic) => streams.TryRemove(topic, out _);

    public async ValueTask DisposeAsync()
    {
        await closed.CancelAsync();
        try
        {
            await (await connecting).DisposeAsync();
        }
        catch (OperationCanceledException)
        {
            // It was never connected.
        }
        closed.Dispose();
    }

    private async Task<NatsConnection> ConnectAsync()
    {
        for (var wait = FirstWait; ; wait = wait * 2 < LongestWait ? wait * 2 : LongestWait)
        {
            var connection = new NatsConnection(Options());
            try
            {
                await connection.ConnectAsync().AsTask().WaitAsync(closed.Token);
                connection.ConnectionDisconnected += (_, _) =>
                {
                    log.LogWarning("{PubSub}: the connection to NATS is gone", options.Component);
                    return default;
                };
                connection.ConnectionOpened += (_, _) =>
                {
                    log.LogInformation("{PubSub}: connected to NATS again", options.Component);
                    return default;
                };
                log.LogInformation("{PubSub}: connected to NATS at {Host}", options.Component, connection.ServerInfo?.Host);
                problem = null;
                return connection;
            }
            catch (Exception e)
            {
                await connection.DisposeAsync();
                closed.Token.ThrowIfCancellationRequested();
                problem = e.InnerException?.Message ?? e.Message;
                log.LogWarning("{PubSub}: NATS cannot be reached, it is tried again in {Wait}: {Problem}", options.Component, wait, problem);
            }
            await Task.Delay(wait, time, closed.Token);
        }
    }

    private NatsOpts Options() => new()
    {
        Url = options.Url,
        Name = options.Name,
        AuthOpts = options.Auth,
        TlsOpts = options.Certificate is null ? NatsTlsOpts.Default : new NatsTlsOpts
        {
            Mode = TlsMode.Require,
            ConfigureClientAuthentication = authentication =>
            {
                authentication.ClientCertificateContext = SslStreamCertificateContext.Create(options.Certificate, null);
                return default;
            },
        },
        SubjectEncoding = Encoding.UTF8,
        HeaderEncoding = Encoding.UTF8,
        ReconnectWaitMin = FirstWait,
        ReconnectWaitMax = LongestWait,
        // Keys may be rolled while we run.
        IgnoreAuthErrorAbort = true,
        // Never drop a message that the server counts as delivered: its redelivery would take until ackWait.
        SubPendingChannelFullMode = BoundedChannelFullMode.Wait,
        DrainSubscriptionsOnDispose = true,
        RequestTimeout = Patience,
    };
}
