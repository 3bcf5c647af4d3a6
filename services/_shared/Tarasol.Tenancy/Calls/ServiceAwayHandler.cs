using System.Net;
using System.Text.Json;

namespace Tarasol.Tenancy;

/// <summary>Another service does not answer: it is down, restarting or overloaded. To the caller of our API that is a 503; background work tries again.</summary>
public sealed class ServiceAwayException(string appId, Exception? inner = null) : Exception($"The service {appId} does not answer.", inner)
{
    /// <summary>Which service.</summary>
    public string AppId { get; } = appId;
}

/// <summary>Tells the sidecar's "could not reach the app" and broken connections from answers of the app itself.</summary>
internal sealed class ServiceAwayHandler(string appId) : DelegatingHandler
{
    // The client's own timeout cannot be told here from a caller who has gone, so it is longer.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>For the whole of an answer.</summary>
    public static readonly TimeSpan LongestAnswer = Patience * 2;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        HttpResponseMessage answer;
        try
        {
            answer = await base.SendAsync(request, patience.Token);
        }
        catch (HttpRequestException broken)
        {
            throw new ServiceAwayException(appId, broken);
        }
        catch (OperationCanceledException late) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ServiceAwayException(appId, late);
        }
        if (!await IsAwayAsync(answer, cancellationToken))
            return answer;
        answer.Dispose();
        throw new ServiceAwayException(appId);
    }

    private static async Task<bool> IsAwayAsync(HttpResponseMessage answer, CancellationToken cancel)
    {
        if (answer.StatusCode is HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout)
            return true;
        // Dapr's own error body; an app's is application/problem+json.
        if (answer.StatusCode != HttpStatusCode.InternalServerError || answer.Content.Headers.ContentType?.MediaType != "application/json")
            return false;
        try
        {
            await answer.Content.LoadIntoBufferAsync(cancel);
            using var body = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync(cancel));
            return body.RootElement.TryGetProperty("errorCode", out var code) && code.GetString() == "ERR_DIRECT_INVOKE";
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
