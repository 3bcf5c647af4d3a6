using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Tarasol.Sidecar.Components;

/// <summary>One connection to RabbitMQ, made anew whenever it is gone. Waits between attempts grow up to reconnectWaitSeconds.</summary>
internal sealed class RabbitMqLink(RabbitMqOptions options, TimeProvider time, ILogger log) : IAsyncDisposable
{
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan CloseLimit = TimeSpan.FromSeconds(5);

    private readonly ConnectionFactory factory = Factory(options);
    private readonly CancellationTokenSource closed = new();
    private readonly Lock gate = new();
    private Task<IConnection>? current;
    private volatile bool reached;
    private volatile string? problem;

    /// <summary>What stands in the way; null from the first connection on.</summary>
    public string? NotReady => reached ? null : problem ?? "not connected yet";

    /// <summary>The open connection, as soon as there is one.</summary>
    public Task<IConnection> OpenAsync(CancellationToken cancel)
    {
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(closed.IsCancellationRequested, this);
            if (current is null or { IsCompletedSuccessfully: true, Result.IsOpen: false })
            {
                var old = current?.Result;
                current = Task.Run(() => ConnectAsync(old));
            }
            return current.WaitAsync(cancel);
        }
    }

    /// <summary>The same with a limit. Throws <see cref="TimeoutException"/> with what stands in the way.</summary>
    public async Task<IConnection> OpenAsync(TimeSpan limit, CancellationToken cancel)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        either.CancelAfter(limit);
        try
        {
            return await OpenAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested && !closed.IsCancellationRequested)
        {
            throw new TimeoutException($"RabbitMQ at {options.Address.Host}:{factory.Endpoint.Port} cannot be reached: {problem ?? "no answer yet"}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        Task<IConnection>? last;
        lock (gate)
        {
            closed.Cancel();
            last = current;
        }
        try
        {
            if (last is not null)
            {
                await CloseAsync(await last);
            }
        }
        catch (OperationCanceledException)
        {
            // It was never connected.
        }
        closed.Dispose();
    }

    private async Task CloseAsync(IConnection connection)
    {
        try
        {
            if (connection.IsOpen)
            {
                await connection.CloseAsync(CloseLimit);
            }
            await connection.DisposeAsync();
        }
        catch (Exception e) when (e is OperationInterruptedException or IOException or OperationCanceledException or TimeoutException)
        {
            log.LogDebug("{PubSub}: the connection to RabbitMQ did not end in good order: {Problem}", options.Name, e.Message);
        }
    }

    private async Task<IConnection> ConnectAsync(IConnection? old)
    {
        if (old is not null)
        {
            log.LogWarning("{PubSub}: the connection to RabbitMQ is gone: {Reason}", options.Name, old.CloseReason?.ReplyText);
            await CloseAsync(old);
        }
        for (var wait = FirstWait; ; wait = wait * 2 < options.ReconnectWait ? wait * 2 : options.ReconnectWait > FirstWait ? options.ReconnectWait : FirstWait)
        {
            try
            {
                var connection = await factory.CreateConnectionAsync(closed.Token);
                problem = null;
                reached = true;
                log.LogInformation("{PubSub}: connected to RabbitMQ at {Host}:{Port}", options.Name, options.Address.Host, factory.Endpoint.Port);
                return connection;
            }
            catch (Exception e)
            {
                // Whoever closes the link does not ask why it could not be opened.
                closed.Token.ThrowIfCancellationRequested();
                problem = e.InnerException?.Message ?? e.Message;
                log.LogWarning("{PubSub}: RabbitMQ at {Host}:{Port} cannot be reached, it is tried again in {Wait}: {Problem}",
                    options.Name, options.Address.Host, factory.Endpoint.Port, wait, problem);
            }
            await Task.Delay(wait, time, closed.Token);
        }
    }

    private static ConnectionFactory Factory(RabbitMqOptions options)
    {
        var factory = new ConnectionFactory
        {
            Uri = options.Address,
            // What has to be declared again depends on who uses the connection.
            AutomaticRecoveryEnabled = false,
            TopologyRecoveryEnabled = false,
            RequestedHeartbeat = options.HeartBeat,
            ClientProvidedName = options.ClientName,
        };
        if (options.Address.Scheme == "amqps")
        {
            factory.Ssl.CertificateValidationCallback = (_, certificate, _, errors) => options.Tls.Trusts(certificate, errors);
            if (options.Tls.Certificate is { } own)
                factory.Ssl.Certs = [own];
            if (options.SaslExternal)
                factory.AuthMechanisms = [new ExternalMechanismFactory()];
        }
        return factory;
    }
}
