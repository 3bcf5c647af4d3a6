using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Tarasol.Sidecar.Components;

/// <summary>Metadata caCert, clientCert and clientKey, each PEM text: whom to trust instead of the machine's authorities, and who we are.</summary>
internal sealed record ClientTls(X509Certificate2Collection? Authorities, X509Certificate2? Certificate)
{
    public static readonly IReadOnlyList<string> Keys = ["caCert", "clientCert", "clientKey"];

    public static ClientTls Read(ComponentValues values, string authority = "caCert", string ownCertificate = "clientCert", string privateKey = "clientKey")
    {
        X509Certificate2Collection? authorities = null;
        if (values.Text(authority) is { } ca)
        {
            authorities = [];
            Import(authority, () => authorities.ImportFromPem(ca));
            if (authorities.Count == 0)
                throw values.Wrong($"{authority} is not a certificate in PEM form");
        }
        X509Certificate2? certificate = null;
        if (values.Text(ownCertificate) is { } own && values.Text(privateKey) is { } key)
            Import($"{ownCertificate} and {privateKey}", () => certificate = X509Certificate2.CreateFromPem(own, key));
        return new ClientTls(authorities, certificate);

        void Import(string what, Action import)
        {
            try
            {
                import();
            }
            catch (CryptographicException)
            {
                throw values.Wrong($"{what} cannot be read as PEM");
            }
        }
    }

    /// <summary>A server's certificate is good when the system says so, or else when it leads to one of the given authorities and has the right name.</summary>
    public bool Trusts(X509Certificate? certificate, SslPolicyErrors errors)
    {
        if (errors == SslPolicyErrors.None)
            return true;
        if (Authorities is null || certificate is null || errors != SslPolicyErrors.RemoteCertificateChainErrors)
            return false;
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(Authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        using var presented = new X509Certificate2(certificate);
        return chain.Build(presented);
    }
}
