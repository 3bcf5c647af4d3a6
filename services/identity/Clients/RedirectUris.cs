using System.Net;
using Tarasol.ServiceDefaults.Problems;

namespace Tarasol.Identity.Clients;

/// <summary>Where an app may be answered (RFC 9700, RFC 8252): https, http on the machine itself, or a scheme of the app's own, which has a dot. Compared character by character.</summary>
internal static class RedirectUris
{
    private static readonly Text Bad = new(
        "must be https, http to the machine itself, or a private scheme such as com.example.app:/done, without fragment, user or wildcard",
        "يجب أن يكون https أو http إلى الجهاز نفسه أو مخططا خاصا مثل com.example.app:/done، بلا جزء # ولا اسم مستخدم ولا رمز *");

    /// <summary>Adds an error for each that will not do.</summary>
    public static void Check(IReadOnlyList<string> uris, string field, Errors errors)
    {
        foreach (var (index, text) in uris.Index())
        {
            if (!IsGood(text))
                errors.Add($"{field}[{index}]", Bad);
        }
    }

    public static bool IsGood(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.IsWellFormedOriginalString() && uri.Fragment.Length == 0 && uri.UserInfo.Length == 0 && !text.Contains('*', StringComparison.Ordinal)
        && (uri.Scheme == Uri.UriSchemeHttps || uri.Scheme == Uri.UriSchemeHttp && IsOwnMachine(uri) || uri.Scheme.Contains('.', StringComparison.Ordinal));

    private static bool IsOwnMachine(Uri uri) => uri.Host == "localhost" || IPAddress.TryParse(uri.Host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address);
}
