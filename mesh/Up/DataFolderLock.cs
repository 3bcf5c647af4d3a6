namespace Tarasol.Mesh.Up;

/// <summary>One mesh at a time on a data folder. The lock is held by an open file, so it ends with the process whatever ends that.</summary>
internal sealed class DataFolderLock : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);
    private readonly FileStream stream;

    private DataFolderLock(FileStream stream) => this.stream = stream;

    public static DataFolderLock Take(DataFolder data)
    {
        try
        {
            return new DataFolderLock(new FileStream(data.Lock, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new MeshException($"{data.Lock} cannot be opened: {exception.Message}", exception);
        }
        catch (IOException exception)
        {
            var record = MeshRecord.Load(data);
            throw new MeshException(record is { Mesh.IsAlive: true }
                ? $"a mesh already runs on {data.Path} (process {record.Mesh.Pid}{(record.Url is { } url ? $", gateway {url}" : "")}); stop it first, or choose another folder with --data"
                : $"another mesh is starting or stopping on {data.Path} ({exception.Message})", exception);
        }
    }

    /// <summary>
    /// After a kill of mesh its children stop by themselves. Gives them the time for that, then ends exactly the processes that the record names:
    /// two processes on one database would be worse than a lost request.
    /// </summary>
    public static async Task WaitForLeftoversAsync(DataFolder data, Action<string> say, CancellationToken cancellation)
    {
        var left = Living(MeshRecord.Load(data)?.Processes ?? []);
        if (left.Count == 0)
            return;
        say($"waiting for {left.Count} processes of a mesh that was killed: {string.Join(", ", left.Select(process => process.Name))}");
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Patience);
        while (left.Count > 0 && !limit.IsCancellationRequested)
        {
            await Task.Delay(100, cancellation);
            left = Living(left);
        }

        foreach (var process in left)
        {
            say($"{process.Name} (process {process.Process.Pid}) did not stop by itself: ending it");
            process.Process.Kill();
        }
    }

    public void Dispose() => stream.Dispose();

    private static List<ProcessRecord> Living(IEnumerable<ProcessRecord> processes) => [.. processes.Where(process => process.Process.IsAlive)];
}
