using System.Net;
using System.Text.Json;
using Dapr.Client.Autogen.Grpc.v1;
using Grpc.Core;
using Grpc.Net.Client;
using Tarasol.Tests.Sidecar.Redis;
using static Dapr.Client.Autogen.Grpc.v1.Dapr;

namespace Tarasol.Tests.Sidecar.Postgres;

/// <summary>The query API over version v1 of state.postgresql.</summary>
public sealed class PostgresQueryTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>, IAsyncLifetime
{
    private readonly string table = $"q{Guid.NewGuid():N}"[..12];
    private SidecarUnderTest sidecar = null!;

    public async ValueTask InitializeAsync()
    {
        await postgres.StartAsync();
        sidecar = await SidecarUnderTest.StartAsync(SidecarUnderTest.Component("store", "state.postgresql",
            ("connectionString", postgres.Address), ("tableName", table), ("metadataTableName", $"{table}_meta"))
            + SidecarUnderTest.Component("plain", "state.in-memory"));
        var (status, _, body) = await sidecar.SendAsync("POST", "/v1.0/state/store", """
            [
              {"key":"1","value":{"person":{"org":"Dev","id":36},"city":"Riyadh","state":"open"}},
              {"key":"2","value":{"person":{"org":"Fin","id":28},"city":"Jeddah","state":"open"}},
              {"key":"3","value":{"person":{"org":"Fin","id":71},"city":"O'Hara","state":"closed"}},
              {"key":"4","value":{"person":{"org":"Dev","id":55},"city":"Riyadh","state":"closed"}}
            ]
            """);
        Assert.True(status == HttpStatusCode.NoContent, body);
        await postgres.RunAsync($$"""
            INSERT INTO {{table}} (key, value, isbinary) VALUES ('other||5', '{"person":{"org":"Dev","id":90},"city":"Riyadh"}', false);
            INSERT INTO {{table}} (key, value, isbinary, expiredate) VALUES ('app||6', '{"person":{"org":"Dev","id":90},"city":"Riyadh"}', false, now() - interval '1 hour')
            """);
    }

    public ValueTask DisposeAsync() => sidecar.DisposeAsync();

    [Theory]
    [InlineData("""{}""", "1 2 3 4")]
    [InlineData("""{"filter":{}}""", "1 2 3 4")]
    [InlineData("""{"filter":{"EQ":{"city":"Riyadh"}}}""", "1 4")]
    [InlineData("""{"filter":{"EQ":{"city":"O'Hara"}}}""", "3")]
    [InlineData("""{"filter":{"NEQ":{"city":"Riyadh"}}}""", "2 3")]
    [InlineData("""{"filter":{"EQ":{"person.id":28}}}""", "2")]
    [InlineData("""{"filter":{"GT":{"person.id":36}}}""", "3 4")]
    [InlineData("""{"filter":{"GTE":{"person.id":36}}}""", "1 3 4")]
    [InlineData("""{"filter":{"LT":{"person.id":36}}}""", "2")]
    [InlineData("""{"filter":{"LTE":{"person.id":36}}}""", "1 2")]
    [InlineData("""{"filter":{"IN":{"city":["Jeddah","O'Hara"]}}}""", "2 3")]
    [InlineData("""{"filter":{"AND":[{"EQ":{"person.org":"Dev"}},{"EQ":{"state":"closed"}}]}}""", "4")]
    [InlineData("""{"filter":{"OR":[{"EQ":{"city":"Jeddah"}},{"AND":[{"EQ":{"person.org":"Dev"}},{"IN":{"state":["open"]}}]}]}}""", "1 2")]
    [InlineData("""{"filter":{"EQ":{"city' OR true --":"x"}}}""", "")]
    public async Task A_filter_finds_the_own_values_that_match(string query, string expected)
    {
        var (status, _, body) = await QueryAsync(query);
        Assert.Equal(expected.Length == 0 ? HttpStatusCode.NoContent : HttpStatusCode.OK, status);
        Assert.Equal(expected, Keys(body, sorted: true));
    }

    [Fact]
    public async Task Results_are_ordered_and_come_in_pages()
    {
        const string Sorted = """ "sort":[{"key":"person.org"},{"key":"person.id","order":"DESC"}] """;
        var (_, _, first) = await QueryAsync($$$"""{{{{Sorted}}},"page":{"limit":3}}""");
        Assert.Equal("4 1 3", Keys(first));
        var token = JsonDocument.Parse(first).RootElement.GetProperty("token").GetString();
        var (_, _, second) = await QueryAsync($$$"""{{{{Sorted}}},"page":{"limit":3,"token":"{{{token}}}"}}""");
        Assert.Equal("2", Keys(second));
        Assert.Equal("4", JsonDocument.Parse(second).RootElement.GetProperty("token").GetString());
    }

