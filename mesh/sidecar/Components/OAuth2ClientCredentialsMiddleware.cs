using System.Text.RegularExpressions;
using Microsoft.AspNetCore.WebUtilities;
using Tarasol.Sidecar.Middleware;

namespace Tarasol.Sidecar.Components;

/// <summary>
/// middleware.http.oauth2clientcredentials: a token of this component's client is added to the request. It is fetched when it is first needed and kept until it expires. Without
/// one the request is answered 500; daprd's answer is an empty 200, which a caller would take for the app's.
/// </summary>
internal sealed class OAuth2ClientCredentialsMiddleware(
    OAuth2TokenEndpoint tokens, IReadOnlyList<(string Name, string Value)> form, string headerName, Regex? paths, TimeProvider time, ILogger<OAuth2ClientCredentialsMiddleware> log)
    : IHttpMiddleware, IDisposable
{
    private const string GrantType = "grant_type";

    public static readonly ComponentType ComponentType = new("middleware.http.oauth2clientcredentials",
        ["clientID", "clientSecret", "scopes", "tokenURL", "headerName", "endpointParamsQuery", "authStyle", "pathFilter"], (spec, services, _) => Task.FromResult<object>(Create(spec, services)));

    private readonly SemaphoreSlim _fetching = new(1);
    private OAuth2Token? _token;

    public async ValueTask<MiddlewareAnswer?> HandleAsync(MiddlewareRequest request, CancellationToken cancel)
    {
        if (paths is not null && !paths.IsMatch(Uri.UnescapeDataString(request.Path)))
            return null;
        try
        {
            request.AddHeader(headerName, (await TokenAsync(cancel)).HeaderValue);
            return null;
        }
        catch (OAuth2Exception failure)
        {
            log.LogError("Error acquiring token: {Problem}", failure.Message);
            return new MiddlewareAnswer(StatusCodes.Status500InternalServerError, "Internal Server Error\n");
        }
    }

    public void Dispose()
    {
        tokens.Dispose();
        _fetching.Dispose();
    }

    private async ValueTask<OAuth2Token> TokenAsync(CancellationToken cancel)
    {
        if (_token is { } kept && kept.Expires > time.GetUtcNow())
            return kept;
        await _fetching.WaitAsync(cancel);
        try
        {
            if (_token is not { } fetched || fetched.Expires <= time.GetUtcNow())
                _token = fetched = await tokens.RequestAsync(form, cancel);
            return fetched;
        }
        finally
        {
            _fetching.Release();
        }
    }

    private static OAuth2ClientCredentialsMiddleware Create(ComponentSpec spec, IServiceProvider services)
    {
        var values = new ComponentValues(spec);
        var missing = string.Concat(new[] { "headerName", "clientID", "clientSecret", "scopes", "tokenURL" }.Where(key => values.Text(key) is null).Select(key => $"Parameter '{key}' needs to be set. "));
        if (missing.Length > 0)
            throw values.Wrong($"metadata errors: {missing.TrimEnd()}");
        var form = new List<(string, string)> { (GrantType, "client_credentials"), ("scope", values.Required("scopes").Replace(',', ' ')) };
        foreach (var (name, texts) in QueryHelpers.ParseQuery(values.Text("endpointParamsQuery")))
        {
            // Some servers know the grant by another name; everything else is the middleware's own.
            if (name == GrantType)
                form.RemoveAt(0);
            else if (name == "scope")
                throw values.Wrong("endpointParamsQuery cannot overwrite scope; write it in scopes");
            form.AddRange(texts.Select(text => (name, text ?? "")));
        }
        var time = services.GetRequiredService<TimeProvider>();
        return new OAuth2ClientCredentialsMiddleware(
            new OAuth2TokenEndpoint(values.AbsoluteUrl("tokenURL"), values.Required("clientID"), values.Required("clientSecret"), (OAuth2AuthStyle)values.Number("authStyle", 0, 0, 2), time),
            form, values.Required("headerName"), values.Pattern("pathFilter"), time, services.GetRequiredService<ILogger<OAuth2ClientCredentialsMiddleware>>());
    }
}
