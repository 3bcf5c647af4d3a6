namespace Tarasol.Tests.E2e;

/// <summary>A folder that is gone after the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("tarasol-e2e-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