    [Fact]
    public async Task A_result_holds_value_and_etag()
    {
        var (_, _, body) = await QueryAsync("""{"filter":{"EQ":{"city":"Jeddah"}}}""");
        var etag = (await sidecar.SendAsync("GET", "/v1.0/state/store/2")).ETag;
        var result = JsonDocument.Parse(body).RootElement.GetProperty("results")[0];
        Assert.Equal(etag, result.GetProperty("etag").GetString());
        Assert.Equal("Fin", result.GetProperty("data").GetProperty("person").GetProperty("org").GetString());
        Assert.False(JsonDocument.Parse(body).RootElement.TryGetProperty("token", out _));
    }

    [Theory]
    [InlineData("""{"filter":{"LIKE":{"a":"b"}}}""", "failed to parse JSON query body: unsupported filter \\\"LIKE\\\"")]
    [InlineData("""{"filter":{"EQ":{"a":1},"NEQ":{"b":1}}}""", "filter unit must have a single element")]
    [InlineData("""{"filter":{"AND":[{"EQ":{"a":1}}]}}""", "AND filter must contain at least two entries")]
    [InlineData("""{"filter":{"IN":{"a":1}}}""", "IN filter value must be an array")]
    [InlineData("""{"filter":{"IN":{"a":[]}}}""", "empty IN operator for key \\\"a\\\"")]
    [InlineData("""{"filter":{"GT":{"a":"text"}}}""", "unsupported type of value text; string type not permitted")]
    [InlineData("""{"sort":[{"key":"a","order":"ASC; DROP TABLE x"}]}""", "unsupported sort order")]
    [InlineData("""{"page":{"token":"next"}}""", "invalid syntax")]
    [InlineData("""{"filter":""", "failed to parse JSON query body")]
    public async Task A_query_that_cannot_be_followed_is_refused_in_daprds_words(string query, string reason)
    {
        var (status, _, body) = await QueryAsync(query);
        Assert.Equal(HttpStatusCode.InternalServerError, status);
        Assert.StartsWith("""{"errorCode":"ERR_STATE_QUERY","message":"state store store query failed: """, body, StringComparison.Ordinal);
        Assert.Contains(reason, body, StringComparison.Ordinal);
        Assert.Contains("DAPR_STATE_QUERY_FAILED", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_same_over_gRPC()
    {
        using var channel = GrpcChannel.ForAddress($"http://127.0.0.1:{sidecar.GrpcPort}");
        var client = new DaprClient(channel);
        var found = await client.QueryStateAlpha1Async(new QueryStateRequest { StoreName = "store", Query = """{"filter":{"EQ":{"person.org":"Fin"}},"sort":[{"key":"person.id"}],"page":{"limit":1}}""" },
            cancellationToken: TestContext.Current.CancellationToken);
        var item = Assert.Single(found.Results);
        Assert.Equal(("2", "1"), (item.Key, found.Token));
        Assert.Equal("Jeddah", JsonDocument.Parse(item.Data.ToStringUtf8()).RootElement.GetProperty("city").GetString());
        var refused = await Assert.ThrowsAsync<RpcException>(async () => await client.QueryStateAlpha1Async(new QueryStateRequest { StoreName = "plain", Query = "{}" }));
        Assert.Equal(StatusCode.Internal, refused.StatusCode);
    }

    [Fact]
    public async Task Metadata_says_which_store_can_be_queried()
    {
        var (_, _, body) = await sidecar.SendAsync("GET", "/v1.0/metadata");
        var components = JsonDocument.Parse(body).RootElement.GetProperty("components").EnumerateArray()
            .ToDictionary(component => component.GetProperty("name").GetString()!, component => component.GetProperty("capabilities").ToString());
        Assert.Contains("QUERY_API", components["store"], StringComparison.Ordinal);
        Assert.DoesNotContain("QUERY_API", components["plain"], StringComparison.Ordinal);
        var (status, _, refused) = await sidecar.SendAsync("POST", "/v1.0-alpha1/state/plain/query", "{}");
        Assert.Equal(HttpStatusCode.InternalServerError, status);
        Assert.Contains("ERR_STATE_STORE_NOT_SUPPORTED", refused, StringComparison.Ordinal);
    }

    private Task<(HttpStatusCode Status, string? ETag, string Body)> QueryAsync(string query) => sidecar.SendAsync("POST", "/v1.0-alpha1/state/store/query", query);

    private static string Keys(string body, bool sorted = false)
    {
        if (body.Length == 0)
            return "";
        var keys = JsonDocument.Parse(body).RootElement.GetProperty("results").EnumerateArray().Select(result => result.GetProperty("key").GetString()!);
        return string.Join(' ', sorted ? keys.Order(StringComparer.Ordinal) : keys);
    }
}
