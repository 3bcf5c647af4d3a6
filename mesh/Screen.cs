using Spectre.Console;
using Spectre.Console.Rendering;

namespace Tarasol.Mesh;

/// <summary>What mesh says: one line per fact, so that it reads the same on a terminal and in a log.</summary>
internal static class Screen
{
    private static readonly Lock Gate = new();

    static Screen()
    {
        // A pipe has no width; Spectre would break lines, and paths in them, at 80.
        if (Console.IsOutputRedirected)
            AnsiConsole.Profile.Width = 200;
    }

    public static void Say(string text) => Line("", text);

    public static void Done(string text, TimeSpan elapsed) => Line("[green]ok[/]   ", $"{text} ({elapsed.TotalSeconds:0.0} s)");

    public static void Warn(string text) => Line("[yellow]warn[/] ", text);

    public static void Show(IRenderable table) => AnsiConsole.Write(table);

    /// <summary>Errors go to stderr.</summary>
    public static void Error(string text) => Console.Error.WriteLine($"error: {text}");

    public static async Task ProgressAsync(string what, Func<Action<string>, Task> work)
    {
        if (AnsiConsole.Profile.Capabilities.Interactive && !Console.IsOutputRedirected)
        {
            await AnsiConsole.Status().StartAsync(what, status => work(text => status.Status = Markup.Escape(text)));
            return;
        }

        Say(what);
        await work(Say);
    }

    private static void Line(string mark, string text)
    {
        lock (Gate)
            AnsiConsole.MarkupLine(mark + Markup.Escape(text));
    }
}
