using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace Tarasol.Tests.Load.Tenants;

/// <summary>A whole mesh as processes, with settings and perhaps a secret of its own.</summary>
internal sealed class MeshUnderLoad : IAsyncDisposable
{
    // Above the mesh's own limit, which names the service that was not ready.
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(15);
    private readonly Process process;
    private readonly string folder;

    private MeshUnderLoad(Process process, string folder, int port) => (this.process, this.folder, Gateway) = (process, folder, new Uri($"http://127.0.0.1:{port}"));

    /// <summary>Address of the gateway.</summary>
    public Uri Gateway { get; }

    /// <summary>Its data folder.</summary>
    public string Data => folder;

    /// <summary>Resident bytes of all its processes, which work in its data folder.</summary>
    public long Resident => ProcessesIn(folder).Sum(ResidentOf);

    /// <summary>Processor time that its processes have used.</summary>
    public TimeSpan Processor => ProcessorIn(folder);

    /// <summary>Processor time that the processes which work in a folder have used.</summary>
    public static TimeSpan ProcessorIn(string folder) => ProcessesIn(folder).Aggregate(TimeSpan.Zero, (sum, process) => sum + ProcessorOf(process));

    public static Task<MeshUnderLoad> StartAsync(IReadOnlyDictionary<string, string> settings, CancellationToken cancel) => StartAsync(null, settings, cancel);

    public static async Task<MeshUnderLoad> StartAsync((string Name, string Value)? secret, IReadOnlyDictionary<string, string> settings, CancellationToken cancel)
    {
        var root = Root();
        var folder = Directory.CreateTempSubdirectory("tarasol-load-").FullName;
        if (secret is { } known)
            await File.WriteAllTextAsync(Path.Combine(folder, "secrets.json"), JsonSerializer.Serialize(new Dictionary<string, string> { [known.Name] = known.Value }), cancel);
        var port = ChildProcess.FreePort();
        var ours = new DirectoryInfo(AppContext.BaseDirectory);
        var mesh = Path.Combine(root, "mesh", "bin", ours.Parent!.Name, ours.Name, "Tarasol.Mesh.dll");
        var start = new ProcessStartInfo("dotnet", [mesh, "up", "--no-build", "--port", $"{port}", "--data", folder]) { WorkingDirectory = root, RedirectStandardOutput = true };
        foreach (var (name, setting) in settings)
            start.Environment[name] = setting;
        var running = new MeshUnderLoad(Process.Start(start)!, folder, port);
        running.process.OutputDataReceived += (_, _) => { };
        running.process.BeginOutputReadLine();
        try
        {
            await running.UntilHealthyAsync(cancel);
            return running;
        }
        catch
        {
            await running.DisposeAsync();
            throw;
        }
    }

    /// <summary>A client of the gateway, signed in.</summary>
    public async Task<HttpClient> SignInAsync(string tenant, string userName, string password, CancellationToken cancel)
    {
        var client = new HttpClient { BaseAddress = Gateway, Timeout = TimeSpan.FromMinutes(2) };
        using var request = new HttpRequestMessage(HttpMethod.Post, "connect/token")
        {
            Content = new FormUrlEncodedContent(new Dictionary<string, string> { ["grant_type"] = "password", ["client_id"] = "tarasol-cli", ["username"] = userName, ["password"] = password }),
            Headers = { { "X-Tenant", tenant } },
        };
        using var answer = await client.SendAsync(request, cancel);
        var body = await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>(cancel);
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", body.GetProperty("access_token").GetString());
        return client;
    }

    public async Task<HttpClient> OperatorAsync(CancellationToken cancel)
    {
        var account = JsonElement.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "operator.json"), cancel));
        return await SignInAsync("platform", account.GetProperty("userName").GetString()!, account.GetProperty("password").GetString()!, cancel);
    }

    /// <summary>A client of one service itself, past gateway and sidecar, as its sidecar calls it; signed in as the other client is.</summary>
    public async Task<HttpClient> DirectAsync(string appId, HttpClient signedIn, CancellationToken cancel)
    {
        var sidecar = JsonElement.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "sidecar.json"), cancel));
        var app = sidecar.GetProperty("apps").EnumerateArray().First(each => each.GetProperty("appId").GetString() == appId);
        var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{app.GetProperty("appPort").GetInt32()}"), Timeout = TimeSpan.FromMinutes(2) };
        client.DefaultRequestHeaders.Authorization = signedIn.DefaultRequestHeaders.Authorization;
        client.DefaultRequestHeaders.Add("dapr-api-token", app.GetProperty("appApiToken").GetString());
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            using var stop = Process.Start("kill", ["-TERM", $"{process.Id}"]);
            await stop.WaitForExitAsync();
        }
        await process.WaitForExitAsync();
        process.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private async Task UntilHealthyAsync(CancellationToken cancel)
    {
        using var http = new HttpClient();
        for (var watch = Stopwatch.StartNew(); ;)
        {
            try
            {
                using var answer = await http.GetAsync(new Uri(Gateway, "healthz"), cancel);
                if (answer.IsSuccessStatusCode)
                    return;
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }
            if (process.HasExited || watch.Elapsed > Limit)
                throw new InvalidOperationException("The mesh did not become healthy.");
            await Task.Delay(200, cancel);
        }
    }

    private static IEnumerable<string> ProcessesIn(string folder) => Directory.GetDirectories("/proc").Where(process => WorksIn(folder, process));

    private static bool WorksIn(string folder, string process)
    {
        try
        {
            return new DirectoryInfo(Path.Combine(process, "cwd")).ResolveLinkTarget(false)?.FullName.StartsWith(folder, StringComparison.Ordinal) is true;
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static long ResidentOf(string process)
    {
        try
        {
            return long.Parse(File.ReadAllText(Path.Combine(process, "statm")).Split(' ')[1], CultureInfo.InvariantCulture) * Environment.SystemPageSize;
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private static TimeSpan ProcessorOf(string process)
    {
        try
        {
            // The name, in brackets, may hold spaces; then come state (3rd field) and so on, user and system time being the 14th and 15th, in hundredths of a second.
            var fields = File.ReadAllText(Path.Combine(process, "stat")).Split(") ")[^1].Split(' ');
            return TimeSpan.FromMilliseconds(10 * (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)));
        }
        catch (IOException)
        {
            return TimeSpan.Zero;
        }
    }

    /// <summary>Services that keep data for each tenant.</summary>
    public static int Services => Directory.GetDirectories(Path.Combine(Root(), "services")).Count(folder => !Path.GetFileName(folder).StartsWith('_'));

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "tye.yaml")))
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The repository is not around this program.");
        return folder;
    }
}
