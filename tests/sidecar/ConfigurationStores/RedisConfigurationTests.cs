using System.Net;
using Microsoft.AspNetCore.Builder;
using StackExchange.Redis;
using Tarasol.Tests.Servers;
using Tarasol.Tests.Sidecar.PubSub;
using Tarasol.Tests.Sidecar.Redis;

namespace Tarasol.Tests.Sidecar.ConfigurationStores;

public sealed class RedisConfigurationTests(RedisFixture redis) : ConfigurationTests, IClassFixture<RedisFixture>
{
    public override ValueTask InitializeAsync() => redis.StartAsync();

    private protected override string Resources => Store(redis.Server);

    private protected override Task SetAsync(string folder, string key, string value, string version) =>
        redis.Bare.StringSetAsync(key, version.Length > 0 ? $"{value}||{version}" : value);

    private protected override Task DeleteAsync(string folder, string key) => redis.Bare.KeyDeleteAsync(key);

    [Fact]
    public async Task What_is_no_string_or_empty_is_skipped()
    {
        await using var sidecar = await SidecarUnderTest.StartAsync(Resources);
        await redis.Bare.HashSetAsync(Key, "a", "b");
        await redis.Bare.StringSetAsync(Key + "empty", "||3");
        await redis.Bare.StringSetAsync(Key + "full", "v||1||more");
        var (_, _, body) = await sidecar.SendAsync("GET", $"/v1.0/configuration/configstore?key={Key}&key={Key}empty&key={Key}full");
        Assert.Equal($$$"""{"{{{Key}}}full":{"value":"v","version":"1"}}""" + "\n", body);
    }

    [Fact]
    public async Task After_a_kill_of_the_server_changes_are_seen_again_and_those_in_between_too()
    {
        await using var server = await RedisServer.StartAsync("--notify-keyspace-events", "z");
        await using var bare = await ConnectionMultiplexer.ConnectAsync($"{server.Address},allowAdmin=true");
        var app = new RecordingApp("[]");
        await using var mesh = await PubSubMesh.StartAsync(Store(server), app.Configure);
        await mesh.Http.GetStringAsync(new Uri("v1.0/configuration/configstore/subscribe?key=a&key=b&key=c", UriKind.Relative));
        Assert.Superset("Kg$xez".ToHashSet(), (await bare.GetServer(server.Address).ConfigGetAsync("notify-keyspace-events"))[0].Value.ToHashSet());
        await server.KillAsync();
        await server.StartAgainAsync();
        await Poll.UntilAsync(async () => await TryAsync(() => bare.GetDatabase().StringSetAsync("a", "1")));
        await Poll.UntilAsync(() => app.On("/configuration/configstore/a").Any());
        await bare.GetDatabase().StringSetAsync("b", "2");
        await Poll.UntilAsync(() => app.On("/configuration/configstore/b").Any());
        Assert.Empty(app.On("/configuration/configstore/c"));
    }

    private static async Task<bool> TryAsync(Func<Task> act)
    {
        try
        {
            await act();
            return true;
        }
        catch (Exception failure) when (failure is RedisException or TimeoutException)
        {
            return false;
        }
    }

    private static string Store(TestServer server) => SidecarUnderTest.Component("configstore", "configuration.redis", ("redisHost", server.Address));
}
