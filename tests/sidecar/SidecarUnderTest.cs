using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Tarasol.Sidecar.Components;
using Tarasol.Sidecar.Hosting;

namespace Tarasol.Tests.Sidecar;

/// <summary>A sidecar host of the test with the given component documents, for one app ("app") that may have a port.</summary>
internal sealed class SidecarUnderTest : IAsyncDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("sidecar-");
    private readonly HttpClient client = new();
    private WebApplication? host;

    /// <summary>Where the host works.</summary>
    public string Folder => folder.FullName;

    public int HttpPort { get; private set; }

    public int GrpcPort { get; private set; }

    /// <param name="resources">YAML documents.</param>
    /// <param name="appPort">Null: an app that only calls.</param>
    /// <param name="healthy">Wait until the app and its components are ready.</param>
    public static async Task<SidecarUnderTest> StartAsync(string resources, int? appPort = null, bool healthy = true)
    {
        var sidecar = new SidecarUnderTest();
        try
        {
            await File.WriteAllTextAsync(Path.Combine(sidecar.folder.CreateSubdirectory("resources").FullName, "all.yaml"), resources);
            await sidecar.StartHostAsync(appPort);
            if (healthy)
                await sidecar.HealthyAsync();
            return sidecar;
        }
        catch
        {
            await sidecar.DisposeAsync();
            throw;
        }
    }

    public static string Component(string name, string type, params (string Name, string Value)[] metadata) => $"""
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata:
          name: {name}
        spec:
          type: {type}
          version: v1
          metadata:
        {string.Join('\n', metadata.Select(item => $"  - name: {item.Name}\n    value: {JsonSerializer.Serialize(item.Value)}"))}
        ---

        """;

    /// <summary>The component itself, as the host made it.</summary>
    public T Find<T>(string name) where T : class =>
        host!.Services.GetRequiredService<AppDirectory>().Find("app")!.Components.Find<T>(name)!.Value.Instance;

    public async Task HealthyAsync()
    {
        var said = "";
        await Poll.UntilAsync(async () =>
        {
            var (status, _, body) = await SendAsync("GET", "/v1.0/healthz");
            said = body;
            return status == HttpStatusCode.NoContent;
        }, otherwise: () => said);
    }

    public async Task<(HttpStatusCode Status, string? ETag, string Body)> SendAsync(string method, string path, string? json = null, string? ifMatch = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), $"http://127.0.0.1:{HttpPort}{path}");
        if (json is not null)
            request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        if (ifMatch is not null)
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        using var response = await client.SendAsync(request);
        return (response.StatusCode, response.Headers.TryGetValues("ETag", out var etag) ? etag.First() : null, await response.Content.ReadAsStringAsync());
    }

    /// <summary>A new host process, as it were, on the same folder.</summary>
    public async Task RestartAsync(int? appPort = null)
    {
        await StopAsync();
        await StartHostAsync(appPort);
        await HealthyAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        client.Dispose();
        folder.Delete(recursive: true);
    }

    private async Task StopAsync()
    {
        if (host is null)
            return;
        await host.StopAsync();
        await host.DisposeAsync();
        host = null;
    }

    private async Task StartHostAsync(int? appPort)
    {
        host = SidecarHost.Build(new SidecarOptions { Apps = [new AppOptions { AppId = "app", AppPort = appPort }], ResourcesPaths = ["resources"], WorkingDirectory = folder.FullName });
        await host.StartAsync();
        (HttpPort, GrpcPort) = host.Ports("app");
    }
}
