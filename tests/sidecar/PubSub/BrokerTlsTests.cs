using System.Net;
using Tarasol.Tests.Servers;
using Tarasol.Tests.Sidecar.Hosting;

namespace Tarasol.Tests.Sidecar.PubSub;

/// <summary>Brokers that speak TLS with a certificate of an authority that only the component knows, and ask for one.</summary>
public sealed class BrokerTlsTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("broker-tls-").FullName;
    private readonly TestCertificates certificates = new("guest");

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task RabbitMQ_takes_the_name_of_the_certificate_for_the_user(bool trusted)
    {
        var (authority, certificate, key) = certificates.Write(folder);
        var port = FreePort.Next();
        await using var server = await RabbitMqServer.StartAsync(
            $"listeners.ssl.1 = 127.0.0.1:{port}", $"ssl_options.cacertfile = {authority}", $"ssl_options.certfile = {certificate}", $"ssl_options.keyfile = {key}",
            "ssl_options.verify = verify_peer", "ssl_options.fail_if_no_peer_cert = true", "auth_mechanisms.1 = EXTERNAL", "ssl_cert_login_from = common_name");
        await PublishAsync(RabbitMqBroker.Component($"amqps://127.0.0.1:{port}", ["saslExternal = true", .. Tls(trusted)]), trusted);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_MQTT_broker_is_trusted_by_its_authority_and_gets_the_clients_certificate(bool trusted)
    {
        var (authority, certificate, key) = certificates.Write(folder);
        var port = FreePort.Next();
        await using var server = await MosquittoServer.StartAsync(
            $"listener {port} 127.0.0.1", $"cafile {authority}", $"certfile {certificate}", $"keyfile {key}", "require_certificate true", "use_identity_as_username true");
        await PublishAsync(MqttBroker.Component($"127.0.0.1:{server.Port}", [$"url = mqtts://127.0.0.1:{port}", .. Tls(trusted)]), trusted);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private string[] Tls(bool trusted) =>
    [
        $"caCert = {Line(trusted ? certificates.Authority : new TestCertificates("other").Authority)}", $"clientCert = {Line(certificates.Client)}", $"clientKey = {Line(certificates.ClientKey)}",
    ];

    // As a double-quoted value of YAML.
    private static string Line(string pem) => pem.ReplaceLineEndings("\\n");

    private static async Task PublishAsync(string component, bool trusted)
    {
        var app = new RecordingApp("""[{"pubsubname":"pubsub","topic":"secure","route":"/in"}]""");
        await using var mesh = await PubSubMesh.StartAsync(component, app.Configure, healthy: trusted);
        if (trusted)
        {
            Assert.Equal(HttpStatusCode.NoContent, await mesh.PublishAsync("pubsub/secure", "1"));
            await Poll.UntilAsync(() => !app.Received.IsEmpty);
            return;
        }
        await Poll.UntilAsync(async () =>
        {
            using var answer = await mesh.Http.GetAsync(new Uri("/v1.0/healthz", UriKind.Relative));
            return (await answer.Content.ReadAsStringAsync()).Contains("certificate", StringComparison.OrdinalIgnoreCase);
        });
    }
}
