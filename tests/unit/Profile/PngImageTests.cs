using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using FsCheck.Xunit;
using Tarasol.Profiles.Signatures;

namespace Tarasol.Tests.Unit.Profiles;

public class PngImageTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(600, 200)]
    public void The_size_of_a_picture_is_read(int width, int height) => Assert.Equal((width, height), PngImage.Read(Png(width, height)));

    [Fact]
    public void What_only_begins_like_a_picture_is_none()
    {
        var png = Png(10, 10);
        Assert.Null(PngImage.Read([]));
        Assert.Null(PngImage.Read(png.AsSpan(0, 8)));
        Assert.Null(PngImage.Read("GIF89a"u8));
        Assert.Null(PngImage.Read([.. png, 0]));
        Assert.Null(PngImage.Read([.. png, .. "<script>"u8]));
        Assert.Null(PngImage.Read([.. png.Take(8), .. Chunk("IEND", [])]));
        Assert.Null(PngImage.Read([.. png.Take(8), .. Chunk("IHDR", Header(10, 10)), .. Chunk("IEND", [])]));
    }

    [Theory]
    [InlineData(0, 10)]
    [InlineData(10, 0)]
    [InlineData(-1, 10)]
    public void A_picture_has_a_size(int width, int height) => Assert.Null(PngImage.Read(Png(width, height)));

    [Theory]
    [InlineData(8, 3)]
    [InlineData(9, 7)]
    [InlineData(10, 1)]
    [InlineData(11, 1)]
    [InlineData(12, 2)]
    public void A_header_that_no_decoder_takes_is_refused(int at, byte value)
    {
        var header = Header(10, 10);
        header[at] = value;
        Assert.Null(PngImage.Read([.. Png(10, 10).Take(8), .. Chunk("IHDR", header), .. Chunk("IDAT", [1]), .. Chunk("IEND", [])]));
    }

    // Every byte of a picture counts: its place, its checksum or its content.
    [Property(MaxTest = 300)]
    public bool No_byte_can_be_changed_unnoticed(ushort at, byte change)
    {
        var png = Png(20, 20);
        png[at % png.Length] ^= change;
        return change == 0 || PngImage.Read(png) is null;
    }

    [Property(MaxTest = 300)]
    public bool Nothing_else_can_be_read(byte[]? bytes) => bytes is null || PngImage.Read(bytes) is null;

    private static byte[] Png(int width, int height)
    {
        using var data = new MemoryStream();
        using (var packed = new ZLibStream(data, CompressionLevel.Fastest, leaveOpen: true))
            packed.Write(new byte[Math.Clamp(width, 0, 1000) * Math.Clamp(height, 0, 1000) + Math.Clamp(height, 0, 1000)]);
        return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, .. Chunk("IHDR", Header(width, height)), .. Chunk("IDAT", data.ToArray()), .. Chunk("IEND", [])];
    }

    private static byte[] Header(int width, int height)
    {
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        header[8] = 8;
        return header;
    }

    private static byte[] Chunk(string name, byte[] content)
    {
        byte[] named = [.. Encoding.ASCII.GetBytes(name), .. content];
        var chunk = new byte[named.Length + 8];
        BinaryPrimitives.WriteInt32BigEndian(chunk, content.Length);
        named.CopyTo(chunk, 4);
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(named.Length + 4), Crc(named));
        return chunk;
    }

    // By the table of the PNG specification's appendix, for comparison with the service's own.
    private static uint Crc(byte[] bytes)
    {
        var table = Enumerable.Range(0, 256).Select(each => Enumerable.Range(0, 8).Aggregate((uint)each, (sum, _) => (sum & 1) == 1 ? 0xEDB88320 ^ (sum >> 1) : sum >> 1)).ToArray();
        return ~bytes.Aggregate(uint.MaxValue, (sum, each) => table[(sum ^ each) & 0xFF] ^ (sum >> 8));
    }
}
