using System.Net;
using System.Text.Json;
using StackExchange.Redis;

namespace Tarasol.Tests.Sidecar.Redis;

public sealed class RedisStateTests(RedisFixture redis) : IClassFixture<RedisFixture>, IAsyncLifetime
{
    // Tests of this class share the server: each has keys of its own.
    private readonly string key = $"k{Guid.NewGuid():N}";
    private SidecarUnderTest sidecar = null!;

    private string OnServer => $"app||{key}";

    public async ValueTask InitializeAsync()
    {
        await redis.StartAsync();
        sidecar = await StartAsync();
    }

    public ValueTask DisposeAsync() => sidecar.DisposeAsync();

    [Fact]
    public async Task A_value_lies_in_daprds_hash_and_each_save_counts_its_version()
    {
        await SaveAsync($$$"""[{"key":"{{{key}}}","value":{"n":1}}]""");
        Assert.Equal([new("data", """{"n":1}"""), new("version", "1")], await redis.Bare.HashGetAllAsync(OnServer));
        await SaveAsync($$"""[{"key":"{{key}}","value":"two"}]""");
        Assert.Equal([new("data", "\"two\""), new("version", "2")], await redis.Bare.HashGetAllAsync(OnServer));
        Assert.Equal((HttpStatusCode.OK, "2", "\"two\""), await GetAsync());
    }

    [Fact]
    public async Task What_daprd_wrote_is_read_with_its_etag()
    {
        await redis.Bare.HashSetAsync(OnServer, [new("data", """{"by":"daprd"}"""), new("version", 7), new("first-write", 0)]);
        Assert.Equal((HttpStatusCode.OK, "7", """{"by":"daprd"}"""), await GetAsync());
        await SaveAsync($$"""[{"key":"{{key}}","value":1,"etag":"7"}]""");
        Assert.Equal("8", (await GetAsync()).ETag);
    }

    [Fact]
    public async Task A_plain_string_is_read_without_an_etag_and_gives_way_to_a_save()
    {
        await redis.Bare.StringSetAsync(OnServer, "\"plain\"");
        Assert.Equal((HttpStatusCode.OK, "\"plain\""), ((await GetAsync()).Status, (await GetAsync()).Body));
        await SaveAsync($$"""[{"key":"{{key}}","value":1}]""");
        Assert.Equal((HttpStatusCode.OK, "1", "1"), await GetAsync());
    }

    [Theory]
    [InlineData("""{"etag":"1"}""", HttpStatusCode.NoContent)]
    [InlineData("""{"etag":"2"}""", HttpStatusCode.Conflict)]
    [InlineData("""{"etag":"one"}""", HttpStatusCode.BadRequest)]
    [InlineData("""{"etag":"9","options":{"concurrency":"last-write"}}""", HttpStatusCode.NoContent)]
    [InlineData("{}", HttpStatusCode.NoContent)]
    public async Task A_save_over_version_1_follows_its_etag(string options, HttpStatusCode expected)
    {
        await SaveAsync($$"""[{"key":"{{key}}","value":"old"}]""");
        var (status, _, body) = await PostAsync($$"""[{"key":"{{key}}","value":"new",{{options[1..]}}]""".Replace(",}", "}", StringComparison.Ordinal));
        Assert.True(status == expected, body);
        Assert.Equal(expected == HttpStatusCode.NoContent ? "\"new\"" : "\"old\"", (await GetAsync()).Body);
    }

    [Fact]
    public async Task After_a_first_write_only_the_right_etag_may_save()
    {
        await SaveAsync($$$"""[{"key":"{{{key}}}","value":1,"options":{"concurrency":"first-write"}}]""");
        Assert.Equal("0", await redis.Bare.HashGetAsync(OnServer, "first-write"));
        Assert.Equal(HttpStatusCode.InternalServerError, (await PostAsync($$"""[{"key":"{{key}}","value":2}]""")).Status);
        Assert.Equal(HttpStatusCode.Conflict, (await PostAsync($$"""[{"key":"{{key}}","value":2,"etag":"5"}]""")).Status);
        await SaveAsync($$"""[{"key":"{{key}}","value":2,"etag":"1"}]""");
        Assert.Equal("2", (await GetAsync()).Body);
    }

