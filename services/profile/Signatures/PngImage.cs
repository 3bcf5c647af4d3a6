using System.Buffers.Binary;

namespace Tarasol.Profiles.Signatures;

/// <summary>
/// Looks at the bytes of a PNG file, not at what somebody calls them: the signature, the header chunk with its checksum, sizes, and that the chunks follow each other to the end
/// with nothing after it. Nothing is decompressed, so that no small file can become a large one here.
/// </summary>
public static class PngImage
{
    public const int Longest = 64 * 1024;
    public const int LargestSide = 2000;

    private const uint HeaderName = 0x49484452; // IHDR
    private const uint DataName = 0x49444154; // IDAT
    private const uint EndName = 0x49454E44; // IEND
    private static readonly byte[] Signature = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>Width and height; null: it is no PNG file.</summary>
    public static (int Width, int Height)? Read(ReadOnlySpan<byte> bytes)
    {
        if (!bytes.StartsWith(Signature))
            return null;
        (int Width, int Height)? size = null;
        var data = false;
        for (var at = Signature.Length; ;)
        {
            if (bytes.Length - at < 12)
                return null;
            var length = BinaryPrimitives.ReadUInt32BigEndian(bytes[at..]);
            if (length > bytes.Length - at - 12)
                return null;
            var name = BinaryPrimitives.ReadUInt32BigEndian(bytes[(at + 4)..]);
            var content = bytes.Slice(at + 8, (int)length);
            if (Checksum(bytes.Slice(at + 4, (int)length + 4)) != BinaryPrimitives.ReadUInt32BigEndian(bytes[(at + 8 + (int)length)..]))
                return null;
            at += (int)length + 12;
            if (size is null)
            {
                if (name != HeaderName || Header(content) is not { } header)
                    return null;
                size = header;
            }
            else if (name == HeaderName)
                return null;
            data |= name == DataName && length > 0;
            if (name == EndName)
                return length == 0 && data && at == bytes.Length ? size : null;
        }
    }

    private static (int, int)? Header(ReadOnlySpan<byte> content)
    {
        if (content.Length != 13)
            return null;
        var (width, height) = (BinaryPrimitives.ReadUInt32BigEndian(content), BinaryPrimitives.ReadUInt32BigEndian(content[4..]));
        var (depth, colour) = (content[8], content[9]);
        var allowed = colour switch
        {
            0 => depth is 1 or 2 or 4 or 8 or 16,
            3 => depth is 1 or 2 or 4 or 8,
            2 or 4 or 6 => depth is 8 or 16,
            _ => false,
        };
        // Compression and filter have one method, interlacing two.
        return allowed && content[10] == 0 && content[11] == 0 && content[12] <= 1 && width is > 0 and <= int.MaxValue && height is > 0 and <= int.MaxValue ? ((int)width, (int)height) : null;
    }

    // CRC-32 as PNG has it.
    private static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        var sum = uint.MaxValue;
        foreach (var each in bytes)
        {
            sum ^= each;
            for (var bit = 0; bit < 8; bit++)
                sum = (sum & 1) != 0 ? (sum >> 1) ^ 0xEDB88320 : sum >> 1;
        }
        return ~sum;
    }
}
