using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Identity;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Tarasol.Sidecar.Hosting;

namespace Tarasol.Tests.Integration.Mesh;

/// <summary>
/// Services with their sidecars in this process: one sidecar host, the services' own Programs on free ports, a temporary data folder.
/// Identity and tenant always run, because nothing can be asked without a token and a tenant. Take it as a class fixture
/// (<c>public sealed class DirectoryMesh() : TestMesh("directory");</c>) and give every test a tenant of its own with <see cref="NewTenantAsync"/>.
/// </summary>
public class TestMesh(params string[] services) : IAsyncLifetime
{
    private const string Caller = "test";
    private const int FirstPort = 10000;
    private const int LastPort = 13999;
    private static int nextPort = Random.Shared.Next(LastPort - FirstPort);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private static readonly Lazy<string> SigningKey = new(() =>
    {
        using var rsa = RSA.Create(3072);
        return rsa.ExportPkcs8PrivateKeyPem();
    });

    private readonly Dictionary<string, IRunningService> running = [];
    private readonly Dictionary<string, AppOptions> apps = [];
    private WebApplication? sidecars;
    private (Task<string> Token, long At)? operatorToken;

    /// <summary>App-ids of the services, in the order of their start.</summary>
    public IReadOnlyList<string> AppIds { get; } = [.. new[] { "identity", "tenant" }.Concat(services).Distinct()];

    /// <summary>The data folder; deleted at the end.</summary>
    public string Data { get; } = Directory.CreateTempSubdirectory("tarasol-").FullName;

    /// <summary>Password of the user <c>operator</c> of tenant <c>platform</c>.</summary>
    public string OperatorPassword { get; } = $"Op-{Guid.NewGuid():N}-X1";

    /// <summary>TARASOL_PUBLIC_URL: what tokens name as their issuer.</summary>
    public static string PublicUrl => "http://tarasol.test";

    /// <summary>Client secrets of the services by app-id.</summary>
    public IReadOnlyDictionary<string, string> ClientSecrets { get; private set; } = new Dictionary<string, string>();

    /// <summary>Replaces services in the container of an app before it starts, for the outside world and for time.</summary>
    protected virtual void Configure(string appId, IServiceCollection services)
    {
    }

    /// <summary>The broker: in memory unless a test stops a service that has to get its events afterwards.</summary>
    protected virtual (string Type, (string Name, string Value)[] Metadata) PubSub => ("pubsub.in-memory", []);

    /// <summary>More settings for an app.</summary>
    protected virtual IEnumerable<KeyValuePair<string, string>> Settings(string appId) => [];

    /// <summary>More secrets.</summary>
    protected virtual IEnumerable<KeyValuePair<string, string>> Secrets => [];

    /// <summary>What a service itself would resolve.</summary>
    public IServiceProvider Services(string appId) => running[appId].Services;

    /// <summary>The sidecar that belongs to a service.</summary>
    public AppOptions Sidecar(string appId) => apps[appId];

    /// <summary>A client of a service, through the sidecars. Paths are relative to the service's root: <c>api/directory/units</c>.</summary>
    /// <param name="appId">The service.</param>
    /// <param name="token">Access token; null: none.</param>
    /// <param name="tenant">X-Tenant; null: none.</param>
    public HttpClient Client(string appId, string? token = null, string? tenant = null)
    {
        var client = new HttpClient { BaseAddress = new($"http://127.0.0.1:{apps[Caller].HttpPort}/v1.0/invoke/{appId}/method/") };
        client.DefaultRequestHeaders.Add("dapr-api-token", apps[Caller].ApiToken);
        if (token is not null)
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (tenant is not null)
            client.DefaultRequestHeaders.Add("X-Tenant", tenant);
        return client;
    }

    /// <summary>Asks identity's token endpoint.</summary>
    public async Task<HttpResponseMessage> RequestTokenAsync(string? tenant, params (string Name, string Value)[] form)
    {
        using var client = Client("identity", tenant: tenant);
        using var content = new FormUrlEncodedContent(form.Select(field => KeyValuePair.Create(field.Name, field.Value)));
        return await client.PostAsync(new Uri("connect/token", UriKind.Relative), content);
    }

    /// <summary>An access token of a person.</summary>
    public async Task<string> TokenAsync(string tenant, string userName, string password)
    {
        using var answer = await RequestTokenAsync(
            tenant, ("grant_type", "password"), ("client_id", "tarasol-cli"), ("username", userName), ("password", password));
        return await AccessTokenAsync(answer);
    }

    /// <summary>An access token of the platform's operator, the same for all tests of a mesh for half of its life.</summary>
    public Task<string> OperatorTokenAsync()
    {
        if (operatorToken is not { } kept || Stopwatch.GetElapsedTime(kept.At) > TimeSpan.FromMinutes(5))
            operatorToken = kept = (TokenAsync("platform", "operator", OperatorPassword), Stopwatch.GetTimestamp());
        return kept.Token;
    }

