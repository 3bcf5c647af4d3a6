using System.Buffers.Binary;
using System.Diagnostics;

namespace Tarasol.Tests.Servers;

/// <summary>A real PostgreSQL whose superuser postgres needs no password.</summary>
public static class PostgresServer
{
    private static readonly string? Folder = Find();

    /// <summary>Starts one; more settings as "name=value".</summary>
    public static Task<TestServer> StartAsync(params string[] settings) => TestServer.StartAsync(new("postgresql", "postgresql", Folder is null ? null : Program("postgres"),
        server => Unprivileged(Program("postgres"),
        [
            "-D", Data(server), "-p", $"{server.Port}", "-h", "127.0.0.1", "-k", "", "-c", "fsync=off", .. settings.SelectMany(setting => new[] { "-c", setting }),
        ]),
        async (stream, cancel) =>
        {
            await stream.WriteAsync(StartupMessage(), cancel);
            // Authentication; an error while it recovers.
            return await stream.FirstByteAsync(cancel) == (byte)'R';
        })
    {
        Prepare = async server =>
        {
            if (Environment.UserName == "root")
                await server.RunAsync(new("chown", ["postgres", server.Folder]));
            await server.RunAsync(Unprivileged(Program("initdb"), ["-D", Data(server), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]));
        },
    });

    /// <summary>An Npgsql connection string for a database of this server.</summary>
    public static string ConnectionString(TestServer server, string database = "postgres") => $"Host=127.0.0.1;Port={server.Port};Username=postgres;Database={database}";

    // It refuses to run as root.
    private static ProcessStartInfo Unprivileged(string program, IEnumerable<string> arguments) =>
        Environment.UserName == "root" ? new("setpriv", ["--reuid=postgres", "--regid=postgres", "--clear-groups", program, .. arguments]) : new(program, arguments);

    private static string Data(TestServer server) => Path.Combine(server.Folder, "data");

    private static string Program(string name) => Path.Combine(Folder!, name);

    private static string? Find() => Directory.Exists("/usr/lib/postgresql")
        ? Directory.GetDirectories("/usr/lib/postgresql").Select(version => Path.Combine(version, "bin")).Where(bin => File.Exists(Path.Combine(bin, "postgres"))).Max(StringComparer.Ordinal)
        : null;

    private static byte[] StartupMessage()
    {
        var parameters = "user\0postgres\0database\0postgres\0\0"u8;
        var message = new byte[8 + parameters.Length];
        BinaryPrimitives.WriteInt32BigEndian(message, message.Length);
        // Protocol 3.0.
        BinaryPrimitives.WriteInt32BigEndian(message.AsSpan(4), 196608);
        parameters.CopyTo(message.AsSpan(8));
        return message;
    }
}
