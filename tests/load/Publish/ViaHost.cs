using System.Net;
using System.Net.Http.Headers;

namespace Tarasol.Tests.Load.Publish;

/// <summary>Publishes by the sidecar's HTTP API and is delivered to as any Dapr app is.</summary>
internal sealed class ViaHost(string spec) : IEventClient
{
    private const string Topic = "load";
    private WebApplication? app;
    private SidecarUnderLoad? host;
    private HttpClient? http;

    public async Task SubscribeAsync(Action<ReadOnlyMemory<byte>> handle, CancellationToken cancel)
    {
        var port = ChildProcess.FreePort();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        app = builder.Build();
        app.MapGet("/dapr/subscribe", () => Results.Text($$"""[{"pubsubname":"pubsub","topic":"{{Topic}}","route":"/in"}]""", "application/json"));
        app.MapPost("/in", async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
            handle(body.GetBuffer().AsMemory(0, (int)body.Length));
        });
        await app.StartAsync(cancel);
        host = await SidecarUnderLoad.StartAsync([("load", port)], [$"apiVersion: dapr.io/v1alpha1\nkind: Component\nmetadata:\n  name: pubsub\nspec:\n  {spec}"], cancel);
        http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new Uri($"http://127.0.0.1:{host.HttpPorts[0]}") };
    }

    public async Task PublishAsync(ReadOnlyMemory<byte> json, CancellationToken cancel)
    {
        using var content = new ReadOnlyMemoryContent(json);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var answer = await http!.PostAsync(new Uri($"/v1.0/publish/pubsub/{Topic}", UriKind.Relative), content, cancel);
        if (!answer.IsSuccessStatusCode)
            throw new InvalidOperationException($"publish answered {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(cancel)}");
    }

    public async ValueTask DisposeAsync()
    {
        http?.Dispose();
        if (host is not null)
            await host.DisposeAsync();
        if (app is not null)
            await app.DisposeAsync();
    }
}
