using System.Net;
using System.Text;
using Tarasol.Sidecar.Invocation;
using Tarasol.Sidecar.PubSub;
using Tarasol.Sidecar.Resiliency;

namespace Tarasol.Sidecar.Bindings;

/// <summary>Events of input bindings for an HTTP app: POST to the route; OPTIONS asks whether there is one.</summary>
internal sealed class HttpBindingSink(IAppChannel channel) : IBindingSink
{
    public async Task<bool> IsWantedAsync(string binding, string route, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Options, new Uri($"/{route.TrimStart('/')}", UriKind.Relative));
        using var response = await channel.SendAsync(request, cancel);
        return response.IsSuccessStatusCode || response.StatusCode == HttpStatusCode.MethodNotAllowed;
    }

    public async Task<BindingAnswer?> DeliverAsync(string binding, string route, BindingEvent happened, ResiliencyPolicy policy, CancellationToken cancel)
    {
        try
        {
            var (status, body) = await policy.ExecuteAsync(async attempt =>
            {
                using var request = HttpEventSink.Request(route, happened.Data, ContentTypes.Json, happened.Metadata);
                using var response = await channel.SendAsync(request, attempt);
                var code = (int)response.StatusCode;
                // Policies take 200 alone for a success, as daprd's do.
                return new Attempt<(int, byte[])>((code, await response.Content.ReadAsByteArrayAsync(attempt)), Failed: code != StatusCodes.Status200OK, code);
            }, null, cancel);
            return status is >= 200 and <= 299
                ? BindingAnswer.Read(body)
                : throw new BindingException($"fails to send binding event to http app channel, status code: {status} body: {Encoding.UTF8.GetString(body.AsSpan(0, Math.Min(body.Length, 256)))}");
        }
        catch (Exception failure) when (failure is HttpRequestException or TimeoutException or CircuitOpenException)
        {
            throw new BindingException($"error invoking app: {failure.Message}");
        }
    }
}
