using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Tarasol.Sidecar.Hosting;

/// <summary>JSON as Go's encoding/json writes it.</summary>
internal static class GoJsonText
{
    public static void Write(StringBuilder text, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object: Object(text, value); break;
            case JsonValueKind.Array: Array(text, value); break;
            case JsonValueKind.String: String(text, value.GetString()!); break;
            case JsonValueKind.Number: text.Append(Number(value)); break;
            case JsonValueKind.True: text.Append("true"); break;
            case JsonValueKind.False: text.Append("false"); break;
            default: text.Append("null"); break;
        }
    }

    private static void Object(StringBuilder text, JsonElement value)
    {
        var members = new SortedDictionary<string, JsonElement>(Utf8Order.Instance);
        foreach (var member in value.EnumerateObject())
            members[member.Name] = member.Value;
        var separator = '{';
        foreach (var (name, member) in members)
        {
            text.Append(separator);
            String(text, name);
            text.Append(':');
            Write(text, member);
            separator = ',';
        }
        text.Append(members.Count == 0 ? "{}" : "}");
    }

    private static void Array(StringBuilder text, JsonElement value)
    {
        text.Append('[');
        var first = true;
        foreach (var item in value.EnumerateArray())
        {
            if (!first)
                text.Append(',');
            first = false;
            Write(text, item);
        }
        text.Append(']');
    }

    private static void String(StringBuilder text, string value)
    {
        text.Append('"');
        foreach (var rune in value.EnumerateRunes())
        {
            _ = rune.Value switch
            {
                '"' => text.Append("\\\""),
                '\\' => text.Append("\\\\"),
                '\b' => text.Append("\\b"),
                '\f' => text.Append("\\f"),
                '\n' => text.Append("\\n"),
                '\r' => text.Append("\\r"),
                '\t' => text.Append("\\t"),
                < ' ' or '<' or '>' or '&' or 0x2028 or 0x2029 => text.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}"),
                _ => text.Append(rune.ToString()),
            };
        }
        text.Append('"');
    }

    /// <summary>The shortest digits that give the same float again; an exponent only from 1e21 up and below 1e-6.</summary>
    private static string Number(JsonElement value)
    {
        if (!value.TryGetDouble(out var number) || !double.IsFinite(number))
            throw new GoJsonException($"json: cannot unmarshal number {value.GetRawText()} into Go value of type float64");
        if (number == 0)
            return double.IsNegative(number) ? "-0" : "0";
        var digits = number.ToString("R", CultureInfo.InvariantCulture);
        if (Math.Abs(number) is >= 1e-6 and < 1e21)
            return digits.Contains('E', StringComparison.Ordinal) ? Positional(digits) : digits;
        var exponent = digits.IndexOf('E', StringComparison.Ordinal);
        var power = int.Parse(digits.AsSpan(exponent + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        return string.Create(CultureInfo.InvariantCulture, $"{digits[..exponent]}e{(power < 0 ? '-' : '+')}{Math.Abs(power):00}").Replace("e-0", "e-", StringComparison.Ordinal);
    }

    /// <summary>1.25E+16 as 12500000000000000.</summary>
    private static string Positional(string scientific)
    {
        var exponent = scientific.IndexOf('E', StringComparison.Ordinal);
        var power = int.Parse(scientific.AsSpan(exponent + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var negative = scientific[0] == '-';
        var mantissa = scientific[(negative ? 1 : 0)..exponent];
        var point = mantissa.IndexOf('.', StringComparison.Ordinal);
        var digits = mantissa.Replace(".", "", StringComparison.Ordinal);
        var place = (point < 0 ? mantissa.Length : point) + power;
        var text = place <= 0 ? $"0.{new string('0', -place)}{digits}"
            : place >= digits.Length ? digits.PadRight(place, '0')
            : $"{digits[..place]}.{digits[place..]}";
        return negative ? $"-{text}" : text;
    }

    /// <summary>Go compares the bytes of UTF-8, which is the order of code points.</summary>
    private sealed class Utf8Order : IComparer<string>
    {
        public static readonly Utf8Order Instance = new();

        public int Compare(string? x, string? y) => Encoding.UTF8.GetBytes(x ?? "").AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(y ?? ""));
    }
}
