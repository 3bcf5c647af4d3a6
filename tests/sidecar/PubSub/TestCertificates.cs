using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Tarasol.Tests.Sidecar.PubSub;

/// <summary>An authority made for one test, with a certificate for a server on this machine and one for a client.</summary>
internal sealed class TestCertificates
{
    private static readonly DateTimeOffset From = DateTimeOffset.UtcNow.AddDays(-1);
    private static readonly DateTimeOffset Until = DateTimeOffset.UtcNow.AddDays(30);

    /// <param name="client">The client's common name.</param>
    public TestCertificates(string client)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=authority of the test", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        using var authority = request.CreateSelfSigned(From, Until);
        Authority = authority.ExportCertificatePem();
        (Server, ServerKey) = Issue(authority, "localhost", "1.3.6.1.5.5.7.3.1");
        (Client, ClientKey) = Issue(authority, client, "1.3.6.1.5.5.7.3.2");
    }

    public string Authority { get; }

    public string Server { get; }

    public string ServerKey { get; }

    public string Client { get; }

    public string ClientKey { get; }

    /// <summary>Writes the server's side for it to read: authority, certificate and key.</summary>
    public (string Authority, string Certificate, string Key) Write(string folder)
    {
        string File(string name, string pem)
        {
            var path = Path.Combine(folder, name);
            System.IO.File.WriteAllText(path, pem);
            return path;
        }
        return (File("ca.pem", Authority), File("server.pem", Server), File("server.key", ServerKey));
    }

    private static (string Certificate, string Key) Issue(X509Certificate2 authority, string name, string purpose)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(purpose)], critical: false));
        using var certificate = request.Create(authority, From, Until, RandomNumberGenerator.GetBytes(8));
        return (certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }
}
