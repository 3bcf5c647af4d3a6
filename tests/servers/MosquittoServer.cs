namespace Tarasol.Tests.Servers;

/// <summary>A real Mosquitto (MQTT 3.1.1 and 5) that keeps sessions and queued messages over a restart.</summary>
public static class MosquittoServer
{
    // CONNECT of MQTT 3.1.1 with a clean session, 60 s keep-alive and no client id.
    private static readonly byte[] Connect = [0x10, 0x0C, 0x00, 0x04, (byte)'M', (byte)'Q', (byte)'T', (byte)'T', 0x04, 0x02, 0x00, 0x3C, 0x00, 0x00];

    /// <summary>Starts one; more lines of mosquitto.conf as arguments.</summary>
    public static Task<TestServer> StartAsync(params string[] configuration)
    {
        var program = Programs.Find("mosquitto");
        return TestServer.StartAsync(new("mosquitto", "mosquitto", program,
            server => new(program!, ["-c", Path.Combine(server.Folder, "mosquitto.conf")]),
            async (stream, cancel) =>
            {
                await stream.WriteAsync(Connect, cancel);
                // CONNACK
                return await stream.FirstByteAsync(cancel) == 0x20;
            })
        {
            // In-memory until autosave_interval changes have come together: 1 writes each, so that kill -9 loses none that was acknowledged.
            Prepare = server => File.WriteAllLinesAsync(Path.Combine(server.Folder, "mosquitto.conf"),
            [
                $"listener {server.Port} 127.0.0.1", "allow_anonymous true", "persistence true", $"persistence_location {server.Folder}/", "autosave_on_changes true",
                "autosave_interval 1", "max_queued_messages 0", $"user {Environment.UserName}", .. configuration,
            ]),
        });
    }
}
