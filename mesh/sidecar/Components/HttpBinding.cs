using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Tarasol.Sidecar.Bindings;
using Tarasol.Sidecar.Hosting;

namespace Tarasol.Sidecar.Components;

/// <summary>bindings.http (output): one HTTP request, its answer as data and metadata.</summary>
internal sealed class HttpBinding : IOutputBinding, IDisposable
{
    public static readonly ComponentType ComponentType = new("bindings.http",
        [
            .. BindingDirection.Keys, "url", "MTLSRootCA", "MTLSClientCert", "MTLSClientKey", "MTLSRenegotiation", "securityToken", "securityTokenHeader", "responseTimeout",
            "maxResponseBodySize", "errorIfNot2XX",
        ], CreateAsync);

    private const string Json = "application/json; charset=utf-8";
    private const string LargestAnswer = "100Mi";

    // They are the request's own, not the caller's; Go leaves them out likewise.
    private static readonly HashSet<string> Own = new(StringComparer.OrdinalIgnoreCase) { "Host", "Content-Length", "Transfer-Encoding", "Trailer" };

    private readonly HttpMessageInvoker client;
    private readonly string url;
    private readonly (string Header, string Token)? security;
    private readonly TimeSpan? timeout;
    private readonly long largest;
    private readonly bool errorIfNot2XX;

    private HttpBinding(ComponentSpec spec, SslClientAuthenticationOptions ssl)
    {
        var metadata = spec.Metadata;
        url = metadata.GetValueOrDefault("url") is { Length: > 0 } given ? given : throw new ComponentException(spec, "url is missing");
        security = metadata.GetValueOrDefault("securityTokenHeader") is { Length: > 0 } header && metadata.GetValueOrDefault("securityToken") is { Length: > 0 } token ? (header, token) : null;
        timeout = ComponentDuration.Parse(metadata.GetValueOrDefault("responseTimeout"), TimeSpan.Zero) is var limit && limit > TimeSpan.Zero ? limit : null;
        var size = metadata.GetValueOrDefault("maxResponseBodySize") is { Length: > 0 } written ? written : LargestAnswer;
        largest = ByteSize.TryParse(size, out var bytes) ? bytes : throw new ComponentException(spec, $"invalid value for maxResponseBodySize: {size}");
        errorIfNot2XX = metadata.GetValueOrDefault("errorIfNot2XX") is not { Length: > 0 } truth || Truth.Parse(truth);
        client = new HttpMessageInvoker(new SocketsHttpHandler
        {
            MaxAutomaticRedirections = 10,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.GZip,
            ActivityHeadersPropagator = null,
            ConnectTimeout = TimeSpan.FromSeconds(15),
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8,
            ResponseHeaderEncodingSelector = (_, _) => Encoding.UTF8,
            SslOptions = ssl,
        });
    }

    public IReadOnlyList<string> Operations { get; } = ["create", "get", "head", "post", "put", "patch", "delete", "options", "trace"];

    public void Dispose() => client.Dispose();

    public async Task<BindingResult?> InvokeAsync(string operation, ReadOnlyMemory<byte> data, IReadOnlyDictionary<string, string> metadata, CancellationToken cancel)
    {
        var target = metadata.GetValueOrDefault("path") is { Length: > 0 } path ? $"{url.TrimEnd('/')}/{path.TrimStart('/')}" : url;
        var verb = operation == "create" ? "post" : operation;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        if (timeout is { } longest)
            limit.CancelAfter(longest);
        try
        {
            using var request = Request(verb, target, data, metadata);
            using var response = await client.SendAsync(request, limit.Token);
            var body = await ReadAsync(response.Content, limit.Token);
            var answer = Describe(response);
            var strict = metadata.GetValueOrDefault("errorIfNot2XX") is { Length: > 0 } truth ? Truth.Parse(truth) : errorIfNot2XX;
            return strict && !response.IsSuccessStatusCode
                ? throw new BindingException(string.Create(CultureInfo.InvariantCulture, $"received status code {(int)response.StatusCode}")) { Metadata = answer }
                : new BindingResult(body, answer);
        }
        catch (Exception failure) when (!cancel.IsCancellationRequested && failure is HttpRequestException or IOException or OperationCanceledException or FormatException or NotSupportedException)
        {
            var reason = failure is OperationCanceledException ? "context deadline exceeded" : failure.Message;
            throw new BindingException($"{char.ToUpperInvariant(verb[0])}{verb[1..]} \"{target}\": {reason}");
        }
    }

