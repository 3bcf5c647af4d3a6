using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace Tarasol.ServiceDefaults.Hosting;

/// <summary>With TARASOL_STOP_WITH_STDIN=1, standard input is a pipe of the process that started us: its end means that the parent is gone, even by kill -9.</summary>
internal sealed class StopWithParent(IConfiguration configuration, IHostApplicationLifetime lifetime) : BackgroundService
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    protected override Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (configuration["TARASOL_STOP_WITH_STDIN"] == "1")
            new Thread(WaitForEnd) { IsBackground = true, Name = "stdin" }.Start();
        return Task.CompletedTask;
    }

    private void WaitForEnd()
    {
        using var input = Console.OpenStandardInput();
        var buffer = new byte[64];
        while (input.Read(buffer) > 0)
        {
            // Nothing is said on this pipe; only its end matters.
        }
        lifetime.StopApplication();
        if (!lifetime.ApplicationStopped.WaitHandle.WaitOne(Grace))
            Environment.Exit(1);
    }
}
