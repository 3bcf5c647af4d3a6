using System.Collections.Concurrent;
using System.Diagnostics;

namespace Tarasol.Tests.Servers;

/// <summary>A real RabbitMQ node (guest / guest) with an Erlang port mapper of its own.</summary>
public static class RabbitMqServer
{
    // Debian's wrapper in /usr/sbin changes the user; this is the program behind it.
    private const string Path = "/usr/lib/rabbitmq/bin/rabbitmq-server";
    private static readonly ConcurrentDictionary<TestServer, Process> PortMappers = new();

    /// <summary>Starts one; lines of rabbitmq.conf as arguments. A user may also come by a certificate with the user's name as common name.</summary>
    public static Task<TestServer> StartAsync(params string[] configuration)
    {
        var mapperPort = FreePort.Next();
        var distributionPort = FreePort.Next();
        return TestServer.StartAsync(new("rabbitmq", "rabbitmq-server", File.Exists(Path) ? Path : null,
            server => new(Path)
            {
                Environment =
                {
                    ["HOME"] = server.Folder,
                    ["ERL_EPMD_PORT"] = $"{mapperPort}",
                    ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
                    ["RABBITMQ_NODENAME"] = $"tarasol{server.Port}@localhost",
                    ["RABBITMQ_NODE_IP_ADDRESS"] = "127.0.0.1",
                    ["RABBITMQ_NODE_PORT"] = $"{server.Port}",
                    ["RABBITMQ_DIST_PORT"] = $"{distributionPort}",
                    ["RABBITMQ_MNESIA_BASE"] = server.Folder,
                    ["RABBITMQ_LOG_BASE"] = server.Folder,
                    ["RABBITMQ_PID_FILE"] = System.IO.Path.Combine(server.Folder, "pid"),
                    ["RABBITMQ_ENABLED_PLUGINS_FILE"] = System.IO.Path.Combine(server.Folder, "plugins"),
                    ["RABBITMQ_CONFIG_FILE"] = System.IO.Path.Combine(server.Folder, "rabbitmq"),
                    // Two busy schedulers and no spinning: the node shares a small machine with what it is tested with.
                    ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = "+sbwt none +sbwtdcpu none +sbwtdio none -kernel inet_dist_use_interface {127,0,0,1}",
                },
            },
            async (stream, cancel) =>
            {
                await stream.WriteAsync(new byte[] { (byte)'A', (byte)'M', (byte)'Q', (byte)'P', 0, 0, 9, 1 }, cancel);
                // connection.start, a method frame.
                return await stream.FirstByteAsync(cancel) == 1;
            })
        {
            Prepare = async server =>
            {
                await File.WriteAllLinesAsync(System.IO.Path.Combine(server.Folder, "rabbitmq.conf"), configuration);
                await File.WriteAllTextAsync(System.IO.Path.Combine(server.Folder, "plugins"), configuration.Length == 0 ? "[]." : "[rabbitmq_auth_mechanism_ssl].");
                PortMappers[server] = Process.Start(new ProcessStartInfo(Programs.Find("epmd")!, ["-address", "127.0.0.1", "-port", $"{mapperPort}"]).Redirected(server.Folder))!;
            },
            CleanUp = server =>
            {
                if (PortMappers.TryRemove(server, out var mapper))
                {
                    mapper.Kill();
                    mapper.Dispose();
                }

                return Task.CompletedTask;
            },
        });
    }

    /// <summary>The connection string that components and clients take.</summary>
    public static string Url(TestServer server) => $"amqp://guest:guest@{server.Address}/";
}
