using Tarasol.Mesh.Up;

namespace Tarasol.Tests.Unit.Mesh;

public sealed class LogFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private string Log => Path.Combine(folder.Path, "task.log");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_restart_appends()
    {
        foreach (var line in new[] { "first", "second" })
        {
            using var log = new LogFile(Log);
            log.Write(line);
        }

        Assert.Equal(["first", "second"], File.ReadAllLines(Log));
    }

    [Fact]
    public void A_full_file_is_rotated_and_the_oldest_is_dropped()
    {
        using (var log = new LogFile(Log, maxBytes: 10, kept: 2))
        {
            foreach (var number in Enumerable.Range(1, 6))
                log.Write($"line number {number}");
        }

        Assert.Equal(["line number 6"], File.ReadAllLines(Log));
        Assert.Equal(["line number 5"], File.ReadAllLines(Log + ".1"));
        Assert.Equal(["line number 4"], File.ReadAllLines(Log + ".2"));
        Assert.False(File.Exists(Log + ".3"));
    }

    [Fact]
    public void A_file_that_cannot_be_written_is_reported_once_and_ends_nothing()
    {
        var reasons = new List<string>();
        using var log = new LogFile(Path.Combine(folder.Path, "missing", "task.log"));
        log.Failed += reasons.Add;
        log.Write("one");
        log.Write("two");

        Assert.Single(reasons);
        Assert.Equal(["one", "two"], log.LastLines);
    }
}
