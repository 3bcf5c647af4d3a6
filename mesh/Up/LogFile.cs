namespace Tarasol.Mesh.Up;

/// <summary>The output of one process: appended to a file that is rotated by size, and its last lines at hand for messages.</summary>
internal sealed class LogFile(string path, long maxBytes = 10 * 1024 * 1024, int kept = 3) : IDisposable
{
    private const int Remembered = 60;
    private readonly Lock gate = new();
    private readonly Queue<string> last = new();
    private StreamWriter? writer;

    public string Path => path;

    /// <summary>Raised once, with the reason, when the file cannot be written any more; the process goes on without a log.</summary>
    public event Action<string>? Failed;

    public IReadOnlyList<string> LastLines
    {
        get
        {
            lock (gate)
                return [.. last];
        }
    }

    public void ForgetLastLines()
    {
        lock (gate)
            last.Clear();
    }

    public void Write(string line)
    {
        lock (gate)
        {
            last.Enqueue(line);
            if (last.Count > Remembered)
                last.Dequeue();
            try
            {
                writer ??= Open();
                if (writer.BaseStream.Length > maxBytes)
                    Rotate();
                writer.WriteLine(line);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ObjectDisposedException)
            {
                Failed?.Invoke(exception.Message);
                Failed = null;
            }
        }
    }

    public void Dispose()
    {
        lock (gate)
        {
            try
            {
                writer?.Dispose();
            }
            catch (IOException exception)
            {
                Failed?.Invoke(exception.Message);
            }
        }
    }

    private StreamWriter Open() => new(new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete)) { AutoFlush = true };

    private void Rotate()
    {
        writer!.Dispose();
        for (var number = kept - 1; number >= 1; number--)
        {
            if (File.Exists($"{path}.{number}"))
                File.Move($"{path}.{number}", $"{path}.{number + 1}", overwrite: true);
        }

        File.Move(path, $"{path}.1", overwrite: true);
        writer = Open();
    }
}
