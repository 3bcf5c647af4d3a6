using System.Diagnostics;
using System.Globalization;
using System.Text;
using Tarasol.Tests.Servers;

namespace Tarasol.Tests.Sidecar.Hosting;

/// <summary>The sidecar host as a process of its own, started with daprd's flags.</summary>
internal sealed class StandaloneHost : IAsyncDisposable
{
    private readonly Process process;
    private readonly StringBuilder output = new();

    public StandaloneHost(string folder, string appId, params string[] flags) : this(folder, new Dictionary<string, string>(), ["--app-id", appId, "--resources-path", "resources", .. flags])
    {
    }

    public StandaloneHost(string folder, IReadOnlyDictionary<string, string> environment, IReadOnlyList<string> args)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet")
        {
            WorkingDirectory = folder,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        start.ArgumentList.Add(typeof(Tarasol.Sidecar.Hosting.SidecarHost).Assembly.Location);
        foreach (var arg in args)
            start.ArgumentList.Add(arg);
        if (args.ToList().IndexOf("--dapr-http-port") is >= 0 and var given)
        {
            HttpPort = int.TryParse(args[given + 1], CultureInfo.InvariantCulture, out var port) ? port : 0;
        }
        else
        {
            foreach (var arg in (string[])["--dapr-http-port", $"{HttpPort}", "--dapr-grpc-port", $"{GrpcPort}", "--dapr-listen-addresses", "127.0.0.1"])
                start.ArgumentList.Add(arg);
        }
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        process = Process.Start(start)!;
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public int HttpPort { get; } = FreePort.Next();

    public int GrpcPort { get; } = FreePort.Next();

    public string Output
    {
        get
        {
            lock (output)
                return output.ToString();
        }
    }

    public async Task HealthyAsync(HttpClient client, string path = "/v1.0/healthz") => await Poll.UntilAsync(async () =>
    {
        Assert.False(process.HasExited, Output);
        try
        {
            using var answer = await client.GetAsync(new Uri($"http://127.0.0.1:{HttpPort}{path}"));
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }, otherwise: () => Output);

    public async Task<int> ExitAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(120));
        await process.WaitForExitAsync(limit.Token);
        return process.ExitCode;
    }

    /// <summary>As kill -9 does it.</summary>
    public async Task KillAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
            await KillAsync();
        process.Dispose();
    }

    private void Keep(string? line)
    {
        lock (output)
            output.AppendLine(line);
    }
}
