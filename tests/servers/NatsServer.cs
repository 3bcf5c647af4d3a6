namespace Tarasol.Tests.Servers;

/// <summary>A real NATS server with JetStream.</summary>
public static class NatsServer
{
    public static Task<TestServer> StartAsync(params string[] arguments)
    {
        var program = Programs.Find("nats-server");
        return TestServer.StartAsync(new("nats", "nats-server", program,
            server => new(program!, ["--addr", "127.0.0.1", "--port", $"{server.Port}", "--jetstream", "--store_dir", server.Folder, .. arguments]),
            // It greets each connection with an INFO line.
            async (stream, cancel) => await stream.FirstByteAsync(cancel) == (byte)'I'));
    }
}
