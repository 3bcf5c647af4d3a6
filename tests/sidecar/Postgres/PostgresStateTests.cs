using System.Net;
using System.Text;
using System.Text.Json;
using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf;
using Grpc.Net.Client;
using Tarasol.Tests.Sidecar.Redis;
using static Dapr.Client.Autogen.Grpc.v1.Dapr;

namespace Tarasol.Tests.Sidecar.Postgres;

/// <summary>What both layouts do alike, and how the values lie in the tables.</summary>
public sealed class PostgresStateTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>, IAsyncLifetime
{
    // Tests of this class share the server: each has tables of its own.
    private readonly string prefix = $"t{Guid.NewGuid():N}"[..12];

    public ValueTask InitializeAsync() => postgres.StartAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private string Table(string version) => version == "v1" ? $"{prefix}_v1" : $"{prefix}_state";

    [Theory]
    [InlineData("v1")]
    [InlineData("v2")]
    public async Task A_value_is_saved_read_changed_by_its_etag_and_deleted(string version)
    {
        await using var sidecar = await StartAsync(version);
        Assert.Equal(HttpStatusCode.NoContent, (await PostAsync(sidecar, """[{"key":"a","value":{"n":1}}]""")).Status);
        var (status, etag, body) = await GetAsync(sidecar, "a");
        Assert.Equal((HttpStatusCode.OK, 1), (status, JsonDocument.Parse(body).RootElement.GetProperty("n").GetInt32()));
        Assert.Equal(HttpStatusCode.NoContent, (await PostAsync(sidecar, $$"""[{"key":"a","value":"two","etag":"{{etag}}"}]""")).Status);
        var (wrong, _, said) = await PostAsync(sidecar, $$"""[{"key":"a","value":"three","etag":"{{etag}}"}]""");
        Assert.Equal(HttpStatusCode.Conflict, wrong);
        Assert.Contains("possible etag mismatch. error from state store", said, StringComparison.Ordinal);
        Assert.Equal("\"two\"", (await GetAsync(sidecar, "a")).Body);
        Assert.Equal(HttpStatusCode.Conflict, (await sidecar.SendAsync("DELETE", "/v1.0/state/store/a", ifMatch: etag)).Status);
        var last = (await GetAsync(sidecar, "a")).ETag;
        Assert.Equal(HttpStatusCode.NoContent, (await sidecar.SendAsync("DELETE", "/v1.0/state/store/a", ifMatch: last)).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await GetAsync(sidecar, "a")).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await sidecar.SendAsync("DELETE", "/v1.0/state/store/a")).Status);
    }

    [Theory]
    [InlineData("v1", HttpStatusCode.BadRequest)]
    [InlineData("v2", HttpStatusCode.Conflict)]
    public async Task An_etag_that_can_be_that_of_no_row_is_refused(string version, HttpStatusCode expected)
    {
        await using var sidecar = await StartAsync(version);
        await PostAsync(sidecar, """[{"key":"a","value":1}]""");
        Assert.Equal(expected, (await PostAsync(sidecar, """[{"key":"a","value":2,"etag":"no etag"}]""")).Status);
    }

    [Theory]
    [InlineData("v1")]
    [InlineData("v2")]
    public async Task First_write_without_an_etag_takes_a_free_or_an_expired_key_only(string version)
    {
        await using var sidecar = await StartAsync(version);
        const string First = """[{"key":"a","value":1,"options":{"concurrency":"first-write"}}]""";
        Assert.Equal(HttpStatusCode.NoContent, (await PostAsync(sidecar, First)).Status);
        var (status, _, body) = await PostAsync(sidecar, First);
        Assert.Equal(HttpStatusCode.InternalServerError, status);
        Assert.Contains("no item was updated", body, StringComparison.Ordinal);
        await postgres.RunAsync($"UPDATE {Table(version)} SET {(version == "v1" ? "expiredate" : "expires_at")} = now() - interval '1 hour'");
        Assert.Equal(HttpStatusCode.NoContent, (await GetAsync(sidecar, "a")).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await PostAsync(sidecar, First)).Status);
    }

    [Theory]
    [InlineData("v1")]
    [InlineData("v2")]
    public async Task A_transaction_is_done_as_a_whole_or_not_at_all(string version)
    {
        await using var sidecar = await StartAsync(version);
        await PostAsync(sidecar, """[{"key":"old","value":1},{"key":"guarded","value":1}]""");
        Assert.Equal(HttpStatusCode.NoContent, (await sidecar.SendAsync("POST", "/v1.0/state/store/transaction", """
            {"operations":[{"operation":"upsert","request":{"key":"new","value":{"a":"b"}}},{"operation":"delete","request":{"key":"old"}}]}
            """)).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await GetAsync(sidecar, "old")).Status);
        var (status, _, body) = await sidecar.SendAsync("POST", "/v1.0/state/store/transaction", """
            {"operations":[{"operation":"delete","request":{"key":"new"}},{"operation":"upsert","request":{"key":"guarded","value":2,"etag":"4000000000"}}]}
            """);
        Assert.Equal(HttpStatusCode.InternalServerError, status);
        Assert.Contains("ERR_STATE_TRANSACTION", body, StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.OK, "1"), ((await GetAsync(sidecar, "new")).Status, (await GetAsync(sidecar, "guarded")).Body));
    }

    [Theory]
    [InlineData("v1")]
    [InlineData("v2")]
    public async Task Bytes_come_back_as_they_were(string version)
    {
        await using var sidecar = await StartAsync(version);
        using var channel = GrpcChannel.ForAddress($"http://127.0.0.1:{sidecar.GrpcPort}");
        var client = new DaprClient(channel);
        byte[][] values = [[0, 1, 255, 254], Encoding.UTF8.GetBytes("{\"a\": 1}"), []];
        for (var at = 0; at < values.Length; at++)
            await client.SaveStateAsync(new SaveStateRequest { StoreName = "store", States = { new StateItem { Key = $"b{at}", Value = ByteString.CopyFrom(values[at]) } } }, cancellationToken: Cancel);
        for (var at = 0; at < values.Length; at++)
            Assert.Equal(values[at], (await client.GetStateAsync(new GetStateRequest { StoreName = "store", Key = $"b{at}" }, cancellationToken: Cancel)).Data.ToByteArray());
    }

    [Theory]
    [InlineData("v1")]
    [InlineData("v2")]
    public async Task A_time_to_live_is_told_kept_and_taken_back_by_the_next_save(string version)
    {
        await using var sidecar = await StartAsync(version);
        await PostAsync(sidecar, """[{"key":"short","value":1,"metadata":{"ttlInSeconds":"1"}},{"key":"long","value":1,"metadata":{"ttlInSeconds":"1000"}}]""");
        using var http = new HttpClient();
        using var answer = await http.GetAsync($"http://127.0.0.1:{sidecar.HttpPort}/v1.0/state/store/long", Cancel);
        var expires = DateTimeOffset.Parse(answer.Headers.GetValues("metadata.ttlExpireTime").Single(), System.Globalization.CultureInfo.InvariantCulture);
        Assert.InRange(expires, DateTimeOffset.UtcNow.AddSeconds(900), DateTimeOffset.UtcNow.AddSeconds(1100));
        await Poll.UntilAsync(async () => (await GetAsync(sidecar, "short")).Status == HttpStatusCode.NoContent);
        await PostAsync(sidecar, """[{"key":"long","value":2}]""");
        Assert.Equal([null], await postgres.RunAsync($"SELECT {(version == "v1" ? "expiredate" : "expires_at")}::text FROM {Table(version)} WHERE key = 'app||long'"));
    }

    [Theory]
    [InlineData("v1")]
    [InlineData("v2")]
    public async Task Expired_rows_are_removed_at_each_cleanupInterval(string version)
    {
        await using var sidecar = await StartAsync(version, ("cleanupInterval", "200ms"));
        await PostAsync(sidecar, """[{"key":"short","value":1,"metadata":{"ttlInSeconds":"1"}},{"key":"kept","value":1}]""");
        await Poll.UntilAsync(async () => (await postgres.RunAsync($"SELECT key FROM {Table(version)}")) is ["app||kept"]);
    }

    [Fact]
    public async Task Version_1_lies_in_daprds_table()
    {
        await using var sidecar = await StartAsync("v1");
        await PostAsync(sidecar, """[{"key":"a","value":{"n":1}},{"key":"b","value":"\u0000"}]""");
        Assert.Equal(["key:text", "value:jsonb", "isbinary:boolean", "insertdate:timestamp with time zone", "updatedate:timestamp with time zone", "expiredate:timestamp with time zone", "row_id:bigint"],
            await postgres.RunAsync($"SELECT column_name || ':' || data_type FROM information_schema.columns WHERE table_name = '{Table("v1")}' ORDER BY ordinal_position"));
        Assert.Equal(["app||a {\"n\": 1} false"], await postgres.RunAsync($"SELECT key || ' ' || value::text || ' ' || isbinary::text FROM {Table("v1")} WHERE key = 'app||a'"));
        Assert.Equal(await postgres.RunAsync($"SELECT xmin::text FROM {Table("v1")} WHERE key = 'app||a'"), [(await GetAsync(sidecar, "a")).ETag]);
        Assert.Equal("\"\\u0000\"", (await GetAsync(sidecar, "b")).Body);
        Assert.Equal(["3"], await postgres.RunAsync($"SELECT value FROM {prefix}_meta WHERE key = 'migrations'"));
    }

    [Fact]
    public async Task Version_2_lies_in_daprds_table()
    {
        await using var sidecar = await StartAsync("v2");
        await PostAsync(sidecar, """[{"key":"a","value":{"n":1}}]""");
        Assert.Equal(["key:text", "value:bytea", "etag:uuid", "created_at:timestamp with time zone", "updated_at:timestamp with time zone", "expires_at:timestamp with time zone", "row_id:bigint"],
            await postgres.RunAsync($"SELECT column_name || ':' || data_type FROM information_schema.columns WHERE table_name = '{Table("v2")}' ORDER BY ordinal_position"));
        Assert.Equal(["""{"n":1}"""], await postgres.RunAsync($"SELECT convert_from(value, 'UTF8') FROM {Table("v2")} WHERE key = 'app||a'"));
        Assert.Equal(["2"], await postgres.RunAsync($"SELECT value FROM {prefix}_meta WHERE key = 'migrations-state-v2-{prefix}_'"));
    }

    [Fact]
    public async Task What_daprd_wrote_into_a_table_of_its_first_days_is_read()
    {
        await postgres.RunAsync($"""
            CREATE TABLE {Table("v1")} (key text NOT NULL PRIMARY KEY, value jsonb NOT NULL, isbinary boolean NOT NULL,
              insertdate TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT NOW(), updatedate TIMESTAMP WITH TIME ZONE NULL);
            CREATE TABLE {prefix}_meta (key text NOT NULL PRIMARY KEY, value text NOT NULL);
            INSERT INTO {prefix}_meta VALUES ('migrations', '1');
            """);
        await postgres.RunAsync($$"""INSERT INTO {{Table("v1")}} (key, value, isbinary) VALUES ('app||json', '{"by": "daprd"}', false), ('app||bytes', '"AAH/"', true)""");
        await using var sidecar = await StartAsync("v1");
        Assert.Equal("""{"by": "daprd"}""", (await GetAsync(sidecar, "json")).Body);
        using var http = new HttpClient();
        Assert.Equal([0, 1, 255], await http.GetByteArrayAsync($"http://127.0.0.1:{sidecar.HttpPort}/v1.0/state/store/bytes", Cancel));
        await PostAsync(sidecar, """[{"key":"json","value":1}]""");
        Assert.Equal(["1", "2"], await postgres.RunAsync($"SELECT row_id FROM {Table("v1")} ORDER BY row_id"));
    }

    [Fact]
    public async Task Many_sidecars_that_start_together_make_the_tables_once()
    {
        var sidecars = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => StartAsync("v1")));
        var saved = await Task.WhenAll(sidecars.Select((sidecar, at) => PostAsync(sidecar, $$"""[{"key":"k{{at}}","value":{{at}}}]""")));
        Assert.All(saved, one => Assert.Equal(HttpStatusCode.NoContent, one.Status));
        Assert.Equal(["6"], await postgres.RunAsync($"SELECT count(*) FROM {Table("v1")}"));
        foreach (var sidecar in sidecars)
            await sidecar.DisposeAsync();
    }

    [Fact]
    public async Task Transactions_that_lock_each_other_are_both_done()
    {
        await using var sidecar = await StartAsync("v1");
        await PostAsync(sidecar, """[{"key":"x","value":0},{"key":"y","value":0}]""");
        async Task<HttpStatusCode> BothAsync(string first, string second) => (await sidecar.SendAsync("POST", "/v1.0/state/store/transaction",
            $$$"""{"operations":[{"operation":"upsert","request":{"key":"{{{first}}}","value":1}},{"operation":"upsert","request":{"key":"{{{second}}}","value":1}}]}""")).Status;
        var all = await Task.WhenAll(Enumerable.Range(0, 40).Select(at => at % 2 == 0 ? BothAsync("x", "y") : BothAsync("y", "x")));
        Assert.All(all, status => Assert.Equal(HttpStatusCode.NoContent, status));
    }

    [Theory]
    [InlineData("connectionString", "", "connectionString is missing")]
    [InlineData("connectionString", "mysql://root@db/x", "begins with postgres:// or postgresql://")]
    [InlineData("connectionString", "host=db sslmode=perhaps", "sslmode perhaps is invalid")]
    [InlineData("connectionString", "host='db", "a quote is not closed")]
    [InlineData("tableName", "state; DROP TABLE x", "is no table name")]
    [InlineData("timeout", "10ms", "must be greater than 1s")]
    [InlineData("queryExecMode", "fast", "invalid queryExecMode metadata value: fast")]
    [InlineData("useAzureAD", "true", "useAzureAD is not served by this host")]
    public async Task Wrong_metadata_is_refused_with_the_reason(string key, string value, string reason)
    {
        var failure = await Assert.ThrowsAnyAsync<Exception>(() => StartAsync("v1", (key, value)));
        Assert.Contains(reason, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_version_that_there_is_not_is_refused()
    {
        var failure = await Assert.ThrowsAnyAsync<Exception>(() => StartAsync("v3"));
        Assert.Contains("state.postgresql/v3 is not served by this host", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_address_may_be_a_url_and_parts_of_it_metadata_of_their_own()
    {
        await using var sidecar = await StartAsync("v1", ("connectionString", "postgres://nobody:pass%20word@db.example:1/postgres?sslmode=disable&application_name=tarasol"),
            ("host", "127.0.0.1"), ("port", $"{postgres.Server.Port}"), ("user", "postgres"));
        Assert.Equal(HttpStatusCode.NoContent, (await PostAsync(sidecar, """[{"key":"a","value":1}]""")).Status);
        Assert.Contains("tarasol", await postgres.RunAsync("SELECT application_name FROM pg_stat_activity"));
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private Task<SidecarUnderTest> StartAsync(string version, params (string Name, string Value)[] more)
    {
        var metadata = new Dictionary<string, string> { ["connectionString"] = postgres.Address, ["metadataTableName"] = $"{prefix}_meta" };
        metadata[version == "v2" ? "tablePrefix" : "tableName"] = version == "v2" ? $"{prefix}_" : Table("v1");
        foreach (var (name, value) in more)
            metadata[name] = value;
        return SidecarUnderTest.StartAsync(SidecarUnderTest.Component("store", "state.postgresql", [.. metadata.Select(item => (item.Key, item.Value))])
            .Replace("version: v1", $"version: {version}", StringComparison.Ordinal));
    }

    private static Task<(HttpStatusCode Status, string? ETag, string Body)> PostAsync(SidecarUnderTest sidecar, string json) => sidecar.SendAsync("POST", "/v1.0/state/store", json);

    private static Task<(HttpStatusCode Status, string? ETag, string Body)> GetAsync(SidecarUnderTest sidecar, string key) => sidecar.SendAsync("GET", $"/v1.0/state/store/{key}");
}