    [Fact]
    public async Task Of_many_first_writes_with_one_etag_one_wins()
    {
        await SaveAsync($$"""[{"key":"{{key}}","value":0}]""");
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(n => PostAsync($$$"""[{"key":"{{{key}}}","value":{{{n}}},"etag":"1","options":{"concurrency":"first-write"}}]""")));
        Assert.Single(answers, answer => answer.Status == HttpStatusCode.NoContent);
        Assert.Equal(19, answers.Count(answer => answer.Status == HttpStatusCode.Conflict));
        Assert.Equal("2", (await GetAsync()).ETag);
    }

    [Fact]
    public async Task A_delete_with_a_wrong_etag_is_refused()
    {
        await SaveAsync($$"""[{"key":"{{key}}","value":1}]""");
        Assert.Equal(HttpStatusCode.Conflict, (await sidecar.SendAsync("DELETE", $"/v1.0/state/statestore/{key}", ifMatch: "9")).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await sidecar.SendAsync("DELETE", $"/v1.0/state/statestore/{key}", ifMatch: "1")).Status);
        Assert.False(await redis.Bare.KeyExistsAsync(OnServer));
    }

    [Fact]
    public async Task A_ttl_is_the_keys_own_and_minus_one_takes_it_away()
    {
        await SaveAsync($$$"""[{"key":"{{{key}}}","value":1,"metadata":{"ttlInSeconds":"100"}}]""");
        Assert.InRange((await redis.Bare.KeyTimeToLiveAsync(OnServer))!.Value.TotalSeconds, 90, 100);
        await SaveAsync($$"""[{"key":"{{key}}","value":2}]""");
        Assert.NotNull(await redis.Bare.KeyTimeToLiveAsync(OnServer));
        await SaveAsync($$$"""[{"key":"{{{key}}}","value":3,"metadata":{"ttlInSeconds":"-1"}}]""");
        Assert.Null(await redis.Bare.KeyTimeToLiveAsync(OnServer));
    }

    [Fact]
    public async Task The_components_ttl_counts_where_a_request_has_none()
    {
        await using var other = await StartAsync(("ttlInSeconds", "50"));
        Assert.Equal(HttpStatusCode.NoContent, (await other.SendAsync("POST", "/v1.0/state/statestore", $$"""[{"key":"{{key}}","value":1}]""")).Status);
        Assert.InRange((await redis.Bare.KeyTimeToLiveAsync(OnServer))!.Value.TotalSeconds, 40, 50);
    }

    [Fact]
    public async Task A_transaction_writes_all_its_keys()
    {
        await SaveAsync($$"""[{"key":"{{key}}","value":1}]""");
        var (status, _, body) = await sidecar.SendAsync("POST", "/v1.0/state/statestore/transaction",
            $$$$"""{"operations":[{"operation":"delete","request":{"key":"{{{{key}}}}"}},{"operation":"upsert","request":{"key":"{{{{key}}}}b","value":{"z":true}}}]}""");
        Assert.True(status == HttpStatusCode.NoContent, body);
        Assert.False(await redis.Bare.KeyExistsAsync(OnServer));
        Assert.Equal([new("data", """{"z":true}"""), new("version", "1")], await redis.Bare.HashGetAllAsync(OnServer + "b"));
    }

    [Fact]
    public async Task A_bulk_get_keeps_the_order_and_marks_what_is_missing()
    {
        await SaveAsync($$"""[{"key":"{{key}}","value":1},{"key":"{{key}}c","value":3}]""");
        var (_, _, body) = await sidecar.SendAsync("POST", "/v1.0/state/statestore/bulk", $$"""{"keys":["{{key}}","{{key}}b","{{key}}c"]}""");
        var items = JsonDocument.Parse(body).RootElement.EnumerateArray().Select(item => item.TryGetProperty("data", out var data) ? data.GetRawText() : "none");
        Assert.Equal(["1", "none", "3"], items);
    }

    [Fact]
    public async Task Bytes_are_kept_as_they_are()
    {
        var store = sidecar.Find<Tarasol.Sidecar.State.IStateStore>("statestore");
        byte[] bytes = [0, 255, 128, 10];
        await store.CommitAsync([new Tarasol.Sidecar.State.SetState(OnServer, bytes)], TestContext.Current.CancellationToken);
        Assert.Equal(bytes, (byte[]?)await redis.Bare.HashGetAsync(OnServer, "data"));
        Assert.Equal(bytes, (await store.GetAsync(OnServer, TestContext.Current.CancellationToken))!.Value.ToArray());
    }

    [Theory]
    [InlineData("redisHost", "", "redisHost is missing")]
    [InlineData("redisPort", "1", "already contains the port")]
    [InlineData("redisDB", "one", "redisDB one is no whole number")]
    [InlineData("redisType", "ring", "redisType ring")]
    [InlineData("failover", "true", "sentinelMasterName")]
    [InlineData("readTimeout", "soon", "readTimeout soon")]
    [InlineData("useEntraID", "true", "useEntraID is not served")]
    [InlineData("queryIndexes", "[]", "RediSearch")]
    [InlineData("maxRetryBackoff", "2s", "maxRetryBackoff 2s")]
    public async Task Metadata_that_cannot_be_used_is_refused_by_name(string name, string value, string expected)
    {
        var failure = await Assert.ThrowsAnyAsync<Exception>(() => StartAsync((name, value)));
        Assert.Contains("component statestore (state.redis)", failure.Message, StringComparison.Ordinal);
        Assert.Contains(expected, failure.Message, StringComparison.Ordinal);
    }

    private Task<SidecarUnderTest> StartAsync(params (string Name, string Value)[] more) => SidecarUnderTest.StartAsync(SidecarUnderTest.Component(
        "statestore", "state.redis", [.. new[] { (Name: "redisHost", Value: redis.Server.Address) }.Where(item => more.All(other => other.Name != item.Name)), .. more]));

    private Task<(HttpStatusCode Status, string? ETag, string Body)> GetAsync() => sidecar.SendAsync("GET", $"/v1.0/state/statestore/{key}");

    private Task<(HttpStatusCode Status, string? ETag, string Body)> PostAsync(string json) => sidecar.SendAsync("POST", "/v1.0/state/statestore", json);

    private async Task SaveAsync(string json)
    {
        var (status, _, body) = await PostAsync(json);
        Assert.True(status == HttpStatusCode.NoContent, body);
    }
}
