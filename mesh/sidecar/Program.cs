using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging.Console;
using Tarasol.Sidecar.Components;
using Tarasol.Sidecar.Hosting;

try
{
    var command = Flags.Parse(args, Environment.GetEnvironmentVariable);
    await using var host = SidecarHost.Build(command.Options, logging => Log(logging, command));
    foreach (var flag in command.Notes)
        host.Logger.LogInformation("--{Flag} has no meaning for this host", flag);
    ParentWatch.Start(host);
    await host.RunAsync();
    return 0;
}
catch (Exception failure) when (failure is UsageException or ConfigurationException or ComponentException)
{
    return Refuse(failure.Message);
}
catch (IOException failure) when (failure.InnerException is AddressInUseException)
{
    return Refuse($"a port is in use: {failure.Message}");
}

static int Refuse(string message)
{
    Console.Error.WriteLine($"fatal: {message}");
    return 1;
}

static void Log(ILoggingBuilder logging, CommandLine command)
{
    logging.SetMinimumLevel(command.LogLevel);
    logging.AddFilter("Microsoft", LogLevel.Warning);
    // What goes wrong at the start is told by this program's last line; these would tell it again with their stacks.
    logging.AddFilter("Microsoft.Extensions.Hosting", LogLevel.None);
    logging.AddFilter("Microsoft.AspNetCore.Server.Kestrel", LogLevel.Critical);
    logging.AddFilter("Grpc", LogLevel.Warning);
    logging.Services.AddSingleton(TimeProvider.System);
    logging.AddConsole(console => console.FormatterName = command.LogAsJson ? ConsoleFormatterNames.Json : "lines");
    logging.AddConsoleFormatter<LogLines, ConsoleFormatterOptions>();
}
