namespace Tarasol.Tests.Servers;

/// <summary>A real Redis without a password that appends each write to its file, so that a kill loses nothing that was acknowledged.</summary>
public static class RedisServer
{
    /// <summary>Starts one; more lines of redis.conf as arguments, for example "--requirepass", "secret".</summary>
    public static Task<TestServer> StartAsync(params string[] arguments)
    {
        var program = Programs.Find("redis-server");
        return TestServer.StartAsync(new("redis", "redis-server", program,
            server => new(program!, ["--port", $"{server.Port}", "--bind", "127.0.0.1", "--dir", server.Folder, "--save", "", "--appendonly", "yes", "--appendfsync", "always", .. arguments]),
            async (stream, cancel) =>
            {
                await stream.WriteAsync("PING\r\n"u8.ToArray(), cancel);
                // +PONG; -NOAUTH answers too; -LOADING comes while it reads its file.
                var answer = new byte[8];
                return await stream.ReadAsync(answer, cancel) > 2 && !answer.AsSpan().StartsWith("-LOAD"u8);
            }));
    }

    /// <summary>A sentinel alone that watches over a primary under this name and puts a replica in its place a second after its death.</summary>
    public static Task<TestServer> StartSentinelAsync(TestServer primary, string name)
    {
        var program = Programs.Find("redis-server");
        return TestServer.StartAsync(new("redis-sentinel", "redis-server", program, server => new(program!, [Path.Combine(server.Folder, "sentinel.conf"), "--sentinel"]), async (stream, cancel) =>
        {
            await stream.WriteAsync("PING\r\n"u8.ToArray(), cancel);
            return await stream.FirstByteAsync(cancel) == (byte)'+';
        })
        {
            Prepare = server => File.WriteAllLinesAsync(Path.Combine(server.Folder, "sentinel.conf"),
            [
                $"port {server.Port}", "bind 127.0.0.1", $"dir {server.Folder}", $"sentinel monitor {name} 127.0.0.1 {primary.Port} 1", $"sentinel down-after-milliseconds {name} 1000",
                $"sentinel failover-timeout {name} 5000",
            ]),
        });
    }
}
