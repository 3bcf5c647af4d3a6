using System.Net.Http.Headers;

namespace Tarasol.Tests.Load.Invocation;

/// <summary>POST of 256 bytes to an app, directly and through two sidecars of one host.</summary>
internal static class InvocationLoad
{
    private const int BodyBytes = 256;
    private static readonly int[] Connections = [1, 16, 64];

    public static async Task RunAsync(int seconds, CancellationToken cancel)
    {
        var port = ChildProcess.FreePort();
        await using var app = await EchoApp.StartAsync(port, cancel);
        await using var host = await SidecarUnderLoad.StartAsync([("caller", port), ("callee", port)], [], cancel);
        Report.Title("Service invocation", "connections", "direct /s", "via host /s", "ratio", "direct p50 ms", "via host p50 ms", "added p50 ms", "direct p99 ms", "via host p99 ms");
        foreach (var connections in Connections)
        {
            Report.Progress($"invocation, {connections} connections");
            var direct = await CallAsync(new Uri($"http://127.0.0.1:{port}/echo"), connections, seconds, cancel);
            var via = await CallAsync(new Uri($"http://127.0.0.1:{host.HttpPorts[0]}/v1.0/invoke/callee/method/echo"), connections, seconds, cancel);
            Report.Row($"{connections}", Report.Number(direct.PerSecond), Report.Number(via.PerSecond), Report.Number(via.PerSecond / direct.PerSecond, "0.00"),
                Report.Number(direct.At(50), "0.000"), Report.Number(via.At(50), "0.000"), Report.Number(via.At(50) - direct.At(50), "0.000"),
                Report.Number(direct.At(99), "0.000"), Report.Number(via.At(99), "0.000"));
        }
    }

    private static async Task<Measured> CallAsync(Uri address, int connections, int seconds, CancellationToken cancel)
    {
        using var handler = new SocketsHttpHandler { MaxConnectionsPerServer = connections, UseProxy = false };
        using var http = new HttpMessageInvoker(handler);
        var body = new byte[BodyBytes];
        Array.Fill(body, (byte)'x');
        return await ClosedLoop.RunAsync(connections, seconds, async (_, stop) =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new ByteArrayContent(body) };
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
            using var answer = await http.SendAsync(request, stop);
            if (!answer.IsSuccessStatusCode || (await answer.Content.ReadAsByteArrayAsync(stop)).Length != BodyBytes)
                throw new InvalidOperationException($"{address} answered {(int)answer.StatusCode}");
        }, cancel);
    }
}
