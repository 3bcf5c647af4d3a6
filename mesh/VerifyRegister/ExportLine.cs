using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Tarasol.Mesh.VerifyRegister;

/// <summary>An entry of an export, read and hashed from docs/register.md alone: nothing here is shared with the service that wrote it.</summary>
internal sealed record ExportLine(
    int Number, string Series, long Position, string Kind, string Period, long First, long Last, string ReferenceNumber, string LetterId, string BlockId, string Unit, string Day,
    string Text, string Actor, string At, string PreviousHash, string Hash)
{
    private static readonly string[] Fields =
        ["series", "position", "kind", "period", "first", "last", "referenceNumber", "letterId", "blockId", "unit", "day", "text", "actor", "at", "previousHash", "hash"];

    /// <summary>Throws <see cref="FormatException"/> saying what is wrong with the line.</summary>
    public static ExportLine Read(int number, JsonElement json)
    {
        var names = json.EnumerateObject().Select(member => member.Name).ToList();
        if (names.Except(Fields).FirstOrDefault() is { } unknown)
            throw new FormatException($"has a field '{unknown}', which no hash covers");
        if (names.Count != names.Distinct().Count())
            throw new FormatException("has a field twice");
        return new(
            number, Text("series"), Whole("position"), Text("kind"), Text("period"), Whole("first"), Whole("last"), Text("referenceNumber"), Id("letterId"), Id("blockId"),
            Text("unit"), Text("day"), Text("text"), Text("actor"), Text("at"), Text("previousHash"), Text("hash"));

        JsonElement Field(string name) => json.TryGetProperty(name, out var value) ? value : throw new FormatException($"lacks the field '{name}'");

        string Text(string name) => Field(name) is { ValueKind: JsonValueKind.String } value ? value.GetString()! : throw new FormatException($"has a field '{name}' that is not text");

        long Whole(string name) => Field(name) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt64(out var whole) ? whole : throw new FormatException($"has a field '{name}' that is not a whole number");

        string Id(string name) => Field(name).ValueKind == JsonValueKind.Null ? "" : Text(name);
    }

    /// <summary>The hash that the entry must have.</summary>
    public string Compute()
    {
        var bytes = new MemoryStream();
        string[] fields = [Series, Whole(Position), Kind, Period, Whole(First), Whole(Last), ReferenceNumber, LetterId, BlockId, Unit, Day, Text, Actor, At, PreviousHash];
        foreach (var field in fields.Select(Encoding.UTF8.GetBytes))
        {
            bytes.Write(Encoding.UTF8.GetBytes(Whole(field.Length)));
            bytes.WriteByte((byte)':');
            bytes.Write(field);
            bytes.WriteByte((byte)',');
        }
        return Convert.ToHexStringLower(SHA256.HashData(bytes.ToArray()));

        static string Whole(long value) => value.ToString(CultureInfo.InvariantCulture);
    }
}
