using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;

namespace Tarasol.Sidecar.Hosting;

/// <summary>A body that is not the JSON that was asked for; the message is the one that Go's encoding/json gives, which daprd passes on.</summary>
internal sealed class GoJsonException(string message) : Exception(message);

/// <summary>
/// JSON as daprd reads it: one value from the start of the body, whatever follows is ignored, keys match in any case. Clients see Go's
/// own words for what is wrong with a body, so those are reproduced here.
/// </summary>
internal static class GoJson
{
    public static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 10000 };

    /// <summary>The first value in <paramref name="body"/>. Throws <see cref="GoJsonException"/>.</summary>
    public static JsonElement Decode(ReadOnlyMemory<byte> body)
    {
        var end = new Scanner(body.Span).Scan(out var start);
        try
        {
            using var document = JsonDocument.Parse(Readable(body[start..end]), Options);
            return document.RootElement.Clone();
        }
        catch (JsonException wrong)
        {
            throw new GoJsonException($"invalid JSON: {wrong.Message}");
        }
    }

    /// <summary>Bytes that are no UTF-8 and halves of surrogate pairs become U+FFFD as in Go; .NET would refuse to read such texts later on.</summary>
    private static ReadOnlyMemory<byte> Readable(ReadOnlyMemory<byte> value)
    {
        if (!Utf8.IsValid(value.Span))
            value = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(value.Span));
        var text = value.Span;
        byte[]? mended = null;
        for (var at = text.IndexOf((byte)'\\'); at >= 0 && at < text.Length; at++)
        {
            if (text[at] != '\\')
                continue;
            at++;
            if (text[at] != 'u')
                continue;
            var unit = Unit(text, at + 1);
            if (char.IsHighSurrogate(unit) && at + 10 < text.Length && text[at + 5] == '\\' && text[at + 6] == 'u' && char.IsLowSurrogate(Unit(text, at + 7)))
                at += 10;
            else if (char.IsSurrogate(unit))
                "FFFD"u8.CopyTo((mended ??= text.ToArray()).AsSpan(at + 1));
        }
        return mended ?? value;
    }

    private static char Unit(ReadOnlySpan<byte> text, int at) =>
        (char)ushort.Parse(text.Slice(at, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    /// <summary>Decodes an object or array; another kind gives Go's "cannot unmarshal" with the Go type name <paramref name="goType"/>. Null stands for nothing.</summary>
    public static JsonElement Decode(ReadOnlyMemory<byte> body, JsonValueKind kind, string goType)
    {
        var value = Decode(body);
        return value.ValueKind == kind || value.ValueKind == JsonValueKind.Null ? value : throw Mismatch(value, $"value of type {goType}");
    }

    /// <summary>
    /// The bytes that Go makes of a decoded value: members sorted and the last of equal names kept, no spaces, numbers as 64 bit floats, &lt; &gt; and
    /// &amp; escaped. daprd stores what it decoded in this form, so a store or a file that moves between the two holds the same bytes.
    /// </summary>
    public static byte[] Encode(JsonElement value)
    {
        var text = new StringBuilder();
        GoJsonText.Write(text, value);
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    /// <summary>A member by name in any case, the last one when it is repeated; null when absent or JSON null.</summary>
    public static JsonElement? Member(this JsonElement value, string name)
    {
        JsonElement? found = null;
        if (value.ValueKind != JsonValueKind.Object)
            return null;
        foreach (var member in value.EnumerateObject())
        {
            if (member.NameEquals(name) || string.Equals(member.Name, name, StringComparison.OrdinalIgnoreCase))
                found = member.Value.ValueKind == JsonValueKind.Null ? null : member.Value;
        }
        return found;
    }

    /// <summary>A text member; null when absent. Another kind of value throws, naming the Go struct field.</summary>
    public static string? Text(this JsonElement value, string name, string goStruct)
    {
        if (value.Member(name) is not { } member)
            return null;
        return member.ValueKind == JsonValueKind.String ? member.GetString() : throw Mismatch(member, $"struct field {goStruct}.{name} of type string");
    }

    /// <summary>An object of texts; empty when absent.</summary>
    public static Dictionary<string, string> Texts(this JsonElement value, string name, string goStruct)
    {
        var texts = new Dictionary<string, string>();
        if (value.Member(name) is not { } member)
            return texts;
        if (member.ValueKind != JsonValueKind.Object)
            throw Mismatch(member, $"struct field {goStruct}.{name} of type map[string]string");
        foreach (var text in member.EnumerateObject())
        {
            texts[text.Name] = text.Value.ValueKind switch
            {
                JsonValueKind.String => text.Value.GetString()!,
                JsonValueKind.Null => "",
                _ => throw Mismatch(text.Value, $"struct field {goStruct}.{name} of type string"),
            };
        }
        return texts;
    }

    public static GoJsonException Mismatch(JsonElement value, string target) => new($"json: cannot unmarshal {Kind(value)} into Go {target}");

    /// <summary>The kind of a value in Go's words for JSON.</summary>
    public static string Kind(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "object",
        JsonValueKind.Array => "array",
        JsonValueKind.String => "string",
        JsonValueKind.Number => "number",
        JsonValueKind.True or JsonValueKind.False => "bool",
        _ => "null",
    };

    /// <summary>Finds the end of the first JSON value, or says in Go's words why there is none.</summary>
    private ref struct Scanner(ReadOnlySpan<byte> text)
    {
        private const int MaxDepth = 10000;

        private readonly ReadOnlySpan<byte> text = text;
        private int at;

        public int Scan(out int start)
        {
            SkipSpace();
            if (at == text.Length)
                throw new GoJsonException("EOF");
            start = at;
            Value(0);
            return at;
        }

        private void Value(int depth)
        {
            if (depth > MaxDepth)
                throw new GoJsonException("exceeded max depth");
            SkipSpace();
            var next = Next();
            switch (next)
            {
                case (byte)'{': Object(depth); break;
                case (byte)'[': Array(depth); break;
                case (byte)'"': String(); break;
                case (byte)'-' or (>= (byte)'0' and <= (byte)'9'): Number(next); break;
                case (byte)'t': Literal("true"); break;
                case (byte)'f': Literal("false"); break;
                case (byte)'n': Literal("null"); break;
                default: throw Invalid(next, "looking for beginning of value");
            }
        }

        private void Object(int depth)
        {
            SkipSpace();
            var next = Next();
            if (next == '}')
                return;
            while (true)
            {
                if (next != '"')
                    throw Invalid(next, "looking for beginning of object key string");
                String();
                SkipSpace();
                next = Next();
                if (next != ':')
                    throw Invalid(next, "after object key");
                Value(depth + 1);
                SkipSpace();
                next = Next();
                if (next == '}')
                    return;
                if (next != ',')
                    throw Invalid(next, "after object key:value pair");
                SkipSpace();
                next = Next();
            }
        }

        private void Array(int depth)
        {
            SkipSpace();
            if (at < text.Length && text[at] == ']')
            {
                at++;
                return;
            }
            while (true)
            {
                Value(depth + 1);
                SkipSpace();
                var next = Next();
                if (next == ']')
                    return;
                if (next != ',')
                    throw Invalid(next, "after array element");
            }
        }

        private void String()
        {
            while (true)
            {
                var next = Next();
                if (next == '"')
                    return;
                if (next == '\\')
                    Escape();
                else if (next < 0x20)
                    throw Invalid(next, "in string literal");
            }
        }

        private void Escape()
        {
            var next = Next();
            if (next != 'u')
            {
                if ("bfnrt\\/\"".Contains((char)next))
                    return;
                throw Invalid(next, "in string escape code");
            }
            for (var digit = 0; digit < 4; digit++)
            {
                next = Next();
                if (!char.IsAsciiHexDigit((char)next))
                    throw Invalid(next, "in \\u hexadecimal character escape");
            }
        }

        private void Number(byte first)
        {
            if (first == '-')
            {
                first = Next();
                if (!Digit(first))
                    throw Invalid(first, "in numeric literal");
            }
            if (first != '0')
                Digits();
            if (at < text.Length && text[at] == '.')
            {
                at++;
                var next = Next();
                if (!Digit(next))
                    throw Invalid(next, "after decimal point in numeric literal");
                Digits();
            }
            if (at < text.Length && (text[at] | 0x20) == 'e')
            {
                at++;
                var next = Next();
                if (next is (byte)'+' or (byte)'-')
                    next = Next();
                if (!Digit(next))
                    throw Invalid(next, "in exponent of numeric literal");
                Digits();
            }
        }

        private void Digits()
        {
            while (at < text.Length && Digit(text[at]))
                at++;
        }

        private void Literal(string literal)
        {
            foreach (var expected in literal.AsSpan(1))
            {
                var next = Next();
                if (next != expected)
                    throw Invalid(next, $"in literal {literal} (expecting '{expected}')");
            }
        }

        private void SkipSpace()
        {
            while (at < text.Length && text[at] is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n')
                at++;
        }

        private byte Next() => at < text.Length ? text[at++] : throw new GoJsonException("unexpected EOF");

        private static bool Digit(byte value) => char.IsAsciiDigit((char)value);

        private static GoJsonException Invalid(byte found, string where) => new($"invalid character {Quote(found)} {where}");

        private static string Quote(byte found) => (char)found switch
        {
            '\'' => "'\\''",
            '"' => "'\"'",
            '\\' => "'\\\\'",
            '\a' => "'\\a'",
            '\b' => "'\\b'",
            '\f' => "'\\f'",
            '\n' => "'\\n'",
            '\r' => "'\\r'",
            '\t' => "'\\t'",
            '\v' => "'\\v'",
            < ' ' or '\x7f' => string.Create(CultureInfo.InvariantCulture, $"'\\x{found:x2}'"),
            >= '\x80' and < '\xa1' or '\xad' => string.Create(CultureInfo.InvariantCulture, $"'\\u{(int)found:x4}'"),
            _ => $"'{(char)found}'",
        };
    }
}
