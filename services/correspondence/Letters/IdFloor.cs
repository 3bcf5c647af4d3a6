using System.Buffers.Binary;

namespace Tarasol.Correspondence.Letters;

/// <summary>Ids begin with their time (UUIDv7): a range of times is a range of ids, for which there is always an index.</summary>
public static class IdFloor
{
    /// <summary>No id that was given at or after this time is smaller.</summary>
    public static Guid At(DateTimeOffset time)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteInt64BigEndian(bytes, Math.Max(0, time.ToUnixTimeMilliseconds()) << 16);
        return new(bytes, bigEndian: true);
    }
}
