using System.Text;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using Tarasol.ServiceDefaults.Auth;

namespace Tarasol.Gateway.Proxy;

/// <summary>
/// Takes away what only the mesh may say: Dapr's headers (dapr-app-id would choose another target), forwarding and trace headers, and credentials whose
/// basic user name Dapr would read as a target.
/// </summary>
internal sealed class ClientHeaders(RequestDelegate next)
{
    private static readonly string[] Names = ["Forwarded", "traceparent", "tracestate", "baggage", "grpc-trace-bin", "X-Real-IP", TokenRules.OnBehalfOfHeader];
    private static readonly string[] Prefixes = ["dapr-", "X-Forwarded-"];

    public Task InvokeAsync(HttpContext context)
    {
        Strip(context.Request.Headers);
        return next(context);
    }

    public static void Strip(IHeaderDictionary headers)
    {
        foreach (var name in headers.Keys.Where(IsOurs).ToList())
            headers.Remove(name);
        if (headers.TryGetValue(HeaderNames.Authorization, out var credentials) && !IsHarmless(credentials))
            headers.Remove(HeaderNames.Authorization);
    }

    private static bool IsOurs(string name) =>
        Names.Contains(name, StringComparer.OrdinalIgnoreCase) || Prefixes.Any(prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase));

    private static bool IsHarmless(StringValues credentials)
    {
        if (credentials is not [{ } text])
            return false;
        if (!text.StartsWith("Basic", StringComparison.OrdinalIgnoreCase))
            return true;
        try
        {
            return !Encoding.UTF8.GetString(Convert.FromBase64String(text["Basic".Length..])).TrimStart().StartsWith("dapr-", StringComparison.OrdinalIgnoreCase);
        }
        catch (FormatException)
        {
            return false;
        }
    }
}
