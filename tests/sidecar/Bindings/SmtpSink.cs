using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MimeKit;
using SmtpServer;
using SmtpServer.Authentication;
using SmtpServer.Mail;
using SmtpServer.Protocol;
using SmtpServer.Storage;
using Tarasol.Tests.Servers;

namespace Tarasol.Tests.Sidecar.Bindings;

/// <summary>A mail server on a free port of loopback that keeps what it is given.</summary>
internal sealed class SmtpSink : IAsyncDisposable
{
    private readonly CancellationTokenSource stop = new();
    private readonly SmtpServer.SmtpServer server;
    private readonly Task running;

    private SmtpSink(SmtpServer.SmtpServer server, int port, ConcurrentQueue<Mail> mails, ConcurrentQueue<string> users)
    {
        (this.server, Port, Mails, Users) = (server, port, mails, users);
        running = server.StartAsync(stop.Token);
    }

    public int Port { get; }

    public ConcurrentQueue<Mail> Mails { get; }

    /// <summary>Who logged in.</summary>
    public ConcurrentQueue<string> Users { get; }

    /// <param name="password">When given, the sink offers AUTH, and this is the one password that it takes.</param>
    /// <param name="secure">The sink offers STARTTLS with a certificate that nobody has signed.</param>
    public static async Task<SmtpSink> StartAsync(string? password = null, bool secure = false)
    {
        var mails = new ConcurrentQueue<Mail>();
        var users = new ConcurrentQueue<string>();
        var services = new SmtpServer.ComponentModel.ServiceProvider();
        services.Add(new Store(mails));
        services.Add(new Doorman(password, users));
        var port = FreePort.Next();
        var options = new SmtpServerOptionsBuilder().ServerName("sink").Endpoint(endpoint =>
        {
            endpoint.Endpoint(new IPEndPoint(IPAddress.Loopback, port));
            if (password is not null)
                endpoint.AllowUnsecureAuthentication();
            if (secure)
                endpoint.Certificate(SelfSigned());
        }).Build();
        var sink = new SmtpSink(new SmtpServer.SmtpServer(options, services), port, mails, users);
        await Poll.UntilAsync(async () =>
        {
            using var probe = new System.Net.Sockets.TcpClient();
            try
            {
                await probe.ConnectAsync(IPAddress.Loopback, port);
                return true;
            }
            catch (System.Net.Sockets.SocketException)
            {
                return false;
            }
        });
        return sink;
    }

    public async ValueTask DisposeAsync()
    {
        server.Shutdown();
        await server.ShutdownTask;
        await stop.CancelAsync();
        await running;
        stop.Dispose();
    }

    private static X509Certificate2 SelfSigned()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=sink", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddMinutes(-5), DateTimeOffset.UtcNow.AddHours(1));
    }

    private sealed class Store(ConcurrentQueue<Mail> mails) : MessageStore
    {
        public override async Task<SmtpResponse> SaveAsync(ISessionContext context, IMessageTransaction transaction, ReadOnlySequence<byte> buffer, CancellationToken cancellationToken)
        {
            using var stream = new MemoryStream(buffer.ToArray());
            var message = await MimeMessage.LoadAsync(stream, cancellationToken);
            mails.Enqueue(new Mail(transaction.From.AsAddress(), [.. transaction.To.Select(to => to.AsAddress())], message));
            return SmtpResponse.Ok;
        }
    }

    private sealed class Doorman(string? password, ConcurrentQueue<string> users) : UserAuthenticator
    {
        public override Task<bool> AuthenticateAsync(ISessionContext context, string user, string given, CancellationToken cancellationToken)
        {
            users.Enqueue(user);
            return Task.FromResult(given == password);
        }
    }
}

internal sealed record Mail(string From, IReadOnlyList<string> To, MimeMessage Message);
