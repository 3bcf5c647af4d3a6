namespace Tarasol.Tests.Load.Memory;

/// <summary>Resident memory of one host with few and with many app-ids, each called once, all with the embedded components.</summary>
internal static class MemoryLoad
{
    private const int Few = 1;
    private const int Many = 41;

    private static readonly string[] Components =
    [
        Component("pubsub", "pubsub.sqlite", "[{ name: connectionString, value: pubsub.db }]"), Component("statestore", "state.sqlite", "[{ name: connectionString, value: state.db }]"),
    ];

    public static async Task RunAsync(CancellationToken cancel)
    {
        var port = ChildProcess.FreePort();
        await using var app = await EchoApp.StartAsync(port, cancel);
        Report.Title("Memory", "app-ids", "resident MiB");
        var few = await MeasureAsync(Few, port, cancel);
        var many = await MeasureAsync(Many, port, cancel);
        Report.Row($"{Few}", Report.Number(few / 1048576.0, "0.0"));
        Report.Row($"{Many}", Report.Number(many / 1048576.0, "0.0"));
        Report.Row("each further", Report.Number((many - few) / 1048576.0 / (Many - Few), "0.00"));
    }

    private static async Task<long> MeasureAsync(int apps, int port, CancellationToken cancel)
    {
        Report.Progress($"memory, {apps} app-ids");
        await using var host = await SidecarUnderLoad.StartAsync([.. Enumerable.Range(0, apps).Select(number => ($"app{number}", port))], Components, cancel);
        using var http = new HttpClient();
        for (var at = 0; at < apps; at++)
        {
            using var content = new StringContent("hello");
            using var answer = await http.PostAsync(new Uri($"http://127.0.0.1:{host.HttpPorts[at]}/v1.0/invoke/app{apps - 1 - at}/method/echo"), content, cancel);
            answer.EnsureSuccessStatusCode();
        }

        return host.WorkingSet;
    }

    private static string Component(string name, string type, string metadata) => $$"""
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata: { name: {{name}} }
        spec:
          type: {{type}}
          version: v1
          metadata: {{metadata}}
        """;
}
