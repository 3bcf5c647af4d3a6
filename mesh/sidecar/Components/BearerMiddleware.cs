using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;
using Tarasol.Sidecar.Middleware;

namespace Tarasol.Sidecar.Components;

/// <summary>middleware.http.bearer: a request needs a token of the issuer for the audience, signed with one of the issuer's keys; else it gets 401.</summary>
internal sealed class BearerMiddleware(TokenValidationParameters rules, ILogger<BearerMiddleware> log) : IHttpMiddleware
{
    private const string Prefix = "Bearer ";
    private const int ShortestToken = 10;
    private static readonly TimeSpan AllowedClockSkew = TimeSpan.FromMinutes(5);
    private static readonly MiddlewareAnswer Unauthorized = new(StatusCodes.Status401Unauthorized, "Unauthorized\n");

    /// <summary>issuerURL and clientID are older names of issuer and audience.</summary>
    public static readonly ComponentType ComponentType = new("middleware.http.bearer", ["issuer", "issuerURL", "audience", "clientID", "jwksURL"], CreateAsync);

    private readonly JsonWebTokenHandler _tokens = new() { MapInboundClaims = false };

    public async ValueTask<MiddlewareAnswer?> HandleAsync(MiddlewareRequest request, CancellationToken cancel)
    {
        if (request.Header("Authorization") is not { } header || !header.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) || header.Length < Prefix.Length + ShortestToken)
            return Unauthorized;
        var result = await _tokens.ValidateTokenAsync(header[Prefix.Length..], rules);
        if (result.IsValid)
            return null;
        log.LogDebug("A bearer token was refused: {Problem}", result.Exception?.Message);
        return Unauthorized;
    }

    private static async Task<object> CreateAsync(ComponentSpec spec, IServiceProvider services, CancellationToken cancel)
    {
        var values = new ComponentValues(spec);
        var issuer = values.Text("issuer") ?? values.Text("issuerURL") ?? throw values.Wrong("metadata property 'issuer' is required");
        var audience = values.Text("audience") ?? values.Text("clientID") ?? throw values.Wrong("metadata property 'audience' is required");
        var documents = new HttpDocumentRetriever { RequireHttps = false };
        var keys = values.Text("jwksURL") is { } address
            ? new ConfigurationManager<OpenIdConnectConfiguration>(address, new KeySetRetriever(), documents)
            : new ConfigurationManager<OpenIdConnectConfiguration>($"{issuer.TrimEnd('/')}/.well-known/openid-configuration", new OpenIdConnectConfigurationRetriever(), documents);
        // At once, as daprd does: an issuer that is not there or is another one is no secret until the first request.
        var found = await keys.GetConfigurationAsync(cancel);
        if (found.Issuer is { Length: > 0 } other && other != issuer)
            throw values.Wrong($"the issuer found in the OpenID Configuration document ('{other}') doesn't match the one provided in the component's metadata ('{issuer}')");
        var rules = new TokenValidationParameters { ValidIssuer = issuer, ValidAudience = audience, ClockSkew = AllowedClockSkew, ConfigurationManager = keys };
        return new BearerMiddleware(rules, services.GetRequiredService<ILogger<BearerMiddleware>>());
    }

    /// <summary>A key set without a document that describes it.</summary>
    private sealed class KeySetRetriever : IConfigurationRetriever<OpenIdConnectConfiguration>
    {
        public async Task<OpenIdConnectConfiguration> GetConfigurationAsync(string address, IDocumentRetriever retriever, CancellationToken cancel)
        {
            var keys = new OpenIdConnectConfiguration { JsonWebKeySet = new JsonWebKeySet(await retriever.GetDocumentAsync(address, cancel)) };
            foreach (var key in keys.JsonWebKeySet.GetSigningKeys())
                keys.SigningKeys.Add(key);
            return keys;
        }
    }
}
