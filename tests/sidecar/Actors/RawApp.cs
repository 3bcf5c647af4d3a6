using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Tarasol.Tests.Sidecar.Actors;

internal sealed record Received(string Method, string Path, IReadOnlyDictionary<string, string> Headers, string Body);

/// <summary>An app of no SDK: keeps what it received and answers as the method's name says.</summary>
internal sealed class RawApp : IAsyncDisposable
{
    private WebApplication? _app;

    private readonly ConcurrentDictionary<string, int> _counts = new();

    public string Config { get; set; } = """{"entities":["counter"]}""";

    public ConcurrentQueue<Received> Received { get; } = new();

    public SemaphoreSlim Gate { get; } = new(0);

    public async Task StartAsync(int port)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        _app = builder.Build();
        _app.Run(AnswerAsync);
        await _app.StartAsync();
    }

    public IEnumerable<Received> Of(string pathPart) => Received.Where(request => request.Path.Contains(pathPart, StringComparison.Ordinal));

    /// <summary>Nobody listens at its port any more; what it received stays.</summary>
    public async Task StopAsync()
    {
        if (_app is not null)
            await _app.DisposeAsync();
        _app = null;
    }

    public async ValueTask DisposeAsync()
    {
        Gate.Release(100);
        await StopAsync();
        Gate.Dispose();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var request = new Received(context.Request.Method, context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget,
            context.Request.Headers.ToDictionary(header => header.Key.ToLowerInvariant(), header => header.Value.ToString()), await reader.ReadToEndAsync());
        if (request.Path == "/dapr/config")
        {
            await context.Response.WriteAsync(Config);
            return;
        }
        Received.Enqueue(request);
        var method = context.Request.Path.Value!.Split('/')[^1];
        switch (method)
        {
            case "inc":
                await context.Response.WriteAsJsonAsync(new { count = _counts.AddOrUpdate(request.Path, 1, (_, count) => count + 1) });
                break;
            case "fail":
                context.Response.StatusCode = 500;
                await context.Response.WriteAsync("""{"why":"asked to"}""");
                break;
            case "missing":
                context.Response.StatusCode = 404;
                break;
            case "apperror":
                context.Response.Headers["X-DaprErrorResponseHeader"] = "an error of the app";
                await context.Response.WriteAsync("details");
                break;
            case "slow":
                await Gate.WaitAsync();
                break;
            case "cancel":
                context.Response.Headers["X-DaprReminderCancel"] = "true";
                break;
            case "echo":
                context.Response.Headers["x-from-app"] = "yes";
                await context.Response.WriteAsync(JsonSerializer.Serialize(request));
                break;
        }
    }
}
