namespace Tarasol.Sidecar.Diagnostics;

/// <summary>One operation that is counted when it ends: as a failure, unless <see cref="Succeeded"/> was called.</summary>
internal sealed class Measured(Action<bool, long>? record, long started) : IDisposable
{
    public static readonly Measured None = new(null, 0);

    private bool success;

    public void Succeeded() => success = true;

    public void Dispose() => record?.Invoke(success, started);
}
