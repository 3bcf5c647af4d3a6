using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Server;
using Tarasol.Identity.Data;
using Tarasol.Identity.Sessions;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.Tenancy;
using Tarasol.Tenancy.Migrations;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace Tarasol.Identity.Tokens;

/// <summary>OpenIddict as this platform's authorization server.</summary>
public static class TokensSetup
{
    private const string TokenPath = "connect/token";
    private const string AuthorizationPath = "connect/authorize";
    private const string LogoutPath = "connect/logout";
    private const string RevocationPath = "connect/revocation";
    private const string ConfigurationPath = ".well-known/openid-configuration";
    private const string KeysPath = ".well-known/jwks";

    public static void AddTokens(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        builder.AddSessions();
        services.AddSingleton<TokenKeys>();
        services.AddHostedService(provider => provider.GetRequiredService<TokenKeys>());
        services.AddSingleton<IOptionsChangeTokenSource<OpenIddictServerOptions>>(provider => provider.GetRequiredService<TokenKeys>());
        services.AddScoped<DecoyPassword>();
        services.AddScoped<TokenContents>();
        services.AddScoped<SignIn>();
        services.AddScoped<ITenantSeed, SeedClients>();
        services.AddSingleton<PruneTokens>();
        services.AddHostedService(provider => provider.GetRequiredService<PruneTokens>());

        var issuer = new Uri(AuthSetup.Issuer(builder.Configuration));
        services.AddOpenIddict()
            .AddCore(core => core.UseEntityFrameworkCore().UseDbContext<AccountsDbContext>().ReplaceDefaultEntities<Guid>())
            .AddServer(server => Configure(server, issuer));
        services.AddOptions<OpenIddictServerOptions>().Configure<TokenKeys>((options, keys) =>
        {
            foreach (var key in keys.Signings)
                options.SigningCredentials.Add(new(key, SecurityAlgorithms.RsaSha256));
            foreach (var key in keys.Encryptions)
                options.EncryptionCredentials.Add(new(key, SecurityAlgorithms.Aes256KW, SecurityAlgorithms.Aes256CbcHmacSha512));
            // Plain would send what has to be kept secret.
            options.CodeChallengeMethods.Clear();
            options.CodeChallengeMethods.Add(CodeChallengeMethods.Sha256);
        });
    }

    /// <summary>Call it before everything that authenticates.</summary>
    public static void UseTokenKeys(this WebApplication app) => app.UseMiddleware<TokenKeysGate>();

    public static void MapTokens(this IEndpointRouteBuilder routes)
    {
        routes.MapPost($"/{TokenPath}", IssueToken.HandleAsync).AllowAnonymous().WithMetadata(new AnyTenant()).WithTags("tokens");
        routes.MapSessions();
    }

    private static void Configure(OpenIddictServerBuilder server, Uri issuer)
    {
        // The first address is the public one that discovery tells; the second is how a request looks that came through the sidecar.
        server.SetIssuer(issuer)
            .SetTokenEndpointUris($"{issuer}{TokenPath}", TokenPath)
            .SetAuthorizationEndpointUris($"{issuer}{AuthorizationPath}", AuthorizationPath)
            .SetEndSessionEndpointUris($"{issuer}{LogoutPath}", LogoutPath)
            .SetRevocationEndpointUris($"{issuer}{RevocationPath}", RevocationPath)
            .SetConfigurationEndpointUris($"{issuer}{ConfigurationPath}", ConfigurationPath)
            .SetJsonWebKeySetEndpointUris($"{issuer}{KeysPath}", KeysPath);
        server.AllowAuthorizationCodeFlow().RequireProofKeyForCodeExchange().AllowPasswordFlow().AllowRefreshTokenFlow().AllowClientCredentialsFlow();
        server.DisableAccessTokenEncryption()
            .SetAccessTokenLifetime(UserSessions.AccessTokenLife)
            .SetRefreshTokenLifetime(TimeSpan.FromDays(14))
            // A redeemed refresh token that comes again is in two hands, so the whole family ends at once.
            .SetRefreshTokenReuseLeeway(null);
        server.AddEventHandler(EnterTenant<ExtractTokenRequestContext>.Descriptor).AddEventHandler(EnterTenant<ExtractRevocationRequestContext>.Descriptor)
            .AddEventHandler(EnterTenant<ExtractAuthorizationRequestContext>.Descriptor).AddEventHandler(EnterTenant<ExtractEndSessionRequestContext>.Descriptor);
        server.AddEventHandler(ReusedToken.Descriptor).AddEventHandler(RevokeSession.Descriptor);
        // TLS ends at the gateway; between it, the sidecars and us there is loopback or Dapr's own mTLS.
        server.UseAspNetCore().DisableTransportSecurityRequirement().EnableTokenEndpointPassthrough().EnableAuthorizationEndpointPassthrough().EnableEndSessionEndpointPassthrough();
    }
}
