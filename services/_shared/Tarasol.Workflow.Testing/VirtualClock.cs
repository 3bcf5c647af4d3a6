namespace Tarasol.Workflow.Testing;

/// <summary>Stands still until it is moved; never goes back.</summary>
internal sealed class VirtualClock(DateTimeOffset start) : TimeProvider
{
    private long _ticks = start.UtcTicks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => new(Volatile.Read(ref _ticks), TimeSpan.Zero);

    public override long GetTimestamp() => Volatile.Read(ref _ticks);

    public void MoveTo(DateTimeOffset time) => Volatile.Write(ref _ticks, Math.Max(Volatile.Read(ref _ticks), time.UtcTicks));
}
