using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Tarasol.Sidecar.Hosting;

namespace Tarasol.Tests.Sidecar.Recorded;

/// <summary>The sidecars of alpha and beta as they stood when daprd was recorded: a <see cref="RecordedApp"/> behind each, the same components and configuration.</summary>
public abstract class RecordedMesh(bool twoHosts) : IAsyncLifetime
{
    private const string Embedded = """
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata: { name: pubsub }
        spec: { type: pubsub.in-memory, version: v1 }
        ---
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata: { name: statestore }
        spec:
          type: state.sqlite
          version: v1
          metadata:
          - { name: connectionString, value: state.db }
          - { name: actorStateStore, value: "true" }
        ---
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata: { name: memory }
        spec: { type: state.in-memory, version: v1 }
        ---
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata: { name: shared }
        spec:
          type: state.sqlite
          version: v1
          metadata:
          - { name: connectionString, value: shared.db }
          - { name: keyPrefix, value: none }
        ---
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata: { name: betaonly }
        spec: { type: state.in-memory, version: v1 }
        scopes: [ beta ]
        ---
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata: { name: secrets }
        spec:
          type: secretstores.local.file
          version: v1
          metadata:
          - { name: secretsFile, value: secrets.json }
          - { name: nestedSeparator, value: ":" }
        ---
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata: { name: scopedsecrets }
        spec:
          type: secretstores.local.file
          version: v1
          metadata:
          - { name: secretsFile, value: secrets.json }
        ---
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata: { name: envsecrets }
        spec: { type: secretstores.local.env, version: v1 }
        ---
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata: { name: files }
        spec:
          type: bindings.localstorage
          version: v1
          metadata:
          - { name: rootPath, value: files }
        """;

    private const string Configuration = """
        apiVersion: dapr.io/v1alpha1
        kind: Configuration
        metadata: { name: conformance }
        spec:
          nameResolution:
            component: sqlite
            version: v1
            configuration: { connectionString: names.db }
          tracing: { samplingRate: "1" }
          secrets:
            scopes:
            - storeName: scopedsecrets
              defaultAccess: deny
              allowedSecrets: [ shown ]
        """;

    private readonly string folder = Directory.CreateTempSubdirectory("recorded-").FullName;
    private readonly List<WebApplication> apps = [];
    private readonly List<WebApplication> hosts = [];

    static RecordedMesh() => Environment.SetEnvironmentVariable("SECRET_FROM_ENV", "env-value");

    /// <summary>The API port and the app of each app-id.</summary>
    internal Dictionary<string, (int Port, RecordedApp App)> Sidecars { get; } = [];

    public string Folder => folder;

    public HttpClient Client { get; } = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });

    public Uri Url(string app, string path) => new($"http://127.0.0.1:{Sidecars[app].Port}{path}", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });

    /// <summary>The component documents.</summary>
    protected virtual string Resources => Embedded;

    public virtual async ValueTask InitializeAsync()
    {
        await File.WriteAllTextAsync(Path.Combine(Directory.CreateDirectory(Path.Combine(folder, "resources")).FullName, "all.yaml"), Resources);
        await File.WriteAllTextAsync(Path.Combine(folder, "config.yaml"), Configuration);
        await File.WriteAllTextAsync(Path.Combine(folder, "secrets.json"), """{"plain":"value","shown":"seen","hidden":"unseen","nested":{"a":"one","b":{"c":"two"}},"number":7}""");
        var options = new List<AppOptions>();
        foreach (var name in (string[])["alpha", "beta"])
        {
            var app = new RecordedApp(name);
            Sidecars[name] = (0, app);
            options.Add(new AppOptions { AppId = name, AppPort = await StartAppAsync(app) });
        }
        if (twoHosts)
        {
            foreach (var app in options)
                await StartHostAsync([app]);
        }
        else
        {
            await StartHostAsync(options);
        }
        foreach (var app in Sidecars.Keys)
        {
            await Poll.UntilAsync(async () =>
            {
                using var answer = await Client.GetAsync(Url(app, "/v1.0/healthz"));
                return answer.IsSuccessStatusCode;
            });
        }
    }

    public virtual async ValueTask DisposeAsync()
    {
        foreach (var host in hosts.Concat(apps))
        {
            await host.StopAsync();
            await host.DisposeAsync();
        }
        Client.Dispose();
        Directory.Delete(folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    private async Task StartHostAsync(IReadOnlyList<AppOptions> options)
    {
        var host = SidecarHost.Build(new SidecarOptions { Apps = options, ResourcesPaths = ["resources"], ConfigFiles = ["config.yaml"], WorkingDirectory = folder });
        hosts.Add(host);
        await host.StartAsync();
        foreach (var app in options)
            Sidecars[app.AppId] = (host.Ports(app.AppId).Http, Sidecars[app.AppId].App);
    }

    private async Task<int> StartAppAsync(RecordedApp app)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Listen(IPAddress.Loopback, 0);
        });
        var web = builder.Build();
        app.Configure(web);
        apps.Add(web);
        await web.StartAsync();
        return new Uri(web.Urls.First()).Port;
    }
}

/// <summary>Both sidecars in one process, as a mesh runs them.</summary>
public sealed class OneHost() : RecordedMesh(twoHosts: false);

/// <summary>A process for each sidecar, found by name resolution, as daprd's flags start them.</summary>
public sealed class TwoHosts() : RecordedMesh(twoHosts: true);
