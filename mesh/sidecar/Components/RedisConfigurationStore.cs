using System.Collections.Immutable;
using StackExchange.Redis;
using Tarasol.Sidecar.ConfigurationStores;

namespace Tarasol.Sidecar.Components;

/// <summary>configuration.redis with daprd's layout: a string for each key, "value||version". Changes are seen by keyspace notifications, which are switched on for that.</summary>
internal sealed class RedisConfigurationStore : IConfigurationStore, IServerComponent, IAsyncDisposable
{
    public static readonly ComponentType ComponentType = new("configuration.redis", RedisSettings.Keys, (spec, services, _) =>
    {
        var log = services.GetRequiredService<ILogger<RedisConfigurationStore>>();
        return Task.FromResult<object>(new RedisConfigurationStore(RedisSettings.Read(spec), log));
    });

    /// <summary>Keyspace events of strings, deletions, expiry and eviction.</summary>
    private const string Wanted = "Kg$xe";

    private readonly RedisSettings settings;
    private readonly ILogger log;
    private readonly RedisConnection redis;
    private readonly Lock gate = new();
    private ImmutableList<Action> afterBreak = [];
    private bool listening;

    private RedisConfigurationStore(RedisSettings settings, ILogger log)
    {
        (this.settings, this.log) = (settings, log);
        redis = RedisConnection.OpenHearing(settings, log);
    }

    public string? NotReady => redis.NotReady;

    public Task<IReadOnlyDictionary<string, ConfigurationItem>> GetAsync(IReadOnlyList<string> keys, CancellationToken cancel) => redis.ExecuteAsync(async database =>
    {
        RedisKey[] all = keys.Count > 0 ? [.. keys.Distinct().Select(key => (RedisKey)key)] : await AllAsync(database);
        var items = new Dictionary<string, ConfigurationItem>();
        // What is missing or no string has no value.
        var values = all.Length == 0 ? [] : await Task.WhenAll(all.Select(key => ValueAsync(database, key)));
        foreach (var (key, value) in all.Zip(values))
        {
            if (value is { Length: > 0 } && value.Split("||") is [{ Length: > 0 } text, ..] parts)
                items[key!] = new ConfigurationItem(text, parts.Length > 1 ? parts[1] : "", ImmutableDictionary<string, string>.Empty);
        }
        return (IReadOnlyDictionary<string, ConfigurationItem>)items;
    }, repeatable: true, cancel);

    public async Task<IAsyncDisposable> WatchAsync(IReadOnlyList<string> keys, ConfigurationChanged changed, CancellationToken cancel)
    {
        var database = await redis.DatabaseAsync(cancel);
        await NotifyAsync(database.Multiplexer);
        var prefix = $"__keyspace@{settings.Database}__:";
        var subscriber = database.Multiplexer.GetSubscriber();
        var channels = keys.Count == 0 ? [RedisChannel.Pattern($"{prefix}*")] : keys.Distinct().Select(key => RedisChannel.Literal(prefix + key)).ToList();
        var queues = new List<ChannelMessageQueue>();
        foreach (var channel in channels)
        {
            var queue = await subscriber.SubscribeAsync(channel).WaitAsync(cancel);
            queue.OnMessage(message => changed(((string)message.Channel!)[prefix.Length..], certain: true));
            queues.Add(queue);
        }
        void LookAgain()
        {
            foreach (var key in keys)
                changed(key, certain: false);
        }
        ImmutableInterlocked.Update(ref afterBreak, list => list.Add(LookAgain));
        return new Watch(this, queues, LookAgain);
    }

    public ValueTask DisposeAsync() => redis.DisposeAsync();

    private static async Task<string?> ValueAsync(IDatabase database, RedisKey key)
    {
        try
        {
            return await database.StringGetAsync(key);
        }
        catch (RedisServerException wrongType) when (wrongType.Message.StartsWith("WRONGTYPE", StringComparison.Ordinal))
        {
            return null;
        }
    }

    private async Task<RedisKey[]> AllAsync(IDatabase database)
    {
        var keys = new List<RedisKey>();
        foreach (var server in database.Multiplexer.GetServers().Where(server => server.IsConnected && !server.IsReplica))
        {
            await foreach (var key in server.KeysAsync(settings.Database, pageSize: 1000))
                keys.Add(key);
        }
        return [.. keys.Distinct()];
    }

    /// <summary>Adds what is wanted to what is switched on already. A server that was started again has forgotten it.</summary>
    private async Task NotifyAsync(IConnectionMultiplexer multiplexer)
    {
        lock (gate)
        {
            if (!listening)
            {
                // Of the two connections the one for commands switches notifications on and the other hears them; whichever is back last finds both.
                multiplexer.ConnectionRestored += (_, _) => _ = Task.Run(() => AfterBreakAsync(multiplexer));
            }
            listening = true;
        }
        await SwitchOnAsync(multiplexer);
    }

    private async Task SwitchOnAsync(IConnectionMultiplexer multiplexer)
    {
        foreach (var server in multiplexer.GetServers().Where(server => server.IsConnected))
        {
            try
            {
                var now = (await server.ConfigGetAsync("notify-keyspace-events")).Select(item => item.Value).FirstOrDefault() ?? "";
                var missing = string.Concat(Wanted.Where(flag => !now.Contains(flag, StringComparison.Ordinal) && (flag == 'K' || !now.Contains('A', StringComparison.Ordinal))));
                if (missing.Length > 0)
                    await server.ConfigSetAsync("notify-keyspace-events", now + missing);
            }
            catch (RedisServerException refused)
            {
                log.LogWarning("component {Name}: redis at {Host} does not let its notify-keyspace-events be set; without {Wanted} no change is seen: {Problem}", settings.Component, settings.Host, Wanted, refused.Message);
            }
        }
    }

    private async Task AfterBreakAsync(IConnectionMultiplexer multiplexer)
    {
        try
        {
            await SwitchOnAsync(multiplexer);
        }
        catch (Exception failure) when (failure is RedisException or TimeoutException)
        {
            // The next restored connection comes here again.
            log.LogWarning("component {Name}: redis at {Host} was gone again before its notifications were switched on: {Problem}", settings.Component, settings.Host, failure.Message);
            return;
        }
        foreach (var lookAgain in afterBreak)
            lookAgain();
    }

    private sealed class Watch(RedisConfigurationStore store, List<ChannelMessageQueue> queues, Action lookAgain) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            ImmutableInterlocked.Update(ref store.afterBreak, list => list.Remove(lookAgain));
            foreach (var queue in queues)
            {
                try
                {
                    await queue.UnsubscribeAsync();
                }
                catch (Exception failure) when (failure is RedisException or TimeoutException or ObjectDisposedException)
                {
                    store.log.LogDebug("component {Name}: a channel could not be left: {Problem}", store.settings.Component, failure.Message);
                }
            }
        }
    }
}
