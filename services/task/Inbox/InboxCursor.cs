using System.Buffers.Binary;
using System.Buffers.Text;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.ServiceDefaults.Requests;

namespace Tarasol.Tasks.Inbox;

/// <summary>A place in a view: a time, where the view is in the order of one, and a position.</summary>
public sealed record InboxCursor(DateTimeOffset At, Guid Position)
{
    private const int Length = 24;

    public string Write()
    {
        Span<byte> bytes = stackalloc byte[Length];
        BinaryPrimitives.WriteInt64BigEndian(bytes, At.UtcTicks);
        Position.TryWriteBytes(bytes[8..], bigEndian: true, out _);
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>Null: the first page. Adds an error when it is none.</summary>
    public static InboxCursor? Read(string? cursor, Errors errors)
    {
        if (string.IsNullOrEmpty(cursor))
            return null;
        Span<byte> bytes = stackalloc byte[Length];
        if (cursor.Length == 32 && Base64Url.IsValid(cursor) && Base64Url.TryDecodeFromChars(cursor, bytes, out var count) && count == Length
            && BinaryPrimitives.ReadInt64BigEndian(bytes) is var ticks && ticks >= 0 && ticks <= DateTimeOffset.MaxValue.UtcTicks)
            return new(new DateTimeOffset(ticks, TimeSpan.Zero), new Guid(bytes[8..], bigEndian: true));
        errors.Add("cursor", Paging.BadCursor);
        return null;
    }
}
