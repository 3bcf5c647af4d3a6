using System.CommandLine;
using Tarasol.Mesh.Tye;
using Tarasol.Mesh.Up;

namespace Tarasol.Mesh.Logs;

/// <summary>`mesh logs SERVICE`: prints the end of a log, and with -f what comes after it.</summary>
internal static class LogsCommand
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(300);

    public static Command Create()
    {
        var service = new Argument<string>("service") { Description = "A service of tye.yaml, or sidecar" };
        var follow = new Option<bool>("--follow", "-f") { Description = "Go on printing until Ctrl-C" };
        var lines = new Option<int>("--lines", "-n") { Description = "How many of the last lines", DefaultValueFactory = _ => 100 };
        var command = new Command("logs", "Show the log of a service") { service, follow, lines, MeshOptions.Port, MeshOptions.Data };
        command.SetAction(async (arguments, cancellation) =>
        {
            var application = TyeApplication.Find();
            var name = arguments.GetRequiredValue(service);
            var apps = application.Services.Select(each => each.Name).ToList();
            List<string> known = [.. apps, "sidecar", "placement", "scheduler", .. apps.Select(DaprdPlan.DaprdOf)];
            if (!known.Contains(name))
                throw new MeshException($"there is no service '{name}'; known are {string.Join(", ", apps)}, sidecar; with --runtime daprd also placement, scheduler and {DaprdPlan.DaprdOf("SERVICE")}");
            var log = MeshOptions.DataFolder(arguments, application).Log(name);
            if (!File.Exists(log))
                throw new MeshException($"{log} does not exist: {name} has not run on this data folder");
            var position = Tail(log, Math.Max(0, arguments.GetValue(lines)));
            if (arguments.GetValue(follow))
                await FollowAsync(log, position, cancellation);
            return 0;
        });
        return command;
    }

    private static long Tail(string log, int count)
    {
        using var stream = Open(log);
        using var reader = new StreamReader(stream);
        var last = new Queue<string>();
        while (reader.ReadLine() is { } line)
        {
            last.Enqueue(line);
            if (last.Count > count)
                last.Dequeue();
        }

        foreach (var line in last)
            Console.WriteLine(line);
        return stream.Position;
    }

    private static async Task FollowAsync(string log, long position, CancellationToken cancellation)
    {
        var buffer = new byte[16 * 1024];
        await using var output = Console.OpenStandardOutput();
        try
        {
            while (true)
            {
                await using (var stream = Open(log))
                {
                    // Shorter than before: it was rotated, and what is there now is new.
                    stream.Position = stream.Length < position ? 0 : position;
                    for (int read; (read = await stream.ReadAsync(buffer, cancellation)) > 0;)
                        await output.WriteAsync(buffer.AsMemory(0, read), cancellation);
                    position = stream.Position;
                }

                await Task.Delay(PollInterval, cancellation);
            }
        }
        catch (OperationCanceledException)
        {
            // Ctrl-C is how it ends.
        }
    }

    private static FileStream Open(string log) => new(log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
}
