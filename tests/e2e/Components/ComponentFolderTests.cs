using System.Text.Json;
using Tarasol.Mesh;
using Tarasol.Tests.Servers;

namespace Tarasol.Tests.E2e.Components;

/// <summary>Brokers and stores are swapped by the folder of component files alone. The servers are real ones, started for the test.</summary>
[Trait("Scale", "large")]
public sealed class ComponentFolderTests
{
    // "embedded" is what all other tests run on.
    public static TheoryData<string> Folders => [.. Directory.GetDirectories(Path.Combine(MeshProcess.Root, "components")).Select(folder => Path.GetFileName(folder)).Where(name => name != "embedded").Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Folders))]
    public async Task The_demo_passes_over_every_folder_of_component_files(string folder)
    {
        var secrets = new Dictionary<string, string>();
        await using var servers = new Servers();
        foreach (var product in folder.Split('-'))
        {
            var (secret, address) = product switch
            {
                "redis" => ("redis-host", (await servers.AddAsync(RedisServer.StartAsync())).Address),
                "rabbitmq" => ("rabbitmq-url", RabbitMqServer.Url(await servers.AddAsync(RabbitMqServer.StartAsync()))),
                "nats" => ("nats-url", $"nats://{(await servers.AddAsync(NatsServer.StartAsync())).Address}"),
                "mqtt" => ("mqtt-url", $"mqtt://{(await servers.AddAsync(MosquittoServer.StartAsync())).Address}"),
                _ => throw new InvalidOperationException($"components/{folder}: this test does not know how to start {product}"),
            };
            secrets[secret] = address;
        }

        // Before the first start, as an operator says where the servers are.
        await using var mesh = await MeshProcess.StartAsync(
            data => DataFolder.WriteOwnerOnly(new DataFolder(data).Secrets, JsonSerializer.SerializeToUtf8Bytes(secrets)), "--components", Path.Combine("components", folder));
        var (exitCode, output) = await MeshProcess.RunAsync("demo", "--port", $"{mesh.Port}", "--data", mesh.DataPath);

        Assert.True(exitCode == 0, output);
        Assert.False(File.Exists(Path.Combine(mesh.DataPath, "pubsub.db")), "the embedded broker was used");
        Assert.False(File.Exists(Path.Combine(mesh.DataPath, "state.db")), "the embedded store was used");
    }

    private sealed class Servers : IAsyncDisposable
    {
        private readonly List<TestServer> started = [];

        public async Task<TestServer> AddAsync(Task<TestServer> starting)
        {
            started.Add(await starting);
            return started[^1];
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var server in started)
                await server.DisposeAsync();
        }
    }
}
