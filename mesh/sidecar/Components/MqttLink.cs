using System.Security.Authentication;
using MQTTnet;
using MQTTnet.Exceptions;
using MQTTnet.Formatter;

namespace Tarasol.Sidecar.Components;

/// <summary>An MQTT 3.1.1 client of one id that connects again whenever the connection is gone.</summary>
internal sealed class MqttLink : IAsyncDisposable
{
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(10);

    private readonly MqttOptions options;
    private readonly MqttClientOptions clientOptions;
    private readonly IMqttClient client = new MqttClientFactory().CreateMqttClient();
    private readonly Action? beginning;
    private readonly Func<IMqttClient, CancellationToken, Task> connected;
    private readonly TimeProvider time;
    private readonly ILogger log;
    private readonly CancellationTokenSource closed = new();
    private readonly SemaphoreSlim turn = new(1);
    private readonly Task running;
    private TaskCompletionSource ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource gone = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile string? problem = "not connected yet";
    private volatile bool reached;

    /// <param name="clientId">Two connections of one id end each other.</param>
    /// <param name="received">A message has come; it is acknowledged by the one who takes it. Called one at a time: to be left at once.</param>
    /// <param name="beginning">A new connection is about to be made.</param>
    /// <param name="connected">It is made: what the session needs before anyone uses it.</param>
    public MqttLink(
        MqttOptions options, string clientId, bool cleanSession, Action<MqttApplicationMessageReceivedEventArgs>? received, Action? beginning,
        Func<IMqttClient, CancellationToken, Task> connected, TimeProvider time, ILogger log)
    {
        (this.options, this.beginning, this.connected, this.time, this.log) = (options, beginning, connected, time, log);
        clientOptions = ClientOptions(options, clientId, cleanSession);
        client.DisconnectedAsync += _ =>
        {
            gone.TrySetResult();
            return Task.CompletedTask;
        };
        client.ApplicationMessageReceivedAsync += message =>
        {
            message.AutoAcknowledge = false;
            received?.Invoke(message);
            return Task.CompletedTask;
        };
        running = Task.Run(RunAsync);
    }

    /// <summary>Counts the connections.</summary>
    public int Connection { get; private set; }

    /// <summary>What stands in the way; null from the first connection on.</summary>
    public string? NotReady => reached ? null : problem;

    /// <summary>Throws <see cref="TimeoutException"/> with what stands in the way.</summary>
    public async Task<IMqttClient> OpenAsync(TimeSpan limit, CancellationToken cancel)
    {
        try
        {
            await Volatile.Read(ref ready).Task.WaitAsync(limit, time, cancel);
            return client;
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"the MQTT broker at {options.Address.Host}:{options.Port} cannot be reached: {problem}");
        }
    }

    /// <summary>False when the message came by an earlier connection: in this one its number may mean another.</summary>
    public async Task<bool> AcknowledgeAsync(MqttApplicationMessageReceivedEventArgs message, int connection)
    {
        await turn.WaitAsync();
        try
        {
            if (connection != Connection || !client.IsConnected)
                return false;
            await message.AcknowledgeAsync(closed.Token);
            return true;
        }
        catch (Exception e) when (IsTrouble(e))
        {
            return false;
        }
        finally
        {
            turn.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await closed.CancelAsync();
        await running;
        await DisconnectAsync();
        client.Dispose();
        closed.Dispose();
    }

    /// <summary>What the library throws when a connection is, or gets, broken.</summary>
    public static bool IsTrouble(Exception e) =>
        e is MqttCommunicationException or MqttClientNotConnectedException or MqttProtocolViolationException or IOException or TimeoutException or OperationCanceledException
            or ObjectDisposedException or AuthenticationException or System.Net.Sockets.SocketException;

    private async Task RunAsync()
    {
        var wait = FirstWait;
        while (!closed.IsCancellationRequested)
        {
            try
            {
                await BeginAsync();
                var answer = await client.ConnectAsync(clientOptions, closed.Token);
                if (answer.ResultCode != MqttClientConnectResultCode.Success)
                    throw new MqttCommunicationException($"the broker refuses the connection: {answer.ResultCode}");
                await connected(client, closed.Token);
                (problem, reached, wait) = (null, true, FirstWait);
                ready.TrySetResult();
                log.LogInformation("{PubSub}: connected to the MQTT broker at {Host}:{Port}", options.Name, options.Address.Host, options.Port);
                await GoneAsync();
                problem = "the connection is gone";
                log.LogWarning("{PubSub}: the connection to the MQTT broker is gone", options.Name);
            }
            catch (Exception e) when (!closed.IsCancellationRequested)
            {
                problem = e.InnerException?.Message ?? e.Message;
                log.LogWarning("{PubSub}: the MQTT broker at {Host}:{Port} cannot be used, it is tried again in {Wait}: {Problem}",
                    options.Name, options.Address.Host, options.Port, wait, problem);
                await Task.Delay(wait, time, closed.Token).ContinueWith(_ => { }, TaskScheduler.Default);
                wait = wait * 2 < LongestWait ? wait * 2 : LongestWait;
            }
            catch (Exception)
            {
                // Whoever closes the link does not ask why it could not be opened.
                return;
            }
            await DisconnectAsync();
            if (ready.Task.IsCompleted)
                Volatile.Write(ref ready, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }
    }

    /// <summary>From here on no message of the last connection is acknowledged.</summary>
    private async Task BeginAsync()
    {
        await turn.WaitAsync(closed.Token);
        Connection++;
        beginning?.Invoke();
        turn.Release();
    }

    private async Task GoneAsync()
    {
        while (client.IsConnected)
        {
            gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (client.IsConnected)
                await gone.Task.WaitAsync(closed.Token);
        }
    }

    private async Task DisconnectAsync()
    {
        try
        {
            if (client.IsConnected)
                await client.DisconnectAsync(new MqttClientDisconnectOptions(), CancellationToken.None);
        }
        catch (Exception e) when (IsTrouble(e))
        {
            log.LogDebug("{PubSub}: the connection to the MQTT broker did not end in good order: {Problem}", options.Name, e.Message);
        }
    }

    private static MqttClientOptions ClientOptions(MqttOptions options, string clientId, bool cleanSession)
    {
        var builder = new MqttClientOptionsBuilder()
            .WithProtocolVersion(MqttProtocolVersion.V311)
            .WithTcpServer(options.Address.Host, options.Port)
            .WithClientId(clientId)
            .WithCleanSession(cleanSession)
            .WithKeepAlivePeriod(TimeSpan.FromSeconds(30))
            .WithTimeout(AnswerLimit);
        if (options.Address.UserInfo is { Length: > 0 } user)
        {
            var parts = user.Split(':', 2);
            builder = builder.WithCredentials(Uri.UnescapeDataString(parts[0]), parts.Length > 1 ? Uri.UnescapeDataString(parts[1]) : null);
        }
        if (options.Secure)
        {
            builder = builder.WithTlsOptions(tls =>
            {
                tls.UseTls().WithCertificateValidationHandler(server => options.Tls.Trusts(server.Certificate, server.SslPolicyErrors));
                if (options.Tls.Certificate is { } own)
                    tls.WithClientCertificates([own]);
            });
        }
        return builder.Build();
    }
}
