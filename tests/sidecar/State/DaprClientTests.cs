using Dapr.Client;
using Grpc.Core;
using Tarasol.Tests.Sidecar.Hosting;

namespace Tarasol.Tests.Sidecar.State;

/// <summary>Every state operation of Dapr.Client of NuGet, on each store that needs no server.</summary>
public sealed class DaprClientTests(DaprClientTests.Stores stores) : IClassFixture<DaprClientTests.Stores>
{
    private DaprClient Dapr => stores.Dapr;

    public static TheoryData<string> Names => ["sqlite", "memory"];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_value_is_saved_read_and_deleted(string store)
    {
        await Dapr.SaveStateAsync(store, "one", new Letter("greeting", 1));
        var saved = await Dapr.GetStateAsync<Letter>(store, "one");
        await Dapr.DeleteStateAsync(store, "one");

        Assert.Equal(new Letter("greeting", 1), saved);
        Assert.Null(await Dapr.GetStateAsync<Letter>(store, "one"));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task An_etag_guards_against_a_lost_update(string store)
    {
        await Dapr.SaveStateAsync(store, "guarded", new Letter("a", 1));
        var (value, etag) = await Dapr.GetStateAndETagAsync<Letter>(store, "guarded");

        Assert.True(await Dapr.TrySaveStateAsync(store, "guarded", value with { Version = 2 }, etag));
        Assert.False(await Dapr.TrySaveStateAsync(store, "guarded", value with { Version = 3 }, etag));
        Assert.False(await Dapr.TryDeleteStateAsync(store, "guarded", etag));
        Assert.Equal(2, (await Dapr.GetStateAsync<Letter>(store, "guarded")).Version);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task First_write_lets_only_the_first_one_in(string store)
    {
        var first = new StateOptions { Concurrency = ConcurrencyMode.FirstWrite, Consistency = ConsistencyMode.Strong };
        await Dapr.SaveStateAsync(store, "first", new Letter("a", 1), first);

        var second = await Assert.ThrowsAsync<Dapr.DaprException>(() => Dapr.SaveStateAsync(store, "first", new Letter("b", 2), first));

        Assert.Equal(StatusCode.Aborted, Assert.IsType<RpcException>(second.InnerException).StatusCode);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_state_entry_remembers_its_etag(string store)
    {
        await Dapr.SaveStateAsync(store, "entry", new Letter("a", 1));
        var entry = await Dapr.GetStateEntryAsync<Letter>(store, "entry");
        entry.Value = entry.Value with { Version = 2 };

        Assert.True(await entry.TrySaveAsync());
        Assert.False(await entry.TrySaveAsync());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Many_are_saved_read_and_deleted_at_once(string store)
    {
        await Dapr.SaveBulkStateAsync<Letter>(store, [new("m1", new Letter("a", 1), ""), new("m2", new Letter("b", 2), "")]);
        var items = await Dapr.GetBulkStateAsync<Letter>(store, ["m1", "m2", "m3"], parallelism: 2);
        await Dapr.DeleteBulkStateAsync(store, [new("m1", items.Single(item => item.Key == "m1").ETag), new("m2", "")]);

        Assert.Equal([1, 2, null], items.OrderBy(item => item.Key, StringComparer.Ordinal).Select(item => item.Value?.Version));
        Assert.All(await Dapr.GetBulkStateAsync<Letter>(store, ["m1", "m2"], null), item => Assert.Null(item.Value));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_transaction_is_all_or_nothing(string store)
    {
        await Dapr.SaveStateAsync(store, "t1", new Letter("a", 1));
        byte[] value = [.. "{\"title\":\"x\",\"version\":9}"u8];
        await Dapr.ExecuteStateTransactionAsync(store, [new("t1", null, StateOperationType.Delete), new("t2", value, StateOperationType.Upsert)]);

        var failure = await Assert.ThrowsAsync<Dapr.DaprException>(() => Dapr.ExecuteStateTransactionAsync(store,
            [new("t3", value, StateOperationType.Upsert), new("t2", value, StateOperationType.Upsert, "0190a1c6-0000-7000-8000-000000000000")]));

        Assert.Equal(StatusCode.Internal, Assert.IsType<RpcException>(failure.InnerException).StatusCode);
        Assert.Null(await Dapr.GetStateAsync<Letter>(store, "t1"));
        Assert.Equal(9, (await Dapr.GetStateAsync<Letter>(store, "t2")).Version);
        Assert.Null(await Dapr.GetStateAsync<Letter>(store, "t3"));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_value_with_a_time_to_live_goes_by_itself(string store)
    {
        await Dapr.SaveStateAsync(store, "brief", new Letter("a", 1), metadata: new Dictionary<string, string> { ["ttlInSeconds"] = "1" });

        Assert.NotNull(await Dapr.GetStateAsync<Letter>(store, "brief"));
        await Poll.UntilAsync(async () => await Dapr.GetStateAsync<Letter>(store, "brief") is null);
    }

    [Fact]
    public async Task Bytes_come_back_as_they_were()
    {
        var bytes = Enumerable.Range(0, 256).Select(value => (byte)value).ToArray();
        await Dapr.SaveByteStateAsync("sqlite", "bytes", bytes);

        Assert.Equal(bytes, (await Dapr.GetByteStateAsync("sqlite", "bytes")).ToArray());
        var (value, etag) = await Dapr.GetByteStateAndETagAsync("sqlite", "bytes");
        Assert.Equal(bytes, value.ToArray());
        Assert.True(await Dapr.TrySaveByteStateAsync("sqlite", "bytes", new byte[] { 1 }, etag));
        Assert.False(await Dapr.TrySaveByteStateAsync("sqlite", "bytes", new byte[] { 2 }, etag));
        Assert.Equal([1], (await Dapr.GetByteStateAsync("sqlite", "bytes")).ToArray());
    }

    [Fact]
    public async Task Errors_have_daprd_s_status()
    {
        static StatusCode Status(Exception failure) => Assert.IsType<RpcException>(failure.InnerException).StatusCode;

        Assert.Equal(StatusCode.InvalidArgument, Status(await Assert.ThrowsAsync<Dapr.DaprException>(() => Dapr.GetStateAsync<Letter>("nowhere", "k"))));
        Assert.Equal(StatusCode.InvalidArgument, Status(await Assert.ThrowsAsync<Dapr.DaprException>(() => Dapr.SaveStateAsync("memory", "a||b", 1))));
#pragma warning disable CS0618 // Query is obsolete in the SDK and still a route of the sidecar.
        Assert.Equal(StatusCode.Internal, Status(await Assert.ThrowsAnyAsync<Exception>(() => Dapr.QueryStateAsync<Letter>("memory", "{}"))));
#pragma warning restore CS0618
    }

    [Theory]
    [InlineData("", "caller||k")]
    [InlineData("appid", "caller||k")]
    [InlineData("name", "prefixed||k")]
    [InlineData("namespace", "here.caller||k")]
    [InlineData("none", "k")]
    [InlineData("shelf", "shelf||k")]
    public async Task The_key_on_the_store_has_the_prefix_of_its_strategy(string strategy, string expected)
    {
        (string, string)[] metadata = strategy.Length == 0 ? [("connectionString", "prefixed.db")] : [("connectionString", "prefixed.db"), ("keyPrefix", strategy)];
        await using var mesh = await TestMesh.StartAsync(Yaml.Component("prefixed", "state.sqlite", metadata), [new TestApp("caller")], options: options => options with { Namespace = "here" });
        await mesh.SendAsync("caller", "POST", "/v1.0/state/prefixed", """[{"key":"k","value":1}]""");

        await using var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={Path.Combine(mesh.Folder, "prefixed.db")};Pooling=false");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT key FROM state";

        Assert.Equal(expected, await command.ExecuteScalarAsync());
    }

    private sealed record Letter(string Title, int Version);

    public sealed class Stores : IAsyncLifetime
    {
        private TestMesh mesh = null!;

        public DaprClient Dapr { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            mesh = await TestMesh.StartAsync(Yaml.All(Yaml.Component("sqlite", "state.sqlite", ("connectionString", "state.db")), Yaml.Component("memory", "state.in-memory")), [new TestApp("caller")]);
            Dapr = mesh.Dapr("caller");
        }

        public async ValueTask DisposeAsync()
        {
            Dapr.Dispose();
            await mesh.DisposeAsync();
        }
    }
}
