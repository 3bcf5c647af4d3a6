using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Tarasol.Gateway.Proxy;

namespace Tarasol.Gateway.Edge;

/// <summary>
/// HTTPS beside HTTP, with HTTP/2, and HTTP/3 where the system has it. Settings: Https:Port, Https:Certificate (a PEM file: the certificate and its chain)
/// and Https:Key (its private key as PEM; default: in the same file). Whoever comes by HTTP is then sent to HTTPS.
/// </summary>
internal static class Https
{
    public static void AddHttps(this WebApplicationBuilder builder)
    {
        if (Port(builder.Configuration) is not { } port)
            return;
        var file = builder.Configuration["Https:Certificate"] ?? throw new InvalidOperationException("Https:Port is set, but not Https:Certificate: the PEM file with the certificate and its chain.");
        builder.Services.AddSingleton(services => new CertificateFile(
            file, builder.Configuration["Https:Key"] ?? file, services.GetRequiredService<TimeProvider>(), services.GetRequiredService<ILogger<CertificateFile>>()));
        var http = builder.Configuration[WebHostDefaults.ServerUrlsKey]?.Split(';')[0] ?? "http://localhost:8080";
        builder.WebHost.UseUrls(http, new UriBuilder(http) { Scheme = Uri.UriSchemeHttps, Port = port }.Uri.ToString());
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            var certificate = kestrel.ApplicationServices.GetRequiredService<CertificateFile>();
            kestrel.ConfigureEndpointDefaults(endpoint => endpoint.Protocols = HttpProtocols.Http1AndHttp2AndHttp3);
            kestrel.ConfigureHttpsDefaults(https => https.ServerCertificateSelector = (_, _) => certificate.Current);
        });
        builder.Services.AddHttpsRedirection(redirect =>
        {
            redirect.HttpsPort = port;
            redirect.RedirectStatusCode = StatusCodes.Status308PermanentRedirect;
        });
    }

    public static void UseHttps(this WebApplication app)
    {
        if (Port(app.Configuration) is null)
            return;
        // A broken certificate is told at start, not at the first handshake.
        _ = app.Services.GetRequiredService<CertificateFile>().Current;
        // Probes and our own sidecar come from the machine itself and follow no redirect.
        app.UseWhen(context => context.Request.Path != "/healthz" && !PublicSurface.IsForSidecar(context.Request.Path), people => people.UseHttpsRedirection());
    }

    private static int? Port(IConfiguration configuration) => configuration.GetValue<int?>("Https:Port");
}

/// <summary>A certificate that is read again when its file changes. One that cannot be read leaves the one before in use.</summary>
internal sealed class CertificateFile(string file, string key, TimeProvider time, ILogger<CertificateFile> log)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);
    private readonly Lock reading = new();
    private X509Certificate2? current;
    private DateTime written;
    private long looked;

    /// <exception cref="InvalidOperationException">There is none that can be used yet.</exception>
    public X509Certificate2 Current
    {
        get
        {
            lock (reading)
            {
                if (current is null || time.GetElapsedTime(looked) >= Interval)
                    Look();
                return current!;
            }
        }
    }

    private void Look()
    {
        looked = time.GetTimestamp();
        try
        {
            var now = new[] { File.GetLastWriteTimeUtc(file), File.GetLastWriteTimeUtc(key) }.Max();
            if (current is not null && now == written)
                return;
            var read = X509Certificate2.CreateFromPemFile(file, key);
            log.LogInformation("The certificate of {Subject} is valid until {NotAfter:u}", read.Subject, read.NotAfter.ToUniversalTime());
            (current, written) = (read, now);
        }
        catch (Exception failure) when (failure is CryptographicException or IOException or UnauthorizedAccessException)
        {
            if (current is null)
                throw new InvalidOperationException($"The certificate {file} with the key {key} cannot be used: {failure.Message}", failure);
            log.LogError("The certificate {File} cannot be read again, the one before stays in use: {Reason}", file, failure.Message);
        }
    }
}
