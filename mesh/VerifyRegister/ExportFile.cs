using System.Text.Json;

namespace Tarasol.Mesh.VerifyRegister;

/// <summary>Where a chain ends, as an export says at its beginning.</summary>
internal sealed record ExportHead(string Series, long Position, string Hash);

/// <summary>An export, line by line.</summary>
/// <param name="Tenant">Whose register.</param>
/// <param name="Heads">Where each chain ends.</param>
/// <param name="Lines">Its entries; each throws <see cref="FormatException"/> when it cannot be read.</param>
internal sealed record ExportFile(string Tenant, IReadOnlyList<ExportHead> Heads, IEnumerable<ExportFile.Line> Lines)
{
    private const string Format = "tarasol-register-1";

    /// <param name="Number">From 1, the header.</param>
    /// <param name="Entry">Null: it cannot be read.</param>
    /// <param name="Trouble">Why.</param>
    public sealed record Line(int Number, ExportLine? Entry, string? Trouble);

    /// <summary>Reads the header. Throws <see cref="FormatException"/> when this is no export.</summary>
    public static ExportFile Read(IEnumerable<string> lines)
    {
        var rest = lines.GetEnumerator();
        if (!rest.MoveNext())
            throw new FormatException("line 1: it is empty");
        try
        {
            using var header = JsonDocument.Parse(rest.Current);
            var json = header.RootElement;
            if (json.GetProperty("format").GetString() != Format)
                throw new FormatException($"line 1: its format is '{json.GetProperty("format")}', not {Format}");
            var heads = json.GetProperty("heads").EnumerateArray()
                .Select(head => new ExportHead(head.GetProperty("series").GetString()!, head.GetProperty("position").GetInt64(), head.GetProperty("hash").GetString()!)).ToList();
            return new(json.GetProperty("tenant").GetString()!, heads, Entries(rest));
        }
        catch (Exception unlike) when (unlike is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new FormatException($"line 1: it is not the header of a register's export: {unlike.Message}", unlike);
        }
    }

    private static IEnumerable<Line> Entries(IEnumerator<string> rest)
    {
        for (var number = 2; rest.MoveNext(); number++)
            yield return ReadLine(number, rest.Current);
    }

    private static Line ReadLine(int number, string text)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            return json.RootElement.ValueKind == JsonValueKind.Object ? new(number, ExportLine.Read(number, json.RootElement), null) : new(number, null, "is not an object");
        }
        catch (JsonException malformed)
        {
            return new(number, null, $"is not JSON: {malformed.Message}");
        }
        catch (FormatException unlike)
        {
            return new(number, null, unlike.Message);
        }
    }
}
