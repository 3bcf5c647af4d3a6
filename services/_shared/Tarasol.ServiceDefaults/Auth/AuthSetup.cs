using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Tarasol.ServiceDefaults.Hosting;

namespace Tarasol.ServiceDefaults.Auth;

/// <summary>Who may call what. Everything needs a user's token unless an endpoint says otherwise.</summary>
public static class AuthSetup
{
    private const string InternalScheme = "Internal";
    private const string OnBehalfScheme = "OnBehalf";
    private const string InternalPolicy = "internal";
    private const string Bearer = "Bearer ";

    /// <summary>The issuer that all tokens name: TARASOL_PUBLIC_URL, the address that clients know.</summary>
    public static string Issuer(IConfiguration configuration) =>
        (configuration["TARASOL_PUBLIC_URL"] ?? "http://127.0.0.1:8080").TrimEnd('/') + "/";

    /// <summary>The endpoint needs this permission in the user's token; without it 403.</summary>
    public static TBuilder RequirePermission<TBuilder>(this TBuilder builder, string permission) where TBuilder : IEndpointConventionBuilder =>
        builder.RequireAuthorization(policy => policy.RequireAuthenticatedUser().RequireClaim(TokenRules.PermissionClaim, permission))
            .WithMetadata(new RequiredPermission(permission));

    /// <summary>The endpoint needs this permission, be it for a branch of the organisation only: it has to ask <see cref="Caller.BranchesOf"/> what each thing is for the caller.</summary>
    public static TBuilder RequirePermissionByBranch<TBuilder>(this TBuilder builder, string permission) where TBuilder : IEndpointConventionBuilder =>
        builder.RequireAuthorization(policy => policy.RequireAuthenticatedUser().RequireAssertion(context => context.User.BranchesOf(permission) is null or { Count: > 0 }))
            .WithMetadata(new RequiredPermission(permission));

    /// <summary>
    /// Only other services may call: a token with audience <see cref="TokenRules.InternalAudience"/> and this service among its scopes. A call on behalf of a person carries
    /// the person's token too, which must be good as well: see <see cref="OnBehalfOf"/>.
    /// </summary>
    public static TBuilder RequireService<TBuilder>(this TBuilder builder) where TBuilder : IEndpointConventionBuilder =>
        builder.RequireAuthorization(InternalPolicy).WithMetadata(new ExcludeFromDescriptionAttribute());

    /// <summary>Validation of tokens against identity's published keys, read by Dapr invocation, kept, and read again for an unknown key id.</summary>
    public static void AddTokenValidation(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton<IdentityKeys>();
        services.AddHttpClient(IdentityKeys.Client, http => http.Timeout = TimeSpan.FromSeconds(10)).AddHttpMessageHandler<SidecarTokenHandler>();
        services.AddSingleton<ServiceToken>();
        services.AddHttpClient(nameof(ServiceToken)).AddHttpMessageHandler<SidecarTokenHandler>();
        services.AddSingleton<RevokedTokens>();
        services.AddSingleton<RevocationFeed>();
        services.AddHostedService(provider => provider.GetRequiredService<RevocationFeed>());
        services.AddHttpClient(RevocationFeed.Client, http => http.Timeout = TimeSpan.FromSeconds(10)).AddHttpMessageHandler<SidecarTokenHandler>();
        services.AddAuthentication(JwtBearerDefaults.AuthenticationScheme).AddJwtBearer().AddJwtBearer(InternalScheme).AddJwtBearer(OnBehalfScheme);
        services.AddOptions<JwtBearerOptions>(JwtBearerDefaults.AuthenticationScheme)
            .Configure<IServiceProvider>((options, provider) => Validate(options, provider, configuration, TokenRules.PublicAudience));
        services.AddOptions<JwtBearerOptions>(InternalScheme)
            .Configure<IServiceProvider>((options, provider) => Validate(options, provider, configuration, TokenRules.InternalAudience));
        services.AddOptions<JwtBearerOptions>(OnBehalfScheme)
            .Configure<IServiceProvider>((options, provider) => Validate(options, provider, configuration, TokenRules.PublicAudience, TokenRules.OnBehalfOfHeader));
        services.AddAuthorizationBuilder()
            .SetFallbackPolicy(new AuthorizationPolicyBuilder(JwtBearerDefaults.AuthenticationScheme).RequireAuthenticatedUser().Build())
            .AddPolicy(InternalPolicy, policy => policy.AddAuthenticationSchemes(InternalScheme).RequireAuthenticatedUser().RequireAssertion(IsMeantForUs));
    }

