using Tarasol.Sidecar.Components;
using YamlDotNet.RepresentationModel;

namespace Tarasol.Sidecar.Invocation;

/// <summary>An HTTPEndpoint resource: a service outside of the mesh that apps invoke by a name, with headers and a certificate of its own.</summary>
internal sealed class HttpEndpoint : IDisposable
{
    private const string HeaderKey = "header ";
    private const string RootCa = "clientTLS.rootCA";
    private const string Certificate = "clientTLS.certificate";
    private const string PrivateKey = "clientTLS.privateKey";

    private HttpEndpoint(string name, string baseUrl, IReadOnlyList<(string Name, string Value)> headers, ClientTls? tls)
    {
        (Name, BaseUrl, Headers) = (name, baseUrl, headers);
        // As daprd: what is called by a name is followed where it redirects to, a URL is not.
        Client = new HttpMessageInvoker(OutsideCalls.NewHandler(tls, followRedirects: true));
    }

    public string Name { get; }

    public string BaseUrl { get; }

    /// <summary>Instead of those of the caller.</summary>
    public IReadOnlyList<(string Name, string Value)> Headers { get; }

    public HttpMessageInvoker Client { get; }

    /// <summary>The document's values, secrets not yet resolved. Throws <see cref="ConfigurationException"/>.</summary>
    public static ComponentDraft Read(ResourceDocument document)
    {
        if (document.Name.Length == 0)
            throw document.Wrong(document.Root, "the HTTPEndpoint has no metadata.name");
        if (document.Root.Child("spec") is not YamlMappingNode spec)
            throw document.Wrong(document.Root, $"HTTPEndpoint {document.Name} has no spec");
        if (!Uri.TryCreate(spec.Text("baseUrl"), UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
            throw document.Wrong(spec.Child("baseUrl") ?? spec, $"HTTPEndpoint {document.Name}: baseUrl must be an http or https address, not {spec.Text("baseUrl") ?? "missing"}");
        var entries = new List<MetadataEntry>();
        foreach (var header in (spec.Child("headers") as YamlSequenceNode)?.Children ?? [])
        {
            var name = header.Text("name") is { Length: > 0 } given ? given : throw document.Wrong(header, $"HTTPEndpoint {document.Name}: a header has no name");
            entries.Add(ComponentDraft.ReadEntry(document, header, HeaderKey + name));
        }
        var tls = spec.Child("clientTLS");
        foreach (var (key, node) in (ReadOnlySpan<(string, YamlNode?)>)[(RootCa, tls.Child("rootCA")), (Certificate, tls.Child("certificate")), (PrivateKey, tls.Child("privateKey"))])
        {
            if (node is not null)
                entries.Add(ComponentDraft.ReadEntry(document, node, key));
        }
        if (tls.Text("renegotiation") is { Length: > 0 } renegotiation && renegotiation is not ("RenegotiateNever" or "RenegotiateOnceAsClient" or "RenegotiateFreelyAsClient"))
            throw document.Wrong(tls.Child("renegotiation")!, $"invalid renegotiation value {renegotiation} for http endpoint {document.Name}");
        return new ComponentDraft(document, document.Name, "HTTPEndpoint", spec, "v1", entries, document.Root.Child("auth").Text("secretStore") ?? "", IgnoreErrors: false, TimeSpan.Zero);
    }

    /// <summary>With its secrets. Throws <see cref="ComponentException"/> on certificates that cannot be used.</summary>
    public static HttpEndpoint Create(ComponentSpec spec, ResourceDocument document)
    {
        var values = new ComponentValues(spec);
        var headers = spec.Metadata.Where(entry => entry.Key.StartsWith(HeaderKey, StringComparison.Ordinal)).Select(entry => (entry.Key[HeaderKey.Length..], entry.Value)).ToList();
        if (values.Text(PrivateKey) is not null && values.Text(Certificate) is null)
            throw values.Wrong($"{PrivateKey} needs {Certificate}, which is missing");
        var tls = ClientTls.Read(values, RootCa, Certificate, PrivateKey);
        return new HttpEndpoint(spec.Name, document.Root.Child("spec").Text("baseUrl")!, headers, tls.Authorities is null && tls.Certificate is null ? null : tls);
    }

    public void Dispose() => Client.Dispose();
}
