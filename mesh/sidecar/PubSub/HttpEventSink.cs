using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Tarasol.Sidecar.Invocation;

namespace Tarasol.Sidecar.PubSub;

/// <summary>POSTs events to the app (wire: 6.3).</summary>
internal sealed class HttpEventSink(IAppChannel channel) : IEventSink
{
    public async Task<SinkResult> DeliverAsync(Subscription subscription, RoutedEvent routed, CancellationToken cancel)
    {
        using var request = Request(routed.Path, routed.Body, ContentTypes.CloudEvents, Headers(subscription, routed));
        if (!request.Headers.Contains("traceparent"))
        {
            request.Options.Set(AppChannel.Untraced, true);
        }
        var what = $"pub/sub event {routed.Envelope.Id}, topic {subscription.Topic}";
        try
        {
            using var response = await channel.SendAsync(request, cancel);
            var body = await response.Content.ReadAsByteArrayAsync(cancel);
            return (int)response.StatusCode switch
            {
                >= 200 and <= 299 => AppStatus.Of(AppStatus.Read(body), what),
                404 => new(SinkStatus.Drop, 404, $"status 404 returned from app while processing {what}"),
                var code => new(SinkStatus.Retry, code, $"status {code} returned from app while processing {what}: {Excerpt(body)}"),
            };
        }
        catch (HttpRequestException e)
        {
            return new(IsUnreachable(e) ? SinkStatus.Unreachable : SinkStatus.Retry, Problem: $"the app could not be called with {what}: {e.Message}");
        }
    }

    /// <summary>POST to a path of the app. Metadata becomes headers; what HTTP cannot carry as a header name is left out.</summary>
    public static HttpRequestMessage Request(string path, ReadOnlyMemory<byte> body, string contentType, IEnumerable<KeyValuePair<string, string>> headers)
    {
        var content = new ReadOnlyMemoryContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue(contentType);
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(path.StartsWith('/') ? path : $"/{path}", UriKind.Relative)) { Content = content };
        foreach (var (name, value) in headers)
        {
            if (!IsOwn(name) && !value.AsSpan().ContainsAny('\r', '\n', '\0'))
            {
                // Header values are bytes: UTF-8, as Go sends them.
                request.Headers.TryAddWithoutValidation(name, Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(value)));
            }
        }
        return request;
    }

    /// <summary>Nobody accepted the connection, or it broke before an answer.</summary>
    public static bool IsUnreachable(HttpRequestException e) =>
        e.HttpRequestError is HttpRequestError.ConnectionError or HttpRequestError.ResponseEnded or HttpRequestError.NameResolutionError
        || e.InnerException is SocketException or IOException { InnerException: SocketException };

    private static List<KeyValuePair<string, string>> Headers(Subscription subscription, RoutedEvent routed)
    {
        var headers = routed.Metadata.Where(item => !item.Key.Equals("pubsubName", StringComparison.OrdinalIgnoreCase) && !IsTrace(item.Key)).ToList();
        headers.Add(new("pubsubName", subscription.PubSub));
        if (routed.Trace is not { } trace)
        {
            // Raw bytes of a broker that carries no trace belong to none.
            return headers;
        }
        headers.Add(new("traceparent", trace.TraceParent));
        if (trace.TraceState is { Length: > 0 } state)
        {
            headers.Add(new("tracestate", state));
        }
        return headers;
    }

    private static bool IsTrace(string name) => name.Equals("traceparent", StringComparison.OrdinalIgnoreCase) || name.Equals("tracestate", StringComparison.OrdinalIgnoreCase);

    // A publisher's metadata must not be able to bend the request itself or to name another token.
    private static bool IsOwn(string name) => name.ToLowerInvariant() is
        "host" or "content-type" or "content-length" or "transfer-encoding" or "connection" or "upgrade" or "expect" or "te" or "trailer" or "keep-alive"
        or "proxy-connection" or "dapr-api-token";

    private static string Excerpt(byte[] body) => Encoding.UTF8.GetString(body.AsSpan(0, Math.Min(body.Length, 256)));
}