    private static bool IsMeantForUs(AuthorizationHandlerContext context) => context.Resource is HttpContext http
        && (context.User.FindFirst(TokenRules.ScopeClaim)?.Value ?? "").Split(' ').Contains(http.RequestServices.GetRequiredService<ServiceIdentity>().AppId);

    private static void Validate(JwtBearerOptions options, IServiceProvider provider, IConfiguration configuration, string audience, string header = "Authorization")
    {
        options.MapInboundClaims = false;
        options.RequireHttpsMetadata = false;
        var keys = provider.GetRequiredService<IdentityKeys>();
        options.TokenValidationParameters = new()
        {
            IssuerSigningKeyResolver = (_, _, id, _) => keys.Find(id),
            ValidIssuer = Issuer(configuration),
            ValidAudience = audience,
            ValidAlgorithms = ["RS256"],
            ValidTypes = ["at+jwt"],
            NameClaimType = TokenRules.UserNameClaim,
            RoleClaimType = TokenRules.RoleClaim,
            ClockSkew = TimeSpan.FromSeconds(30),
        };
        options.Events = new()
        {
            OnMessageReceived = async received =>
            {
                var given = received.Request.Headers[header].ToString();
                if (!given.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase))
                {
                    received.NoResult();
                    return;
                }
                received.Token = given[Bearer.Length..].Trim();
                await keys.PrepareAsync(received.Token, received.HttpContext.RequestAborted);
            },
            OnTokenValidated = async validated =>
            {
                // A service's own token is of no session and no person.
                if (audience == TokenRules.InternalAudience)
                {
                    await TakeOnBehalfAsync(validated);
                    return;
                }
                var services = validated.HttpContext.RequestServices;
                await services.GetRequiredService<RevocationFeed>().EnsureAsync();
                if (services.GetRequiredService<RevokedTokens>().Cover(validated.Principal!))
                    validated.Fail("The token was revoked.");
            },
            OnChallenge = async challenge =>
            {
                challenge.HandleResponse();
                challenge.Response.StatusCode = 401;
                challenge.Response.Headers.WWWAuthenticate = challenge.AuthenticateFailure is null ? "Bearer" : "Bearer error=\"invalid_token\"";
                await WriteAsync(challenge.HttpContext, Problems.CommonProblems.Unauthenticated);
            },
            OnForbidden = async forbidden =>
            {
                forbidden.Response.StatusCode = 403;
                await WriteAsync(forbidden.HttpContext, Problems.CommonProblems.Forbidden);
            },
        };
    }

    private static async Task TakeOnBehalfAsync(TokenValidatedContext validated)
    {
        if (!validated.Request.Headers.ContainsKey(TokenRules.OnBehalfOfHeader))
            return;
        var person = await validated.HttpContext.AuthenticateAsync(OnBehalfScheme);
        if (person.Principal is { } principal)
            validated.HttpContext.Features.Set(new OnBehalfOf(principal));
        else
            validated.Fail("The token of the person on whose behalf the call is made is not good.");
    }

    private static ValueTask WriteAsync(HttpContext context, Problems.Problem problem) =>
        context.RequestServices.GetRequiredService<IProblemDetailsService>()
            .WriteAsync(new() { HttpContext = context, ProblemDetails = problem.Details() });
}

/// <summary>Feature of a request to an internal route: the person on whose behalf the calling service asks, as the person's own token says.</summary>
/// <param name="Person">Validated.</param>
public sealed record OnBehalfOf(ClaimsPrincipal Person);

/// <summary>Endpoint metadata: the permission that it needs.</summary>
/// <param name="Permission">For example <c>service.thing.read</c>.</param>
public sealed record RequiredPermission(string Permission);
