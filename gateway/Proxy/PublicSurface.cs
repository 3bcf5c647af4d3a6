using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Tarasol.ServiceDefaults.Hosting;

namespace Tarasol.Gateway.Proxy;

/// <summary>
/// Lets in only paths that mean the same to everybody on the way. The sidecar and the service decode a path again, so an encoded slash, dot, percent
/// sign or control character could become another path behind us. The defaults' own pages (metrics, a document of the gateway alone) are not public either.
/// </summary>
internal static class PublicSurface
{
    private static readonly string[] Ambiguous = ["%2f", "%5c", "%2e", "%25", "%7f", "\\", "//", "/../", "/./", ";"];

    public static void UsePublicSurface(this WebApplication app)
    {
        var sidecar = app.Services.GetRequiredService<SidecarAddress>();
        app.Use((context, next) =>
        {
            if (!IsPlain(context.Features.Get<IHttpRequestFeature>()!.RawTarget) || IsPrivate(context.Request.Path)
                || IsForSidecar(context.Request.Path) && !IsFromSidecar(context.Request, sidecar.AppToken))
                context.Request.Path = "/not-found";
            return next(context);
        });
    }

    /// <summary>What only our own sidecar may ask: subscriptions and events.</summary>
    public static bool IsForSidecar(PathString path) => path.StartsWithSegments("/dapr") || path.StartsWithSegments("/events");

    /// <summary>The sidecar shows APP_API_TOKEN; where there is none, nobody is taken for it, nor is an app whose call it brings.</summary>
    public static bool IsFromSidecar(HttpRequest request, string? appToken) => appToken is not null && !request.Headers.ContainsKey("dapr-caller-app-id")
        && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(request.Headers["dapr-api-token"].ToString()), Encoding.UTF8.GetBytes(appToken));

    public static bool IsPlain(string target)
    {
        var path = target.Split('?', 2)[0];
        return path.StartsWith('/') && !Ambiguous.Any(each => path.Contains(each, StringComparison.OrdinalIgnoreCase)) && !path.EndsWith("/..", StringComparison.Ordinal) && !HasControl(path);
    }

    // A line break would end the request line of a hop behind us.
    private static bool HasControl(string path)
    {
        for (var at = path.IndexOf('%', StringComparison.Ordinal); at >= 0 && at + 1 < path.Length; at = path.IndexOf('%', at + 1))
        {
            if (path[at + 1] is '0' or '1')
                return true;
        }

        return false;
    }

    private static bool IsPrivate(PathString path) => path.StartsWithSegments("/metrics") || (path.StartsWithSegments("/openapi", out var below) && below.HasValue);
}
