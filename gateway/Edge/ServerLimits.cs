using System.Diagnostics;

namespace Tarasol.Gateway.Edge;

/// <summary>What a connection may cost, and what every answer carries.</summary>
internal static class ServerLimits
{
    /// <summary>Headers of more than 16 KiB are 431, slow ones end the connection; slow bodies are ended by Kestrel's own minimum of 240 bytes a second.</summary>
    public static void AddServerLimits(this WebApplicationBuilder builder) => builder.WebHost.ConfigureKestrel(kestrel =>
    {
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
        kestrel.Limits.MaxRequestHeadersTotalSize = 16 * 1024;
        kestrel.Limits.MaxRequestHeaderCount = 64;
        kestrel.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(75);
    });

    /// <summary>The trace id, in every answer: the same in logs, problem details, and the events that the request leads to.</summary>
    public static void UseCorrelationId(this WebApplication app) => app.Use((context, next) =>
    {
        context.Response.OnStarting(() =>
        {
            if (Activity.Current?.TraceId.ToHexString() is { } trace)
                context.Response.Headers["X-Correlation-Id"] = trace;
            return Task.CompletedTask;
        });
        return next(context);
    });
}
