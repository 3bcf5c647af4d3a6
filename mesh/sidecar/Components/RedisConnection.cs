using StackExchange.Redis;

namespace Tarasol.Sidecar.Components;

/// <summary>
/// The connection of one component to its Redis. It is made in the background, with back-off for as long as it takes, and made again when it breaks; a
/// command waits a while for it.
/// </summary>
internal sealed class RedisConnection : IAsyncDisposable
{
    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);
    private readonly RedisSettings settings;
    private readonly ConfigurationOptions options;
    private readonly ILogger log;
    private readonly LogLevel troubles;
    private readonly Func<IConnectionMultiplexer, Task<string?>>? check;
    private readonly CancellationTokenSource stop = new();
    private readonly TaskCompletionSource<ConnectionMultiplexer> connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile string? problem = "not connected yet";
    private readonly Task connecting;

    private RedisConnection(RedisSettings settings, ConfigurationOptions options, ILogger log, LogLevel troubles, Func<IConnectionMultiplexer, Task<string?>>? check)
    {
        (this.settings, this.options, this.log, this.troubles, this.check) = (settings, options, log, troubles, check);
        connecting = Task.Run(ConnectAsync);
    }

    public string? NotReady => problem is { } why ? $"redis at {settings.Host}: {why}" : null;

    /// <summary>Completes at the first connection.</summary>
    public Task<ConnectionMultiplexer> Connected => connected.Task;

    /// <summary>For commands. <paramref name="check"/> may refuse a server after the connection by returning the reason.</summary>
    public static RedisConnection Open(RedisSettings settings, ILogger log, Func<IConnectionMultiplexer, Task<string?>>? check = null) =>
        new(settings, settings.Options(settings.ReadTimeout, hears: false), log, LogLevel.Warning, check);

    /// <summary>For one command at a time that may wait for readTimeout on the server. Others of the component tell of its troubles.</summary>
    public static RedisConnection OpenBlocking(RedisSettings settings, ILogger log) =>
        new(settings, settings.Options(settings.ReadTimeout + TimeSpan.FromSeconds(5), hears: false), log, LogLevel.Debug, check: null);

    /// <summary>For hearing channels.</summary>
    public static RedisConnection OpenHearing(RedisSettings settings, ILogger log) => new(settings, settings.Options(settings.ReadTimeout, hears: true), log, LogLevel.Warning, check: null);

    /// <summary>
    /// Runs a command. When the connection breaks it is tried again as often as the component's metadata say: always if it surely did not reach the server,
    /// else only if running twice is like running once (<paramref name="repeatable"/>).
    /// </summary>
    public async Task<T> ExecuteAsync<T>(Func<IDatabase, Task<T>> command, bool repeatable, CancellationToken cancel)
    {
        for (var attempt = 0; ; attempt++)
        {
            var database = await DatabaseAsync(cancel);
            try
            {
                return await command(database).WaitAsync(cancel);
            }
            catch (Exception failure) when (attempt < settings.MaxRetries && MayRepeat(failure, repeatable))
            {
                log.LogDebug("component {Name}: a command failed and is tried again: {Problem}", settings.Component, failure.Message);
            }
            await Task.Delay(settings.BackOff(attempt), cancel);
        }
    }

    /// <summary>Waits a while for the first connection; throws an <see cref="IOException"/> that says why there is none.</summary>
    public async Task<IDatabase> DatabaseAsync(CancellationToken cancel)
    {
        if (!connected.Task.IsCompletedSuccessfully)
        {
            try
            {
                await connected.Task.WaitAsync(settings.ReadTimeout, cancel);
            }
            catch (TimeoutException)
            {
                throw new IOException(NotReady);
            }
        }
        return (await connected.Task).GetDatabase();
    }

    public async ValueTask DisposeAsync()
    {
        if (stop.IsCancellationRequested)
            return;
        await stop.CancelAsync();
        await connecting;
        if (connected.Task.IsCompletedSuccessfully)
            await (await connected.Task).DisposeAsync();
        else
            connected.TrySetException(new ObjectDisposedException(settings.Component));
        stop.Dispose();
    }

    private static bool MayRepeat(Exception failure, bool repeatable) => failure switch
    {
        RedisConnectionException lost => repeatable || lost.CommandStatus is CommandStatus.WaitingToBeSent or CommandStatus.WaitingInBacklog,
        // The server is there but cannot serve yet, and did nothing.
        RedisServerException refused => Redis.IsTemporary(refused.Message),
        _ => false,
    };

    private async Task ConnectAsync()
    {
        var wait = ShortestWait;
        while (true)
        {
            try
            {
                if (await TryConnectAsync() is not { } why)
                    return;
                if (problem != why)
                    log.Log(troubles, "component {Name}: redis at {Host} cannot be used, trying on: {Problem}", settings.Component, settings.Host, why);
                problem = why;
                await Task.Delay(wait, stop.Token);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            wait = wait * 2 > LongestWait ? LongestWait : wait * 2;
        }
    }

    private async Task<string?> RefusalAsync(ConnectionMultiplexer multiplexer)
    {
        try
        {
            // The client library goes on without an account when a server that needs none refuses it.
            if (settings.Password is { } password)
                await multiplexer.GetDatabase().ExecuteAsync("AUTH", settings.Username is { } user ? [user, password] : [password]);
            return check is null ? null : await check(multiplexer);
        }
        catch (RedisServerException refused)
        {
            return refused.Message;
        }
    }

    /// <summary>Null when connected, else the reason why not.</summary>
    private async Task<string?> TryConnectAsync()
    {
        var attempt = ConnectionMultiplexer.ConnectAsync(options);
        try
        {
            var multiplexer = await attempt.WaitAsync(stop.Token);
            if (await RefusalAsync(multiplexer) is { } refusal)
            {
                await multiplexer.DisposeAsync();
                return refusal;
            }
            multiplexer.ConnectionFailed += (_, broken) =>
                log.Log(troubles, "component {Name}: the connection to redis at {Host} broke: {Problem}", settings.Component, settings.Host, broken.Exception?.Message ?? broken.FailureType.ToString());
            multiplexer.ConnectionRestored += (_, _) => log.Log(troubles == LogLevel.Debug ? troubles : LogLevel.Information, "component {Name}: connected to redis at {Host} again", settings.Component, settings.Host);
            problem = null;
            connected.TrySetResult(multiplexer);
            return null;
        }
        catch (Exception failure) when (failure is RedisException or TimeoutException or System.Net.Sockets.SocketException or IOException)
        {
            return failure.InnerException is { } inner && failure is RedisConnectionException ? $"{failure.Message} {inner.Message}" : failure.Message;
        }
        catch (OperationCanceledException)
        {
            _ = attempt.ContinueWith(late => late.Result.Dispose(), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
            throw;
        }
    }
}

/// <summary>What Redis says.</summary>
internal static class Redis
{
    private static readonly string[] Temporary = ["LOADING ", "READONLY ", "CLUSTERDOWN ", "TRYAGAIN ", "MASTERDOWN ", "ERR max number of clients reached"];

    public static bool IsTemporary(string error) => Temporary.Any(prefix => error.StartsWith(prefix, StringComparison.Ordinal));

    /// <summary>How many replicas follow the server; 0 where it does not say.</summary>
    public static async Task<int> ReplicasAsync(IDatabase database)
    {
        var info = (string?)await database.ExecuteAsync("INFO", "replication") ?? "";
        const string Prefix = "connected_slaves:";
        var line = info.Split("\r\n").FirstOrDefault(line => line.StartsWith(Prefix, StringComparison.Ordinal));
        return line is not null && int.TryParse(line.AsSpan(Prefix.Length), out var replicas) ? replicas : 0;
    }
}
