using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Tarasol.ServiceDefaults.Problems;

namespace Tarasol.ServiceDefaults.Hosting;

/// <summary>
/// A service answers nobody but its own sidecar: every call must carry APP_API_TOKEN, health and metrics aside. What the sidecar asks for itself (subscriptions, events) does not exist
/// for other apps, whose calls it brings with the caller's name.
/// </summary>
internal sealed class AppTokenMiddleware(RequestDelegate next, SidecarAddress sidecar)
{
    private const string CallerHeader = "dapr-caller-app-id";
    private readonly byte[]? expected = sidecar.AppToken is { } token ? Encoding.UTF8.GetBytes(token) : null;

    public Task InvokeAsync(HttpContext context)
    {
        if (IsForSidecar(context.Request.Path) && context.Request.Headers.ContainsKey(CallerHeader))
            throw CommonProblems.NotFound.Exception();
        if (expected is null || context.Request.Path.Value is "/healthz" or "/metrics")
            return next(context);
        var given = Encoding.UTF8.GetBytes(context.Request.Headers["dapr-api-token"].ToString());
        return CryptographicOperations.FixedTimeEquals(given, expected) ? next(context) : throw CommonProblems.Unauthenticated.Exception();
    }

    private static bool IsForSidecar(PathString path) => path.StartsWithSegments("/dapr") || path.StartsWithSegments("/events");
}
