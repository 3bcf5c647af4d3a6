namespace Tarasol.Sidecar.Hosting;

/// <summary>With TARASOL_STOP_WITH_STDIN=1 standard input is a pipe that the parent holds open: its end means that the parent is gone.</summary>
internal static class ParentWatch
{
    public static void Start(WebApplication host)
    {
        if (Environment.GetEnvironmentVariable("TARASOL_STOP_WITH_STDIN") != "1")
            return;
        var thread = new Thread(() =>
        {
            using var input = Console.OpenStandardInput();
            Span<byte> ignored = stackalloc byte[256];
            while (input.Read(ignored) > 0)
            {
                // Nothing is said on this pipe; only its end matters.
            }
            host.Lifetime.StopApplication();
        })
        { IsBackground = true, Name = "parent watch" };
        thread.Start();
    }
}
