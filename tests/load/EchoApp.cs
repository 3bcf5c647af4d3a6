using System.Net;

namespace Tarasol.Tests.Load;

/// <summary>An app that gives back what it gets, in a process of its own.</summary>
internal static class EchoApp
{
    public const string Command = "app";

    public static async Task RunAsync(int port, CancellationToken cancel)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        var app = builder.Build();
        app.MapPost("/echo", async context =>
        {
            context.Response.ContentType = context.Request.ContentType;
            context.Response.ContentLength = context.Request.ContentLength;
            await context.Request.Body.CopyToAsync(context.Response.Body, context.RequestAborted);
        });
        app.MapGet("/healthz", () => Results.Ok());
        await app.RunAsync(cancel);
    }

    public static async Task<ChildProcess> StartAsync(int port, CancellationToken cancel)
    {
        var process = ChildProcess.Start(typeof(EchoApp).Assembly.Location, [Command, "--port", $"{port}"], Environment.CurrentDirectory);
        await process.UntilAnswersAsync(new Uri($"http://127.0.0.1:{port}/healthz"), cancel);
        return process;
    }
}
