using System.Net;
using System.Text;
using System.Text.Json;

namespace Tarasol.Tests.E2e.Curl;

/// <summary>The app behind the sidecar: it answers with what it got, hosts the actor type counter, and takes whatever job or change it is told of.</summary>
internal sealed class EchoApp : IAsyncDisposable
{
    private readonly HttpListener listener = new();
    private readonly Task serving;

    private EchoApp(int port)
    {
        listener.Prefixes.Add($"http://127.0.0.1:{port}/");
        listener.Start();
        serving = ServeAsync();
    }

    public static EchoApp Start(int port) => new(port);

    public async ValueTask DisposeAsync()
    {
        listener.Close();
        await serving;
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
                await AnswerAsync(await listener.GetContextAsync());
        }
        catch (Exception closed) when (closed is HttpListenerException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private static async Task AnswerAsync(HttpListenerContext context)
    {
        using var reader = new StreamReader(context.Request.InputStream, Encoding.UTF8);
        var body = await reader.ReadToEndAsync();
        var path = context.Request.Url!.AbsolutePath;
        var (status, answer) = path switch
        {
            "/dapr/config" => (200, """{"entities":["counter"]}"""),
            "/dapr/subscribe" => (200, "[]"),
            "/teapot" => (418, """{"why":"a teapot"}"""),
            _ when path.StartsWith("/echo", StringComparison.Ordinal) || path.StartsWith("/actors/", StringComparison.Ordinal) =>
                (200, $$"""{"method":"{{context.Request.HttpMethod}}","path":"{{context.Request.RawUrl}}","body":{{JsonSerializer.Serialize(body, Plain)}}}"""),
            _ when path.StartsWith("/job/", StringComparison.Ordinal) || path.StartsWith("/configuration/", StringComparison.Ordinal) => (200, ""),
            _ => (404, ""),
        };
        var bytes = Encoding.UTF8.GetBytes(answer);
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        context.Response.ContentLength64 = bytes.Length;
        if (context.Request.HttpMethod != "HEAD")
            await context.Response.OutputStream.WriteAsync(bytes);
        context.Response.Close();
    }

    private static readonly JsonSerializerOptions Plain = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
