using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using StackExchange.Redis;
using Tarasol.Tests.Servers;

namespace Tarasol.Tests.Sidecar.Redis;

/// <summary>Who may connect, to whom: accounts, TLS with and without trust, client certificates, and Sentinel, which says where the server is.</summary>
public sealed class RedisSecurityTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("redis-tls-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task An_account_of_the_server_is_used()
    {
        await using var server = await RedisServer.StartAsync("--user", "letters", "on", ">right", "~*", "&*", "+@all");
        await using var sidecar = await SidecarUnderTest.StartAsync(Store(server.Address, ("redisUsername", "letters"), ("redisPassword", "right"), ("redisDB", "3")));
        await SaveAsync(sidecar);
        await using var bare = await ConnectionMultiplexer.ConnectAsync(server.Address);
        Assert.True(await bare.GetDatabase(3).KeyExistsAsync("app||a"));
        await using var wrong = await SidecarUnderTest.StartAsync(Store(server.Address, ("redisUsername", "letters"), ("redisPassword", "wrong")), healthy: false);
        await RefusedAsync(wrong, "WRONGPASS");
        await using var needless = await SidecarUnderTest.StartAsync(Store(server.Address, ("redisPassword", "any")), healthy: false);
        await RefusedAsync(needless, "without any password configured");
    }

    [Fact]
    public async Task Over_TLS_a_certificate_that_nobody_vouches_for_is_refused_unless_the_operator_says_otherwise()
    {
        var (port, arguments, _, _) = Tls("no");
        await using var server = await RedisServer.StartAsync(arguments);
        var address = $"127.0.0.1:{port}";
        await using var careless = await SidecarUnderTest.StartAsync(Store(address, ("enableTLS", "true"), ("insecureSkipTLSVerify", "true")));
        await SaveAsync(careless);
        await using var careful = await SidecarUnderTest.StartAsync(Store(address, ("enableTLS", "true")), healthy: false);
        await RefusedAsync(careful, "certificate");
    }

    [Fact]
    public async Task A_client_certificate_opens_a_server_that_asks_for_one()
    {
        var (port, arguments, certificate, key) = Tls("yes");
        await using var server = await RedisServer.StartAsync(arguments);
        var address = $"127.0.0.1:{port}";
        await using var known = await SidecarUnderTest.StartAsync(Store(address, ("enableTLS", "true"), ("insecureSkipTLSVerify", "true"), ("clientCert", certificate), ("clientKey", key)));
        await SaveAsync(known);
        await using var unknown = await SidecarUnderTest.StartAsync(Store(address, ("enableTLS", "true"), ("insecureSkipTLSVerify", "true")), healthy: false);
        await RefusedAsync(unknown, "redis at");
        var failure = await Assert.ThrowsAnyAsync<Exception>(() => SidecarUnderTest.StartAsync(Store(address, ("enableTLS", "true"), ("clientCert", certificate), ("clientKey", "no key"))));
        Assert.Contains("clientCert and clientKey", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sentinel_leads_to_the_primary_and_after_its_death_to_the_next_one()
    {
        await using var primary = await RedisServer.StartAsync();
        await using var replica = await RedisServer.StartAsync("--replicaof", "127.0.0.1", $"{primary.Port}");
        await using var sentinel = await RedisServer.StartSentinelAsync(primary, "letters");
        await using (var bare = await ConnectionMultiplexer.ConnectAsync($"{primary.Address},allowAdmin=true"))
            await Poll.UntilAsync(async () => (await bare.GetServer(primary.Address).InfoRawAsync("replication"))!.Contains("state=online", StringComparison.Ordinal));
        // The sentinel must know of the replica before the primary goes.
        await Poll.UntilAsync(async () => (await AskAsync(sentinel, "SENTINEL REPLICAS letters")).Contains($"{replica.Port}", StringComparison.Ordinal));
        await using var sidecar = await SidecarUnderTest.StartAsync(Store(sentinel.Address, ("failover", "true"), ("sentinelMasterName", "letters")));
        await SaveAsync(sidecar, "strong");
        await primary.KillAsync();
        await Poll.UntilAsync(async () => (await sidecar.SendAsync("POST", "/v1.0/state/statestore", """[{"key":"b","value":2}]""")).Status == HttpStatusCode.NoContent, 60);
        Assert.Equal("1", (await sidecar.SendAsync("GET", "/v1.0/state/statestore/a")).Body);
    }

    private static string Store(string address, params (string Name, string Value)[] more) => SidecarUnderTest.Component("statestore", "state.redis", [("redisHost", address), .. more]);

    private static async Task<string> AskAsync(TestServer server, string command)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, server.Port);
        var stream = client.GetStream();
        await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes($"{command}\r\n"));
        // It closes its end when ours is closed.
        client.Client.Shutdown(SocketShutdown.Send);
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync();
    }

    private static async Task SaveAsync(SidecarUnderTest sidecar, string consistency = "eventual")
    {
        var (status, _, body) = await sidecar.SendAsync("POST", "/v1.0/state/statestore", $$$"""[{"key":"a","value":1,"options":{"consistency":"{{{consistency}}}"}}]""");
        Assert.True(status == HttpStatusCode.NoContent, body);
    }

    private static async Task RefusedAsync(SidecarUnderTest sidecar, string why)
    {
        var said = "";
        await Poll.UntilAsync(async () =>
        {
            said = (await sidecar.SendAsync("GET", "/v1.0/healthz")).Body;
            return said.Contains(why, StringComparison.OrdinalIgnoreCase) && !said.Contains("not connected yet", StringComparison.Ordinal);
        }, otherwise: () => said);
    }

    /// <summary>A port with TLS beside the plain one, and a client certificate of the same authority.</summary>
    private (int Port, string[] Arguments, string Certificate, string Key) Tls(string askClients)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, true));
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        var (pem, secret) = (certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(Path.Combine(folder, "c.pem"), pem);
        File.WriteAllText(Path.Combine(folder, "k.pem"), secret);
        var port = FreePort.Next();
        return (port,
        [
            "--tls-port", $"{port}", "--tls-cert-file", Path.Combine(folder, "c.pem"), "--tls-key-file", Path.Combine(folder, "k.pem"), "--tls-ca-cert-file", Path.Combine(folder, "c.pem"),
            "--tls-auth-clients", askClients,
        ], pem, secret);
    }
}