    /// <summary>A service's own token, for /internal routes.</summary>
    public async Task<string> ServiceTokenAsync(string appId)
    {
        using var answer = await RequestTokenAsync(
            "platform", ("grant_type", "client_credentials"), ("client_id", appId), ("client_secret", ClientSecrets[appId]));
        return await AccessTokenAsync(answer);
    }

    /// <summary>Makes a tenant and waits until it is active in every service of this mesh.</summary>
    /// <param name="database">Where its data lies: <c>{ provider, serverSecret }</c>; null: SQLite.</param>
    public async Task<TestTenant> NewTenantAsync(object? database = null)
    {
        var slug = $"t{Guid.NewGuid():N}"[..16];
        var password = $"Ad-{Guid.NewGuid():N}-X1";
        using var tenants = Client("tenant", await OperatorTokenAsync());
        var request = new Dictionary<string, object?> { ["slug"] = slug, ["nameAr"] = "جهة", ["nameEn"] = "Office", ["adminUserName"] = "admin", ["adminPassword"] = password };
        if (database is not null)
            request["database"] = database;
        using var made = await tenants.PostAsJsonAsync("api/tenant/tenants", request);
        await EnsureAsync(made);
        await EventuallyAsync($"tenant {slug} to be active", async () =>
            (await tenants.GetFromJsonAsync<JsonElement>($"api/tenant/tenants/{slug}")).GetProperty("status").GetString() == "active");
        return new(this, slug, "admin", password);
    }

    /// <summary>Waits for a condition. Fails with its name when it does not come true in time.</summary>
    public static async Task EventuallyAsync(string what, Func<Task<bool>> condition)
    {
        using var deadline = new CancellationTokenSource(Patience);
        while (!await condition())
        {
            if (deadline.IsCancellationRequested)
                Assert.Fail($"Waited {Patience.TotalSeconds} s in vain for {what}.");
            await Task.Delay(50);
        }
    }

    /// <summary>Fails with the answer's body unless it is a success.</summary>
    public static async Task EnsureAsync(HttpResponseMessage answer)
    {
        if (!answer.IsSuccessStatusCode)
            Assert.Fail($"{answer.RequestMessage?.Method} {answer.RequestMessage?.RequestUri} answered {(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}");
    }

    /// <summary>Starts a service again, or one that was stopped, and waits until it is healthy.</summary>
    public async Task StartAsync(string appId)
    {
        running[appId] = Run(appId);
        await HealthyAsync(appId);
    }

    /// <summary>Starts a second instance of a service beside the first, with a port of its own and the same sidecar, as a rolling restart does.</summary>
    public IRunningService StartBeside(string appId) => Run(appId, FreePort());

    /// <summary>Stops a service; its sidecar stays.</summary>
    public async Task StopAsync(string appId)
    {
        if (running.Remove(appId, out var service))
            await service.DisposeAsync();
    }

    /// <inheritdoc/>
    public virtual async ValueTask InitializeAsync()
    {
        WriteFiles();
        foreach (var appId in AppIds.Append(Caller))
            apps[appId] = new()
            {
                AppId = appId,
                AppPort = appId == Caller ? null : FreePort(),
                HttpPort = FreePort(),
                GrpcPort = FreePort(),
                ApiToken = $"api-{Guid.NewGuid():N}",
                AppApiToken = $"app-{Guid.NewGuid():N}",
            };
        sidecars = SidecarHost.Build(new()
        {
            Apps = [.. apps.Values],
            ResourcesPaths = [Path.Combine(Data, "components")],
            WorkingDirectory = Data,
            GracefulShutdown = TimeSpan.FromSeconds(1),
        });
        await sidecars.StartAsync();
        foreach (var appId in AppIds)
            running[appId] = Run(appId);
        foreach (var appId in AppIds)
            await HealthyAsync(appId);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        foreach (var appId in AppIds.Reverse())
            await StopAsync(appId);
        if (sidecars is not null)
            await sidecars.DisposeAsync();
        SqliteConnection.ClearAllPools();
        Directory.Delete(Data, recursive: true);
    }

    private IRunningService Run(string appId) => Run(appId, apps[appId].AppPort!.Value);

    private IRunningService Run(string appId, int port)
    {
        var sidecar = apps[appId];
        var settings = new Dictionary<string, string>
        {
            ["DAPR_HTTP_ENDPOINT"] = $"http://127.0.0.1:{sidecar.HttpPort}",
            ["DAPR_GRPC_ENDPOINT"] = $"http://127.0.0.1:{sidecar.GrpcPort}",
            ["DAPR_HTTP_PORT"] = $"{sidecar.HttpPort}",
            ["DAPR_GRPC_PORT"] = $"{sidecar.GrpcPort}",
            ["DAPR_API_TOKEN"] = sidecar.ApiToken!,
            ["APP_API_TOKEN"] = sidecar.AppApiToken!,
            ["TARASOL_DATA"] = Data,
            ["TARASOL_PUBLIC_URL"] = PublicUrl,
            ["TARASOL_SERVICES"] = string.Join(',', AppIds.Where(each => each != "gateway")),
            ["TARASOL_LOG_LEVEL"] = "Error",
            ["hostBuilder:reloadConfigOnChange"] = "false",
        };
        foreach (var (key, value) in Settings(appId))
            settings[key] = value;
        return RunningService.Start(appId, port, settings, replaced =>
        {
            // Hundreds of users who sign in would spend a sixth of all tests' time on hashing.
            replaced.Configure<PasswordHasherOptions>(hasher => hasher.IterationCount = 1000);
            Configure(appId, replaced);
        });
    }

