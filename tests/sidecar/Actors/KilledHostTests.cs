using System.Diagnostics;
using Tarasol.Tests.Sidecar.Scheduling;

namespace Tarasol.Tests.Sidecar.Actors;

[Trait("Scale", "large")]
public sealed class KilledHostTests
{
    [Fact]
    public async Task Reminders_survive_a_kill_of_the_host()
    {
        await using var app = ActorApp.WithoutSidecar();
        Process? host = null;
        try
        {
            host = Start(app);
            app.UseHttp();
            await app.StartAppAsync();
            await app.Counter("k").Remind("soon", TimeSpan.FromSeconds(3), TimeSpan.FromMilliseconds(-1), null);
            await app.Counter("k").Remind("far", TimeSpan.FromHours(1), TimeSpan.FromMilliseconds(-1), null);
            await KillAsync(host);
            Assert.Equal(0, app.Log.Count("reminder k soon for soon"));

            host = Start(app);
            await Eventually.Holds(() => app.Log.Count("reminder k soon for soon") == 1, "the overdue reminder");
            Assert.Equal("01:00:00 00:00:00 for far", await app.Counter("k").ShowReminder("far"));
        }
        finally
        {
            if (host is not null)
                await KillAsync(host);
        }
    }

    private static Process Start(ActorApp app)
    {
        var start = new ProcessStartInfo("dotnet") { WorkingDirectory = app.Folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (string[])[Path.Combine(AppContext.BaseDirectory, "Tarasol.Sidecar.dll"), "--app-id", app.AppId, "--app-port", $"{app.AppPort}",
            "--dapr-http-port", $"{app.HttpPort}", "--dapr-grpc-port", $"{app.GrpcPort}", "--dapr-listen-addresses", "127.0.0.1", "--resources-path", app.Folder])
            start.ArgumentList.Add(argument);
        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private static async Task KillAsync(Process process)
    {
        if (!process.HasExited)
            process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
    }
}
