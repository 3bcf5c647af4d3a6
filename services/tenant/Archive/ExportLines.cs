using System.Security.Cryptography;
using System.Text.Json;
using Tarasol.Tenancy.Exports;

namespace Tarasol.Tenants.Archive;

/// <summary>What a service wrote, counted and hashed on its way into the file.</summary>
/// <param name="Rows">Lines but the first and the last.</param>
/// <param name="Bytes">All of it.</param>
/// <param name="Sha256">Hexadecimal.</param>
internal sealed record ExportLines(long Rows, long Bytes, string Sha256)
{
    private const int Chunk = 64 * 1024;

    // The last line names each table once.
    private const int LongestEnd = 256 * 1024;

    /// <summary>Copies an export, and throws <see cref="StepFailedException"/> unless it is whole.</summary>
    /// <param name="from">The service's answer.</param>
    /// <param name="to">The file.</param>
    /// <param name="progress">Told of rows and bytes after each piece.</param>
    /// <param name="cancel">Ends the copy.</param>
    public static async Task<ExportLines> CopyAsync(Stream from, FileStream to, Func<long, long, Task> progress, CancellationToken cancel)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var piece = new byte[Chunk];
        long lines = 0, bytes = 0;
        for (int read; (read = await from.ReadAsync(piece, cancel)) > 0; await progress(lines, bytes))
        {
            var part = piece.AsMemory(0, read);
            hash.AppendData(part.Span);
            lines += part.Span.Count((byte)'\n');
            bytes += read;
            await to.WriteAsync(part, cancel);
        }
        var end = await EndAsync(to, cancel);
        return end?.Rows == lines - 2
            ? new(lines - 2, bytes, Convert.ToHexStringLower(hash.GetHashAndReset()))
            : throw new Provisioning.StepFailedException($"The export is not whole: {lines} lines, {end?.Rows.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "no"} rows at its end.");
    }

    /// <summary>The counts by table in the last line; null when that is no end of an export.</summary>
    public static async Task<End?> EndAsync(FileStream file, CancellationToken cancel)
    {
        var tail = new byte[Math.Min(LongestEnd, file.Length)];
        file.Position = file.Length - tail.Length;
        await file.ReadExactlyAsync(tail, cancel);
        var text = tail.AsSpan();
        if (text.Length == 0 || text[^1] != '\n')
            return null;
        text = text[..^1];
        try
        {
            return JsonSerializer.Deserialize<End>(text[(text.LastIndexOf((byte)'\n') + 1)..], JsonSerializerOptions.Web) is { IsEnd: true } end ? end : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The last line of <see cref="TenantExport"/>.</summary>
    public sealed record End([property: System.Text.Json.Serialization.JsonPropertyName("end")] bool IsEnd, long Rows, IReadOnlyDictionary<string, long> Tables);
}