    private async Task HealthyAsync(string appId)
    {
        using var client = new HttpClient();
        var health = new Uri($"http://127.0.0.1:{apps[appId].AppPort}/healthz");
        await EventuallyAsync($"{appId} to be healthy", async () =>
        {
            using var answer = await client.GetAsync(health);
            return answer.StatusCode == HttpStatusCode.OK;
        });
    }

    private void WriteFiles()
    {
        ClientSecrets = AppIds.Append("gateway").Distinct().ToDictionary(appId => appId, _ => Guid.NewGuid().ToString("N"));
        var secrets = new Dictionary<string, string>
        {
            ["identity-signing-key"] = SigningKey.Value,
            ["identity-encryption-key"] = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)),
            ["operator-password"] = OperatorPassword,
        };
        foreach (var (appId, secret) in ClientSecrets)
            secrets[$"client-{appId}"] = secret;
        foreach (var (name, secret) in Secrets)
            secrets[name] = secret;
        File.WriteAllText(Path.Combine(Data, "secrets.json"), JsonSerializer.Serialize(secrets));
        Component("pubsub", PubSub.Type, PubSub.Metadata);
        Component("statestore", "state.in-memory", ("actorStateStore", "true"));
        Component("secretstore", "secretstores.local.file", ("secretsFile", "secrets.json"));
        // As dapr-config/resiliency.yaml has it, but sooner: a delivery that fails once, because a tenant is too new to be known, comes again.
        File.WriteAllText(Path.Combine(Data, "components", "resiliency.yaml"), """
            apiVersion: dapr.io/v1alpha1
            kind: Resiliency
            metadata:
              name: tarasol
            spec:
              policies:
                retries:
                  delivery: { policy: constant, duration: 250ms, maxRetries: 40 }
              targets:
                components:
                  pubsub:
                    inbound: { retry: delivery }

            """);
    }

    private void Component(string name, string type, params (string Name, string Value)[] metadata)
    {
        var folder = Directory.CreateDirectory(Path.Combine(Data, "components")).FullName;
        File.WriteAllText(Path.Combine(folder, $"{name}.yaml"), $"""
            apiVersion: dapr.io/v1alpha1
            kind: Component
            metadata:
              name: {name}
            spec:
              type: {type}
              version: v1
              metadata: [{string.Join(", ", metadata.Select(item => $"{{name: {item.Name}, value: \"{item.Value}\"}}"))}]

            """);
    }

    private static async Task<string> AccessTokenAsync(HttpResponseMessage answer)
    {
        await EnsureAsync(answer);
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("access_token").GetString()!;
    }

    // Below the ports that the system gives to outgoing connections: one of those could take the port before its service listens.
    // One after the other, so that no two meshes of this process get the same.
    private static int FreePort()
    {
        while (true)
        {
            var port = FirstPort + (Interlocked.Increment(ref nextPort) % (LastPort - FirstPort));
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Taken.
            }
        }
    }
}

/// <summary>A tenant made for one test.</summary>
/// <param name="Mesh">Where it lives.</param>
/// <param name="Slug">Its short name.</param>
/// <param name="AdminUserName">Its first user, with the role tenant-admin and clearance 3.</param>
/// <param name="AdminPassword">That user's password.</param>
public sealed record TestTenant(TestMesh Mesh, string Slug, string AdminUserName, string AdminPassword)
{
    /// <summary>An access token of the first user.</summary>
    public Task<string> AdminTokenAsync() => Mesh.TokenAsync(Slug, AdminUserName, AdminPassword);

    /// <summary>A client that acts as the first user.</summary>
    public async Task<HttpClient> AdminAsync(string appId) => Mesh.Client(appId, await AdminTokenAsync());

    /// <summary>Makes a user with the given roles and returns its id and an access token.</summary>
    public async Task<(Guid Id, string Token)> NewUserAsync(string userName, string[] roles, int clearance = 0, string? password = null)
    {
        password ??= $"Us-{Guid.NewGuid():N}-X1";
        using var identity = await AdminAsync("identity");
        using var made = await identity.PostAsJsonAsync(
            "api/identity/users", new { userName, password, displayNameAr = "موظف", displayNameEn = "Employee", roles, clearance });
        await TestMesh.EnsureAsync(made);
        var id = (await made.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetGuid();
        return (id, await Mesh.TokenAsync(Slug, userName, password));
    }
}
