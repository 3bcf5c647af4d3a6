using System.Text;
using Tarasol.Sidecar.Hosting;

namespace Tarasol.Sidecar.Invocation;

/// <summary>Whom a request calls, and by which method path.</summary>
/// <param name="Id">The target as written: app-id, app-id.namespace or a URL.</param>
/// <param name="Method">Decoded, without a leading slash.</param>
internal sealed record InvocationTarget(string Id, string Method)
{
    /// <summary>The app-id without its namespace.</summary>
    public string AppId => IsUrl ? Id : Id.Split('.')[0];

    public bool IsUrl => Id.StartsWith("http://", StringComparison.Ordinal) || Id.StartsWith("https://", StringComparison.Ordinal);

    /// <summary>The header dapr-app-id wins, then HTTP Basic with the user dapr-app-id, then the URL. Null when none names a target.</summary>
    public static InvocationTarget? Find(string decodedPath, IHeaderDictionary headers)
    {
        if (headers["dapr-app-id"] is [{ Length: > 0 } byHeader, ..])
            return new(byHeader, ApiPath.Clean(decodedPath).TrimStart('/'));
        if (BasicTarget(headers.Authorization.ToString()) is { } byUser)
            return new(byUser, ApiPath.Clean(decodedPath).TrimStart('/'));
        return FromUrl(decodedPath);
    }

    /// <summary>The method as it may be sent to an app. Throws <see cref="ArgumentException"/> with daprd's words on characters that would change the request.</summary>
    public string Normalize()
    {
        foreach (var letter in Method)
        {
            if (letter is '#' or '?' or '\0')
                throw new ArgumentException($"invalid method: method contains forbidden character: \"{Method}\"");
            if (letter is < ' ' or '\x7f')
                throw new ArgumentException($"invalid method: method contains control character at position {Method.IndexOf(letter, StringComparison.Ordinal)}: \"{Method}\"");
        }
        var cleaned = ApiPath.Clean(Method);
        while (cleaned.StartsWith("../", StringComparison.Ordinal))
            cleaned = cleaned[3..];
        return cleaned is ".." or "." ? "" : cleaned;
    }

    /// <summary>An app that calls itself, which it does without its sidecar's headers.</summary>
    public bool IsSelf(AppRuntime caller) => AppId == caller.AppId && (Id == AppId || Id == $"{caller.AppId}.{caller.Namespace}");

    /// <summary>Where the app is called, relative to its root. Throws ERR_DIRECT_INVOKE on a method that cannot be sent.</summary>
    public Uri Address(string query)
    {
        string method;
        try
        {
            method = Normalize();
        }
        catch (ArgumentException wrong)
        {
            throw HttpInvocation.Failed(Id, $"rpc error: code = InvalidArgument desc = {wrong.Message}");
        }
        if (!ApiPath.TryUnescape(method, plusIsSpace: false, out var unescaped))
            throw HttpInvocation.Failed(Id, $"parse \"{method}\": invalid URL escape");
        // A path that is a valid one with its escapes is sent as it is; else what it means is escaped anew (so does Go's net/url).
        var path = method.Contains('%', StringComparison.Ordinal) && ApiPath.IsEscaped(method) ? method : ApiPath.Escape(unescaped);
        return new Uri($"/{path.TrimStart('/')}{query}", UriKind.Relative);
    }

    private static string? BasicTarget(string authorization)
    {
        if (!authorization.StartsWith("Basic ", StringComparison.Ordinal))
            return null;
        var buffer = new byte[authorization.Length];
        if (!Convert.TryFromBase64String(authorization["Basic ".Length..], buffer, out var length))
            return null;
        var pair = Encoding.UTF8.GetString(buffer, 0, length).Split(':');
        return pair is [var user, { Length: > 0 } target] && user.Equals("dapr-app-id", StringComparison.OrdinalIgnoreCase) ? target : null;
    }

    private static InvocationTarget? FromUrl(string path)
    {
        // Not from the cleaned path: cleaning would turn the http:// of a URL target into http:/.
        var rest = path.TrimStart('/');
        foreach (var part in (string[])["v1.0", "invoke"])
        {
            if (!rest.StartsWith($"{part}/", StringComparison.Ordinal))
                return null;
            rest = rest[part.Length..].TrimStart('/');
        }
        var middle = rest.IndexOf("/method/", StringComparison.Ordinal);
        if (middle <= 0)
            return null;
        var id = rest[..middle];
        var method = ApiPath.Clean(rest[(middle + "/method/".Length)..]);
        return new(ApiPath.TryUnescape(id, plusIsSpace: true, out var unescaped) && unescaped.Length > 0 ? unescaped : id, method == "." ? "" : method);
    }
}
