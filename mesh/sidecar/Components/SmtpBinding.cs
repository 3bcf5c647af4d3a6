using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;
using Tarasol.Sidecar.Bindings;

namespace Tarasol.Sidecar.Components;

/// <summary>bindings.smtp (output): sends the data as an HTML mail. Metadata of a request wins over the component's, for that request only.</summary>
internal sealed class SmtpBinding : IOutputBinding
{
    public static readonly ComponentType ComponentType = new("bindings.smtp",
        [.. BindingDirection.Keys, "host", "port", "user", "password", "skipTLSVerify", "emailFrom", "emailTo", "emailCC", "emailBCC", "subject", "priority"], CreateAsync);

    private const int ImplicitTlsPort = 465;
    private const int Longest = 30_000;

    private readonly IReadOnlyDictionary<string, string> defaults;
    private readonly string host;
    private readonly int port;
    private readonly NetworkCredential? credential;
    private readonly bool skipVerify;

    private SmtpBinding(ComponentSpec spec, ILogger log)
    {
        defaults = spec.Metadata;
        var number = spec.Metadata.GetValueOrDefault("port") ?? "0";
        if (!int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out port) || port > IPEndPoint.MaxPort)
            throw new ComponentException(spec, $"smtp binding error: port {number} is no port");
        host = spec.Metadata.GetValueOrDefault("host") ?? "";
        if (host.Length == 0 || port == 0)
            throw new ComponentException(spec, "smtp binding error: host and port fields are required in metadata");
        var user = spec.Metadata.GetValueOrDefault("user") ?? "";
        var password = spec.Metadata.GetValueOrDefault("password") ?? "";
        if (user.Length == 0 != (password.Length == 0))
            throw new ComponentException(spec, "smtp binding error: both user and password fields are required in metadata");
        if (user.Length == 0)
            log.LogWarning("component {Name}: user and password are empty", spec.Name);
        else
            credential = new NetworkCredential(user, password);
        skipVerify = Truth.Parse(spec.Metadata.GetValueOrDefault("skipTLSVerify"));
        if (skipVerify)
            log.LogWarning("component {Name}: skipTLSVerify is on, anyone on the way can read and change its mail", spec.Name);
        try
        {
            Priority(spec.Metadata.GetValueOrDefault("priority"));
        }
        catch (BindingException wrong)
        {
            throw new ComponentException(spec, wrong.Message);
        }
    }

    public IReadOnlyList<string> Operations { get; } = ["create"];

    public async Task<BindingResult?> InvokeAsync(string operation, ReadOnlyMemory<byte> data, IReadOnlyDictionary<string, string> metadata, CancellationToken cancel)
    {
        using var message = Compose(data, metadata);
        try
        {
            using var client = new SmtpClient { Timeout = Longest, CheckCertificateRevocation = false };
            if (skipVerify)
#pragma warning disable CA5359 // Asked for by the component, with a warning at its start.
                client.ServerCertificateValidationCallback = (_, _, _, _) => true;
#pragma warning restore CA5359
            await client.ConnectAsync(host, port, port == ImplicitTlsPort ? SecureSocketOptions.SslOnConnect : SecureSocketOptions.StartTlsWhenAvailable, cancel);
            if (credential is not null && client.Capabilities.HasFlag(SmtpCapabilities.Authentication))
            {
                if (!client.IsSecure && host is not ("localhost" or "127.0.0.1" or "::1"))
                    throw new BindingException("error from smtp binding, sending email failed: unencrypted connection");
                await client.AuthenticateAsync(credential, cancel);
            }
            await client.SendAsync(message, cancel);
            await client.DisconnectAsync(quit: true, cancel);
            return null;
        }
        catch (Exception failure) when (!cancel.IsCancellationRequested
            && failure is SocketException or IOException or TimeoutException or AuthenticationException or SslHandshakeException or ProtocolException or CommandException or OperationCanceledException)
        {
            throw new BindingException($"error from smtp binding, sending email failed: {failure.Message}");
        }
    }

    private static Task<object> CreateAsync(ComponentSpec spec, IServiceProvider services, CancellationToken cancel) =>
        Task.FromResult<object>(new SmtpBinding(spec, services.GetRequiredService<ILogger<SmtpBinding>>()));

    private MimeMessage Compose(ReadOnlyMemory<byte> data, IReadOnlyDictionary<string, string> metadata)
    {
        string Value(string key) => metadata.GetValueOrDefault(key) is { Length: > 0 } own ? own : defaults.GetValueOrDefault(key) ?? "";
        string Needed(string key) => Value(key) is { Length: > 0 } value
            ? value
            : throw new BindingException($"smtp binding error: {key} property not supplied in configuration- or request-metadata");
        var message = new MimeMessage();
        var priority = Priority(Value("priority"));
        message.From.Add(Address(Needed("emailFrom")));
        message.To.AddRange(Addresses(Needed("emailTo")));
        message.Subject = Needed("subject");
        message.Cc.AddRange(Addresses(Value("emailCC")));
        message.Bcc.AddRange(Addresses(Value("emailBCC")));
        message.Headers.Add("X-Priority", priority.ToString(CultureInfo.InvariantCulture));
        message.Body = new TextPart("html") { Text = Text(data) };
        return message;
    }

    private static IEnumerable<MailboxAddress> Addresses(string list) => list.Length == 0 ? [] : list.Split(';').Select(Address);

    private static MailboxAddress Address(string text) => MailboxAddress.TryParse(text.Trim(), out var address)
        ? address
        : throw new BindingException($"error from smtp binding, sending email failed: gomail: invalid address \"{text}\"");

    /// <summary>From HTTP the data is a JSON string, from gRPC the text itself.</summary>
    private static string Text(ReadOnlyMemory<byte> data)
    {
        if (data.Length >= 2 && data.Span[0] == '"')
        {
            try
            {
                return JsonSerializer.Deserialize<string>(data.Span)!;
            }
            catch (JsonException)
            {
                // A text that only begins like a JSON string.
            }
        }
        return Encoding.UTF8.GetString(data.Span);
    }

    private static int Priority(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return 3;
        if (!int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var priority))
            throw new BindingException($"strconv.Atoi: parsing \"{text}\": invalid syntax");
        return priority is >= 1 and <= 5 ? priority : throw new BindingException("smtp binding error:  priority value must be between 1 (highest) and 5 (lowest)");
    }
}
