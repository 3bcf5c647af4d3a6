using StackExchange.Redis;
using Tarasol.Tests.Servers;

namespace Tarasol.Tests.Load.State;

/// <summary>Set and get of 256 bytes: through the host's HTTP API on state.redis, and with the bare client on the same Redis.</summary>
internal static class StateLoad
{
    private const int Clients = 16;
    private static readonly string Value = new('x', 256);

    public static async Task RunAsync(int seconds, CancellationToken cancel)
    {
        await using var redis = await RedisServer.StartAsync("--appendonly", "no");
        await using var connection = await ConnectionMultiplexer.ConnectAsync(redis.Address);
        var database = connection.GetDatabase();
        var component = $$"""
            apiVersion: dapr.io/v1alpha1
            kind: Component
            metadata: { name: statestore }
            spec:
              type: state.redis
              version: v1
              metadata: [{ name: redisHost, value: "{{redis.Address}}" }]
            """;
        await using var host = await SidecarUnderLoad.StartAsync([("app", ChildProcess.FreePort())], [component], cancel, health: "healthz/outbound");
        using var handler = new SocketsHttpHandler { MaxConnectionsPerServer = Clients, UseProxy = false };
        using var http = new HttpClient(handler) { BaseAddress = new Uri($"http://127.0.0.1:{host.HttpPorts[0]}") };

        Report.Title($"State, {Clients} clients", "operation", "bare Redis /s", "via host /s", "ratio", "bare p50 ms", "via host p50 ms");
        await RowAsync("set",
            (client, _) => database.HashSetAsync($"bare||{client}", [new("data", Value), new("version", 1)]),
            async (client, stop) =>
            {
                using var content = new StringContent($$"""[{"key":"{{client}}","value":"{{Value}}"}]""", System.Text.Encoding.UTF8, "application/json");
                using var answer = await http.PostAsync(new Uri("/v1.0/state/statestore", UriKind.Relative), content, stop);
                answer.EnsureSuccessStatusCode();
            });
        await RowAsync("get",
            (client, _) => database.HashGetAllAsync($"bare||{client}"),
            async (client, stop) =>
            {
                if ((await http.GetStringAsync(new Uri($"/v1.0/state/statestore/{client}", UriKind.Relative), stop)).Length < Value.Length)
                    throw new InvalidOperationException($"the value of {client} is not there");
            });

        async Task RowAsync(string operation, Func<int, CancellationToken, Task> bare, Func<int, CancellationToken, Task> viaHost)
        {
            Report.Progress($"state, {operation}");
            var direct = await ClosedLoop.RunAsync(Clients, seconds, bare, cancel);
            var via = await ClosedLoop.RunAsync(Clients, seconds, viaHost, cancel);
            Report.Row(operation, Report.Number(direct.PerSecond), Report.Number(via.PerSecond), Report.Number(via.PerSecond / direct.PerSecond, "0.00"),
                Report.Number(direct.At(50), "0.000"), Report.Number(via.At(50), "0.000"));
        }
    }
}
