using System.Diagnostics;
using Microsoft.Data.Sqlite;
using Tarasol.Tests.Servers;
using Tarasol.Tests.Sidecar.Hosting;

namespace Tarasol.Tests.Sidecar.PubSub.NothingLost;

/// <summary>The app of tests/subscriber as a process that can be killed, and a look into its file.</summary>
internal sealed class SubscriberProcess(string folder) : IAsyncDisposable
{
    private readonly string path = Path.Combine(folder, "inbox.db");
    private Process? process;

    public int Port { get; } = FreePort.Next();

    public async Task StartAsync()
    {
        var dotnet = Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet";
        process = Process.Start(new ProcessStartInfo(dotnet, [typeof(Subscriber.Subscriber).Assembly.Location, $"{Port}", this.path]) { WorkingDirectory = folder })!;
        using var client = new HttpClient();
        await Poll.UntilAsync(async () =>
        {
            try
            {
                return (await client.GetAsync(new Uri($"http://127.0.0.1:{Port}/dapr/subscribe"))).IsSuccessStatusCode;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        }, 60, () => "the subscriber did not start");
    }

    public async Task KillAsync()
    {
        process!.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
        process = null;
    }

    /// <summary>The numbers that had this effect, each as often as it had it.</summary>
    public IReadOnlyList<long> Numbers(string kind) => Query("SELECT number FROM effects WHERE kind = $value ORDER BY number", kind);

    public long Deliveries => Query("SELECT coalesce(sum(deliveries), 0) FROM inbox WHERE $value = $value", "").Single();

    public async ValueTask DisposeAsync()
    {
        if (process is not null)
            await KillAsync();
    }

    private List<long> Query(string text, string value)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = text;
        command.Parameters.AddWithValue("$value", value);
        using var reader = command.ExecuteReader();
        var all = new List<long>();
        while (reader.Read())
            all.Add(reader.GetInt64(0));
        return all;
    }
}
