using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;

namespace Tarasol.Sidecar.Components;

/// <summary>How a client says who it is: values of the metadata key authStyle.</summary>
internal enum OAuth2AuthStyle
{
    /// <summary>By Basic first; by the form when that is refused.</summary>
    Detect = 0,
    Form = 1,
    Basic = 2,
}

/// <param name="HeaderValue">Type and token.</param>
/// <param name="Expires">The end of time when the server does not say.</param>
internal sealed record OAuth2Token(string HeaderValue, DateTimeOffset Expires);

/// <summary>No token was to be had.</summary>
internal sealed class OAuth2Exception(string message) : Exception(message);

/// <summary>The token endpoint of an OAuth 2 server (RFC 6749, section 3.2), for one client.</summary>
internal sealed class OAuth2TokenEndpoint(Uri address, string clientId, string clientSecret, OAuth2AuthStyle style, TimeProvider time) : IDisposable
{
    private const int LargestAnswer = 1 << 20;

    private readonly HttpClient _http = new(new SocketsHttpHandler { UseCookies = false, ActivityHeadersPropagator = null, PooledConnectionLifetime = TimeSpan.FromMinutes(5) })
    {
        Timeout = TimeSpan.FromSeconds(30),
        MaxResponseContentBufferSize = LargestAnswer,
    };

    private OAuth2AuthStyle _style = style;

    public void Dispose() => _http.Dispose();

    /// <summary>Throws <see cref="OAuth2Exception"/> when the server gives none.</summary>
    public async Task<OAuth2Token> RequestAsync(IReadOnlyList<(string Name, string Value)> form, CancellationToken cancel)
    {
        try
        {
            if (_style != OAuth2AuthStyle.Detect)
                return await RequestAsync(form, _style, cancel);
            try
            {
                var token = await RequestAsync(form, OAuth2AuthStyle.Basic, cancel);
                _style = OAuth2AuthStyle.Basic;
                return token;
            }
            catch (OAuth2Exception)
            {
                var token = await RequestAsync(form, OAuth2AuthStyle.Form, cancel);
                _style = OAuth2AuthStyle.Form;
                return token;
            }
        }
        catch (Exception failure) when (failure is HttpRequestException or OperationCanceledException && !cancel.IsCancellationRequested)
        {
            throw new OAuth2Exception($"{address} does not answer: {failure.Message}");
        }
    }

    private async Task<OAuth2Token> RequestAsync(IReadOnlyList<(string Name, string Value)> form, OAuth2AuthStyle how, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, address);
        var fields = form.Select(field => KeyValuePair.Create(field.Name, field.Value));
        if (how == OAuth2AuthStyle.Basic)
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{WebUtility.UrlEncode(clientId)}:{WebUtility.UrlEncode(clientSecret)}")));
        else
            fields = fields.Append(new("client_id", clientId)).Append(new("client_secret", clientSecret));
        request.Content = new FormUrlEncodedContent(fields);
        using var response = await _http.SendAsync(request, cancel);
        var body = await response.Content.ReadAsStringAsync(cancel);
        if (!response.IsSuccessStatusCode)
            throw new OAuth2Exception($"cannot fetch token: {(int)response.StatusCode} {response.ReasonPhrase}, response: {body}");
        var answer = Read(body, response.Content.Headers.ContentType?.MediaType);
        if (answer.GetValueOrDefault("access_token") is not { Length: > 0 } token)
            throw new OAuth2Exception("server response missing access_token");
        var seconds = double.TryParse(answer.GetValueOrDefault("expires_in"), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? Math.Min(number, int.MaxValue) : 0;
        return new OAuth2Token($"{Type(answer.GetValueOrDefault("token_type"))} {token}", seconds > 0 ? time.GetUtcNow().AddSeconds(seconds) : DateTimeOffset.MaxValue);
    }

    /// <summary>JSON, or a form as some older servers answer.</summary>
    private static Dictionary<string, string> Read(string body, string? mediaType)
    {
        if (mediaType is "application/x-www-form-urlencoded" or "text/plain")
            return QueryHelpers.ParseQuery(body).ToDictionary(field => field.Key, field => field.Value.ToString());
        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? document.RootElement.EnumerateObject().DistinctBy(member => member.Name).ToDictionary(member => member.Name, member => member.Value.ToString())
                : throw new OAuth2Exception("cannot parse json: the answer is no object");
        }
        catch (JsonException wrong)
        {
            throw new OAuth2Exception($"cannot parse json: {wrong.Message}");
        }
    }

    private static string Type(string? named) => named?.ToLowerInvariant() switch { null or "" or "bearer" => "Bearer", "mac" => "MAC", "basic" => "Basic", _ => named };
}
