using Tarasol.Tests.Servers;

namespace Tarasol.Tests.Sidecar.Servers;

public sealed class TestServerTests
{
    public static TheoryData<string> Names => ["redis", "rabbitmq", "nats", "mosquitto", "postgresql"];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_killed_server_answers_again_at_its_port_and_leaves_no_folder(string name)
    {
        await using var server = await (name switch
        {
            "redis" => RedisServer.StartAsync(),
            "rabbitmq" => RabbitMqServer.StartAsync(),
            "nats" => NatsServer.StartAsync(),
            "mosquitto" => MosquittoServer.StartAsync(),
            _ => PostgresServer.StartAsync(),
        });

        await server.KillAsync();
        await server.StartAgainAsync();
        await server.DisposeAsync();

        Assert.False(Directory.Exists(server.Folder));
    }
}
