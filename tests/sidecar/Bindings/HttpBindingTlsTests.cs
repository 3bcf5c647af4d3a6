using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;

namespace Tarasol.Tests.Sidecar.Bindings;

/// <summary>bindings.http against a server whose certificate only an authority of the test has signed, and that asks for one of the client.</summary>
[Trait("Scale", "large")]
public sealed class HttpBindingTlsTests : IAsyncLifetime
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("binding-tls-");
    private readonly RSA authorityKey = RSA.Create(2048);
    private X509Certificate2 authority = null!;
    private WebApplication server = null!;

    public async ValueTask InitializeAsync()
    {
        var request = new CertificateRequest("CN=authority", authorityKey, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        authority = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddHours(1));
        var (certificate, key) = Sign("server");
        // Kestrel wants the key in the store's form.
        using var pair = X509Certificate2.CreateFromPem(certificate, key);
        var usable = X509CertificateLoader.LoadPkcs12(pair.Export(X509ContentType.Pkcs12), null);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(usable, https =>
        {
            https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
            https.ClientCertificateValidation = (_, _, _) => true;
        })));
        server = builder.Build();
        server.MapGet("/who", (HttpContext context) => context.Connection.ClientCertificate?.Subject ?? "nobody");
        await server.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        authority.Dispose();
        authorityKey.Dispose();
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task An_unknown_authority_is_refused()
    {
        var (status, body) = await AskAsync();
        Assert.Equal(HttpStatusCode.InternalServerError, status);
        Assert.Contains("error invoking output binding web: Get", body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_authority_of_MTLSRootCA_is_trusted_as_text_or_as_a_file(bool asFile)
    {
        var root = authority.ExportCertificatePem();
        var (status, body) = await AskAsync(("MTLSRootCA", asFile ? Write("root.pem", root) : root));
        Assert.Equal((HttpStatusCode.OK, "nobody"), (status, body));
    }

    [Fact]
    public async Task The_client_certificate_is_shown()
    {
        var (certificate, key) = Sign("clerk");
        var (status, body) = await AskAsync(("MTLSRootCA", authority.ExportCertificatePem()), ("MTLSClientCert", certificate), ("MTLSClientKey", Write("key.pem", key)));
        Assert.Equal((HttpStatusCode.OK, "CN=clerk"), (status, body));
    }

    [Theory]
    [InlineData("MTLSRootCA", "/no/such/file.pem", "is neither a valid file path or nor a valid pem encoded string")]
    [InlineData("MTLSRenegotiation", "Sometimes", "invalid renegotiation value: Sometimes")]
    [InlineData("maxResponseBodySize", "much", "invalid value for maxResponseBodySize: much")]
    public async Task Wrong_metadata_is_refused_with_the_reason(string key, string value, string reason)
    {
        var failure = await Assert.ThrowsAnyAsync<Exception>(() => AskAsync((key, value)));
        Assert.Contains(reason, failure.Message, StringComparison.Ordinal);
    }

    private async Task<(HttpStatusCode Status, string Body)> AskAsync(params (string Name, string Value)[] metadata)
    {
        await using var sidecar = await SidecarUnderTest.StartAsync(SidecarUnderTest.Component("web", "bindings.http", [("url", server.Urls.First()), .. metadata]));
        var (status, _, body) = await sidecar.SendAsync("POST", "/v1.0/bindings/web", """{"operation":"get","metadata":{"path":"who"}}""");
        return (status, body);
    }

    private (string Certificate, string Key) Sign(string name)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var signed = request.Create(authority, DateTimeOffset.UtcNow.AddMinutes(-30), DateTimeOffset.UtcNow.AddMinutes(30), RandomNumberGenerator.GetBytes(8));
        return (signed.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }

    private string Write(string name, string text)
    {
        var file = Path.Combine(folder.FullName, name);
        File.WriteAllText(file, text);
        return file;
    }
}
