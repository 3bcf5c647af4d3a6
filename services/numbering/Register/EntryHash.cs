using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Tarasol.ServiceDefaults.Requests;

namespace Tarasol.Numbering.Register;

/// <summary>
/// The hash of an entry: SHA-256, as lower-case hexadecimal, over the netstrings (<c>length:bytes,</c> in UTF-8) of series, position, kind, period, first, last,
/// referenceNumber, letterId, blockId, unit, day, text, actor, at and the previous hash, in this order; what an entry has not is empty. The time is UTC with
/// microseconds: <c>2026-01-31T08:30:00.000000Z</c>. docs/register.md describes it for those who check.
/// </summary>
public static class EntryHash
{
    /// <summary>What stands before the first entry.</summary>
    public static readonly string Genesis = new('0', 64);

    /// <summary>The hash that the entry must have.</summary>
    public static string Of(RegisterEntry entry)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var field in (ReadOnlySpan<string>)
                 [
                     entry.Series, Number(entry.Position), WireEnum.Name(entry.Kind), entry.Period, Number(entry.First), Number(entry.Last), entry.ReferenceNumber,
                     entry.LetterId?.ToString() ?? "", entry.BlockId?.ToString() ?? "", entry.Unit, entry.Day, entry.Text, entry.Actor, Canonical(entry.At), entry.PreviousHash,
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

    /// <summary>A time as it is hashed and exported.</summary>
    public static string Canonical(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
