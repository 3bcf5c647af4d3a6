using System.CommandLine;
using Spectre.Console;
using Tarasol.Mesh.Tye;
using Tarasol.Mesh.Up;

namespace Tarasol.Mesh.Status;

/// <summary>`mesh status`: what runs on a data folder, and how it is. Exit code 0 only when everything is healthy.</summary>
internal static class StatusCommand
{
    public static Command Create()
    {
        var command = new Command("status", "Show what runs and how it is") { MeshOptions.Port, MeshOptions.Data };
        command.SetAction(async (arguments, cancellation) =>
        {
            var data = MeshOptions.DataFolder(arguments, TyeApplication.Find());
            var port = arguments.GetValue(MeshOptions.Port);
            if (MeshRecord.Load(data) is not { } record)
                throw new MeshException($"no mesh runs on {data.Path}");
            return await ShowAsync(record, data, port is null ? record.Url : $"http://localhost:{port}", cancellation);
        });
        return command;
    }

    private static async Task<int> ShowAsync(MeshRecord record, DataFolder data, string? url, CancellationToken cancellation)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        var states = await Task.WhenAll(record.Processes.Select(async process => (process, State: await StateAsync(process, http, cancellation))));
        var table = new Table().RoundedBorder().AddColumns("service", "tier", "process", "memory", "started", "port", "state");
        foreach (var (process, state) in states)
        {
            table.AddRow(process.Name, process.Tier, $"{process.Process.Pid}", Memory(process.Process), $"{process.Process.Started.ToLocalTime():yyyy-MM-dd HH:mm:ss}",
                $"{process.AppPort}", state == "healthy" ? $"[green]{state}[/]" : $"[red]{Markup.Escape(state)}[/]");
        }

        Screen.Show(table);
        var alive = record.Mesh.IsAlive;
        var gateway = url is null ? "not started" : await HealthAsync(new Uri($"{url}/healthz"), http, cancellation);
        Screen.Say($"mesh      {(alive ? $"process {record.Mesh.Pid}" : "not running (it was killed; `mesh up` starts it again)")}");
        Screen.Say($"gateway   {url} {gateway}");
        Screen.Say($"operator  {data.Operator}");
        return alive && states.All(each => each.State == "healthy") && gateway is "healthy" or "not started" ? 0 : 1;
    }

    private static async Task<string> StateAsync(ProcessRecord process, HttpClient http, CancellationToken cancellation) =>
        !process.Process.IsAlive ? "not running"
        : process.AppPort is { } port ? await HealthAsync(new Uri($"http://127.0.0.1:{port}/healthz"), http, cancellation)
        : "healthy";

    private static async Task<string> HealthAsync(Uri address, HttpClient http, CancellationToken cancellation)
    {
        try
        {
            using var answer = await http.GetAsync(address, cancellation);
            return answer.IsSuccessStatusCode ? "healthy" : $"answers {(int)answer.StatusCode}";
        }
        catch (HttpRequestException exception)
        {
            return exception.InnerException?.Message ?? exception.Message;
        }
        catch (TaskCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return "does not answer";
        }
    }

    private static string Memory(ProcessIdentity identity)
    {
        try
        {
            using var process = System.Diagnostics.Process.GetProcessById(identity.Pid);
            return $"{process.WorkingSet64 / 1024 / 1024} MB";
        }
        catch (ArgumentException)
        {
            return "";
        }
    }
}
