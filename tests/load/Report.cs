using System.Globalization;
using System.Runtime.InteropServices;

namespace Tarasol.Tests.Load;

/// <summary>Markdown tables on standard output; progress goes to standard error.</summary>
internal static class Report
{
    public static void Machine() =>
        Console.WriteLine($"{DateTime.UtcNow:yyyy-MM-dd}, {Environment.ProcessorCount} cores, {GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 30} GiB, {RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}");

    /// <summary>Of the last minute, where the system says it: what else the machine had to do.</summary>
    public static string LoadAverage() => File.Exists("/proc/loadavg") ? File.ReadAllText("/proc/loadavg").Split(' ')[0] : "-";

    public static void Title(string title, params string[] columns)
    {
        Console.WriteLine($"\n### {title}\n");
        Row(columns);
        Console.WriteLine($"|{string.Concat(columns.Select((_, at) => at == 0 ? "---|" : "---:|"))}");
    }

    public static void Row(params string[] cells) => Console.WriteLine($"| {string.Join(" | ", cells)} |");

    public static void Progress(string what) => Console.Error.WriteLine(what);

    public static string Number(double value, string format = "0") => value.ToString(format, CultureInfo.InvariantCulture);
}
