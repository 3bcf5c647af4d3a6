using System.Buffers.Binary;

namespace Tarasol.ServiceDefaults;

/// <summary>
/// UUIDv7 ids that rise strictly within the process. Guid.CreateVersion7 orders by millisecond only, so that things of one transaction would be in any order;
/// here the 12 bits after the time are a counter (RFC 9562, section 6.2, method 1).
/// </summary>
public static class SortableId
{
    private const int Counters = 1 << 12;
    private static readonly Lock Gate = new();
    private static long lastTime;
    private static int lastCounter;

    /// <summary>An id that is larger than every id given before, also when the clock goes back.</summary>
    public static Guid Next(DateTimeOffset now)
    {
        var (time, counter) = Advance(now.ToUnixTimeMilliseconds());
        Span<byte> bytes = stackalloc byte[16];
        Guid.CreateVersion7(DateTimeOffset.FromUnixTimeMilliseconds(time)).TryWriteBytes(bytes, bigEndian: true, out _);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[6..], (ushort)(0x7000 | counter));
        return new Guid(bytes, bigEndian: true);
    }

    private static (long Time, int Counter) Advance(long now)
    {
        lock (Gate)
        {
            if (now > lastTime)
                (lastTime, lastCounter) = (now, 0);
            else if (++lastCounter == Counters)
                (lastTime, lastCounter) = (lastTime + 1, 0);
            return (lastTime, lastCounter);
        }
    }
}
