using System.Text;
using Microsoft.AspNetCore.Http.Features;

namespace Tarasol.Sidecar.Hosting;

/// <summary>Request paths as daprd treats them: from the raw request line, cleaned, with each parameter unescaped on its own.</summary>
internal static class ApiPath
{
    /// <summary>The path of the request line as the client wrote it: not decoded, not normalised (Kestrel's own Path is both).</summary>
    public static string Raw(HttpContext context)
    {
        var target = RawTarget(context);
        var query = target.IndexOf('?', StringComparison.Ordinal);
        return query < 0 ? target : target[..query];
    }

    /// <summary>The query as the client wrote it, with its question mark; empty when there is none.</summary>
    public static string RawQuery(HttpContext context)
    {
        var target = RawTarget(context);
        var query = target.IndexOf('?', StringComparison.Ordinal);
        return query < 0 || query == target.Length - 1 ? "" : target[query..];
    }

    /// <summary>Makes the request one of another target.</summary>
    public static void Rewrite(HttpContext context, string path, string query) =>
        context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget = (path.StartsWith('/') ? path : $"/{path}") + query;

    /// <summary>Lexical cleaning of a path: no doubled slashes, no dot segments, no trailing slash but for the root.</summary>
    public static string Clean(string path)
    {
        if (path.Length == 0)
            return ".";
        var rooted = path[0] == '/';
        var kept = new List<string>();
        foreach (var part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (part == ".")
                continue;
            if (part != "..")
                kept.Add(part);
            else if (kept.Count > 0 && kept[^1] != "..")
                kept.RemoveAt(kept.Count - 1);
            else if (!rooted)
                kept.Add(part);
        }
        var cleaned = string.Join('/', kept);
        return rooted ? $"/{cleaned}" : cleaned.Length == 0 ? "." : cleaned;
    }

    /// <summary>Decodes %XX as UTF-8; false when an escape is malformed.</summary>
    public static bool TryUnescape(string text, bool plusIsSpace, out string unescaped)
    {
        unescaped = text;
        if (!text.Contains('%', StringComparison.Ordinal) && !(plusIsSpace && text.Contains('+', StringComparison.Ordinal)))
            return true;
        var bytes = Encoding.UTF8.GetBytes(text);
        var length = 0;
        for (var at = 0; at < bytes.Length; at++)
        {
            if (bytes[at] == '%')
            {
                if (at + 2 >= bytes.Length || !char.IsAsciiHexDigit((char)bytes[at + 1]) || !char.IsAsciiHexDigit((char)bytes[at + 2]))
                    return false;
                bytes[length++] = (byte)((Hex(bytes[at + 1]) << 4) | Hex(bytes[at + 2]));
                at += 2;
            }
            else
            {
                bytes[length++] = plusIsSpace && bytes[at] == '+' ? (byte)' ' : bytes[at];
            }
        }
        unescaped = Encoding.UTF8.GetString(bytes, 0, length);
        return true;
    }

    /// <summary>A decoded path in the form in which Go's net/url writes it into a request line.</summary>
    public static string Escape(string path)
    {
        if (path.All(AllowedAsWritten))
            return path;
        var escaped = new StringBuilder(path.Length + 16);
        foreach (var value in Encoding.UTF8.GetBytes(path))
        {
            var letter = (char)value;
            if (char.IsAsciiLetterOrDigit(letter) || "-_.~$&+,/:;=@".Contains(letter, StringComparison.Ordinal))
                escaped.Append(letter);
            else
                escaped.Append('%').Append(value.ToString("X2", System.Globalization.CultureInfo.InvariantCulture));
        }
        return escaped.ToString();
    }

    /// <summary>A query from elsewhere than a request line: what could not stand in one is escaped, the rest left alone.</summary>
    public static string EscapeQuery(string query)
    {
        if (!query.Any(letter => letter is <= ' ' or '#' or >= '\x7f'))
            return query;
        var escaped = new StringBuilder(query.Length + 16);
        foreach (var value in Encoding.UTF8.GetBytes(query))
        {
            if (value is > (byte)' ' and < 0x7f and not (byte)'#')
                escaped.Append((char)value);
            else
                escaped.Append('%').Append(value.ToString("X2", System.Globalization.CultureInfo.InvariantCulture));
        }
        return escaped.ToString();
    }

    /// <summary>Every letter may stand in a path, or is part of an escape.</summary>
    public static bool IsEscaped(string path) => path.All(letter => letter == '%' || AllowedAsWritten(letter));

    private static bool AllowedAsWritten(char letter) => char.IsAsciiLetterOrDigit(letter) || "-_.~$&+,/:;=@!'()*[]".Contains(letter, StringComparison.Ordinal);

    private static string RawTarget(HttpContext context)
    {
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        if (target.StartsWith('/'))
            return target;
        // The absolute form that proxies use.
        var authority = target.IndexOf("://", StringComparison.Ordinal);
        var path = authority < 0 ? -1 : target.IndexOf('/', authority + 3);
        return path < 0 ? "/" : target[path..];
    }

    private static int Hex(byte digit) => digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10;
}
