using System.Diagnostics;
using System.Net;
using System.Net.Quic;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Tarasol.Gateway.Edge;
using Tarasol.Tests.Integration.Mesh;
using Tarasol.Tests.Servers;

namespace Tarasol.Tests.Integration.Gateway;

[Trait("Scale", "large")]
public sealed class HttpsTests : IDisposable
{
    // .NET brings no QUIC of its own on Linux, and Debian packages none: libmsquic comes from Microsoft's repository of packages.
    private const string NoQuic = "needs libmsquic, which Debian does not package: HTTP/3 is not spoken here";

    private readonly string folder = System.IO.Directory.CreateTempSubdirectory("tarasol-https-").FullName;

    private string Certificate => Path.Combine(folder, "gateway.pem");

    [Fact]
    public async Task The_gateway_speaks_https_with_http2_and_sends_there_who_comes_by_http()
    {
        await using var gateway = await StartAsync();
        using var secure = await AskAsync(gateway, HttpVersion.Version20);
        using var plain = await gateway.Client.GetAsync(new Uri($"http://localhost:{gateway.Http}/api/directory/units?limit=1"));

        Assert.Equal(HttpStatusCode.NotFound, secure.StatusCode);
        Assert.Equal(HttpVersion.Version20, secure.Version);
        Assert.Contains("max-age=", secure.Headers.GetValues("Strict-Transport-Security").Single(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.PermanentRedirect, plain.StatusCode);
        Assert.Equal(new Uri($"https://localhost:{gateway.Https}/api/directory/units?limit=1"), plain.Headers.Location);
        // HTTP/3 is offered where it is spoken, and nowhere else.
        Assert.Equal(QuicListener.IsSupported, secure.Headers.Contains("Alt-Svc"));
    }

    [Fact]
    public async Task The_gateway_speaks_http3_where_the_system_has_it_and_says_so()
    {
        if (!QuicListener.IsSupported)
        {
            Assert.Skip(NoQuic);
            return;
        }
        await using var gateway = await StartAsync();
        using var told = await AskAsync(gateway, HttpVersion.Version20);
        using var secure = await AskAsync(gateway, HttpVersion.Version30);

        Assert.Contains($"h3=\":{gateway.Https}\"", told.Headers.GetValues("Alt-Svc").Single(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, secure.StatusCode);
        Assert.Equal(HttpVersion.Version30, secure.Version);
        Assert.Contains("max-age=", secure.Headers.GetValues("Strict-Transport-Security").Single(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_new_certificate_is_used_without_a_restart_and_a_broken_one_is_not()
    {
        var time = new FakeTimeProvider();
        WriteCertificate("first");
        var file = new CertificateFile(Certificate, Certificate, time, NullLogger<CertificateFile>.Instance);
        Assert.Equal("CN=first", file.Current.Subject);

        WriteCertificate("second");
        File.SetLastWriteTimeUtc(Certificate, DateTime.UtcNow.AddMinutes(1));
        time.Advance(TimeSpan.FromSeconds(11));
        Assert.Equal("CN=second", file.Current.Subject);

        File.WriteAllText(Certificate, "nonsense");
        File.SetLastWriteTimeUtc(Certificate, DateTime.UtcNow.AddMinutes(2));
        time.Advance(TimeSpan.FromSeconds(11));
        Assert.Equal("CN=second", file.Current.Subject);
    }

    [Fact]
    public void A_certificate_that_is_not_there_is_told_by_name()
    {
        var file = new CertificateFile(Certificate, Certificate, TimeProvider.System, NullLogger<CertificateFile>.Instance);

        Assert.Contains(Certificate, Assert.Throws<InvalidOperationException>(() => file.Current).Message, StringComparison.Ordinal);
    }

    public void Dispose() => System.IO.Directory.Delete(folder, recursive: true);

    private async Task<RunningGateway> StartAsync()
    {
        WriteCertificate("localhost");
        var (http, https) = (FreePort.Next(), FreePort.Next());
        var process = Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Tarasol.Gateway.dll")])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                ["ASPNETCORE_URLS"] = $"http://localhost:{http}", ["Https__Port"] = $"{https}", ["Https__Certificate"] = Certificate, ["TARASOL_SERVICES"] = "", ["TARASOL_DATA"] = folder,
                ["TARASOL_PUBLIC_URL"] = $"https://localhost:{https}", ["TARASOL_LOG_LEVEL"] = "Error",
            },
        })!;
        var gateway = new RunningGateway(process, http, https, Client());
        await TestMesh.EventuallyAsync("the gateway to be healthy", async () =>
        {
            try
            {
                using var health = await gateway.Client.GetAsync(new Uri($"http://localhost:{http}/healthz"));
                return health.StatusCode == HttpStatusCode.OK;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        });
        return gateway;
    }

    private static Task<HttpResponseMessage> AskAsync(RunningGateway gateway, Version version)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, $"https://localhost:{gateway.Https}/nothing") { Version = version, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        // Browsers must not learn it for the host localhost.
        request.Headers.Host = "tarasol.example";
        return gateway.Client.SendAsync(request);
    }

    private void WriteCertificate(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        File.WriteAllText(Certificate, $"{certificate.ExportCertificatePem()}\n{key.ExportPkcs8PrivateKeyPem()}\n");
    }

    private static HttpClient Client() => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        // Nobody has signed it: this test made it a moment ago.
        SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate?.Subject == "CN=localhost" },
    });

    private sealed record RunningGateway(Process Process, int Http, int Https, HttpClient Client) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            Client.Dispose();
            Process.Kill();
            await Process.WaitForExitAsync();
            Process.Dispose();
        }
    }
}
