using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Tarasol.Audit.Trail;

/// <summary>
/// The hash of an entry: SHA-256, as lower-case hexadecimal, over the netstrings (<c>length:bytes,</c> in UTF-8) of sequence, event id, type, subject,
/// letter id (empty when there is none), actor, at, receivedAt, data and the previous hash, in this order. Times are UTC with microseconds:
/// <c>2026-01-31T08:30:00.000000Z</c>. Anybody can compute it again from what the API shows.
/// </summary>
public static class EntryHash
{
    /// <summary>What stands before the first entry.</summary>
    public static readonly string Genesis = new('0', 64);

    /// <summary>The hash that the entry must have.</summary>
    public static string Of(AuditEntry entry)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var field in (ReadOnlySpan<string>)
                 [
                     entry.Sequence.ToString(CultureInfo.InvariantCulture), entry.EventId, entry.Type, entry.Subject, entry.LetterId ?? "", entry.Actor,
                     Canonical(entry.At), Canonical(entry.ReceivedAt), entry.Data, entry.PreviousHash,
                 ])
        {
            var bytes = Encoding.UTF8.GetBytes(field);
            hash.AppendData(Encoding.ASCII.GetBytes($"{bytes.Length}:"));
            hash.AppendData(bytes);
            hash.AppendData(","u8);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>UTC in whole microseconds: the finest that every database keeps.</summary>
    public static DateTimeOffset Keepable(DateTimeOffset time) => new(time.UtcTicks - time.UtcTicks % TimeSpan.TicksPerMicrosecond, TimeSpan.Zero);

    private static string Canonical(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
}