    private static async Task<object> CreateAsync(ComponentSpec spec, IServiceProvider services, CancellationToken cancel)
    {
        var folder = services.GetRequiredService<SidecarOptions>().WorkingDirectory;
        var ssl = new SslClientAuthenticationOptions
        {
            AllowRenegotiation = spec.Metadata.GetValueOrDefault("MTLSRenegotiation") switch
            {
                null or "" or "RenegotiateNever" => false,
                "RenegotiateOnceAsClient" or "RenegotiateFreelyAsClient" => true,
                var other => throw new ComponentException(spec, $"invalid renegotiation value: {other}"),
            },
        };
        try
        {
            if (await PemAsync(spec, "MTLSRootCA", folder, cancel) is { } root)
            {
                var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
                policy.CustomTrustStore.ImportFromPem(root);
                if (policy.CustomTrustStore.Count == 0)
                    throw new ComponentException(spec, "failed to add root certificate to certpool");
                ssl.CertificateChainPolicy = policy;
            }
            if (await PemAsync(spec, "MTLSClientCert", folder, cancel) is { } certificate && await PemAsync(spec, "MTLSClientKey", folder, cancel) is { } key)
                ssl.ClientCertificates = [X509Certificate2.CreateFromPem(certificate, key)];
        }
        catch (Exception wrong) when (wrong is CryptographicException or ArgumentException)
        {
            throw new ComponentException(spec, $"failed to load certificate: {wrong.Message}");
        }
        return new HttpBinding(spec, ssl);
    }

    /// <summary>The metadata value, or the file that it names.</summary>
    private static async Task<string?> PemAsync(ComponentSpec spec, string key, string folder, CancellationToken cancel)
    {
        if (spec.Metadata.GetValueOrDefault(key) is not { Length: > 0 } value)
            return null;
        if (PemEncoding.TryFind(value, out _))
            return value;
        try
        {
            return await File.ReadAllTextAsync(Path.Combine(folder, value), cancel);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new ComponentException(spec, $"provided \"{key}\" value is neither a valid file path or nor a valid pem encoded string: {failure.Message}");
        }
    }

    private HttpRequestMessage Request(string verb, string target, ReadOnlyMemory<byte> data, IReadOnlyDictionary<string, string> metadata)
    {
        var request = new HttpRequestMessage(new HttpMethod(verb.ToUpperInvariant()), new Uri(target, UriKind.Absolute))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        if (verb is "put" or "post" or "patch")
        {
            request.Content = new ReadOnlyMemoryContent(data);
            Set(request, "Content-Type", Json);
        }
        Set(request, "Accept", Json);
        if (security is { } known)
            Set(request, known.Header, known.Token);
        foreach (var (name, value) in metadata.Where(one => one.Key.Length > 0 && one.Key[0] is >= 'A' and <= 'Z'))
            Set(request, name, value);
        foreach (var trace in (string[])["traceparent", "tracestate", "baggage"])
        {
            if (metadata.GetValueOrDefault(trace) is { Length: > 0 } value)
                Set(request, trace, value);
        }
        return request;
    }

    private static void Set(HttpRequestMessage request, string name, string value)
    {
        if (Own.Contains(name))
            return;
        if (value.AsSpan().ContainsAny('\r', '\n', '\0'))
            throw new BindingException($"net/http: invalid header field value for \"{name}\"");
        HttpHeaders headers = request.Headers;
        if (OfContent(name))
        {
            // A verb without a body gets an empty one to carry them.
            request.Content ??= new ByteArrayContent([]);
            headers = request.Content.Headers;
        }
        headers.Remove(name);
        if (!headers.TryAddWithoutValidation(name, value))
            throw new FormatException($"invalid header field name \"{name}\"");
    }

    private static bool OfContent(string name) =>
        name.StartsWith("Content-", StringComparison.OrdinalIgnoreCase) || name.ToUpperInvariant() is "ALLOW" or "EXPIRES" or "LAST-MODIFIED";

    /// <summary>What is longer than the limit is cut off there.</summary>
    private async Task<byte[]> ReadAsync(HttpContent content, CancellationToken cancel)
    {
        await using var stream = await content.ReadAsStreamAsync(cancel);
        using var body = new MemoryStream();
        var buffer = new byte[16 * 1024];
        while (largest <= 0 || body.Length < largest)
        {
            var wanted = largest <= 0 ? buffer.Length : (int)Math.Min(buffer.Length, largest - body.Length);
            var read = await stream.ReadAsync(buffer.AsMemory(0, wanted), cancel);
            if (read == 0)
                break;
            body.Write(buffer, 0, read);
        }
        return body.ToArray();
    }

    private static Dictionary<string, string> Describe(HttpResponseMessage response)
    {
        var code = ((int)response.StatusCode).ToString(CultureInfo.InvariantCulture);
        var answer = new Dictionary<string, string> { ["statusCode"] = code, ["status"] = $"{code} {response.ReasonPhrase}" };
        foreach (var (name, values) in response.Headers.NonValidated.Concat(response.Content.Headers.NonValidated))
            answer[Canonical(name)] = string.Join(", ", values);
        return answer;
    }

    /// <summary>Go spells header names with a capital after each hyphen.</summary>
    private static string Canonical(string name) => string.Join('-', name.Split('-').Select(part => part.Length == 0 ? part : char.ToUpperInvariant(part[0]) + part[1..].ToLowerInvariant()));
}
