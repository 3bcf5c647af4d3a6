using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http.HttpResults;
using OpenIddict.Abstractions;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.ServiceDefaults.Requests;
using Errors = Tarasol.ServiceDefaults.Problems.Errors;
using static OpenIddict.Abstractions.OpenIddictConstants;
using Allow = OpenIddict.Abstractions.OpenIddictConstants.Permissions;

namespace Tarasol.Identity.Clients;

/// <summary>POST /api/identity/clients: a browser or mobile app of the tenant, which signs people in by authorization code with PKCE. Such apps can keep no secret.</summary>
public static class CreateClient
{
    public static readonly Problem Taken = new("client-id-taken", 409, new("There is already a client with the id {0}.", "يوجد تطبيق بالمعرّف {0}."));

    public sealed record Request(
        [Required, MaxLength(100), RegularExpression("^[a-z0-9]+([.-][a-z0-9]+)*$")] string ClientId,
        [Required, MaxLength(200)] string DisplayName,
        [MinLength(1), MaxLength(20)] IReadOnlyList<string> RedirectUris,
        [MaxLength(20)] IReadOnlyList<string>? PostLogoutRedirectUris = null) : IValidated
    {
        public void Validate(Errors errors)
        {
            Clients.RedirectUris.Check(RedirectUris, "redirectUris", errors);
            Clients.RedirectUris.Check(PostLogoutRedirectUris ?? [], "postLogoutRedirectUris", errors);
        }
    }

    public sealed record Response(string ClientId);

    public static async Task<Results<Created<Response>, ProblemHttpResult>> HandleAsync(Body<Request> body, IOpenIddictApplicationManager clients, CancellationToken cancel)
    {
        var request = body.Value;
        if (await clients.FindByClientIdAsync(request.ClientId, cancel) is not null)
            return Taken.Result(request.ClientId);
        var client = new OpenIddictApplicationDescriptor
        {
            ClientId = request.ClientId,
            ClientType = ClientTypes.Public,
            ConsentType = ConsentTypes.Implicit,
            DisplayName = request.DisplayName,
            Permissions =
            {
                Allow.Endpoints.Authorization, Allow.Endpoints.Token, Allow.Endpoints.Revocation, Allow.Endpoints.EndSession,
                Allow.GrantTypes.AuthorizationCode, Allow.GrantTypes.RefreshToken, Allow.ResponseTypes.Code,
            },
            Requirements = { Requirements.Features.ProofKeyForCodeExchange },
        };
        client.RedirectUris.UnionWith(request.RedirectUris.Select(uri => new Uri(uri)));
        client.PostLogoutRedirectUris.UnionWith((request.PostLogoutRedirectUris ?? []).Select(uri => new Uri(uri)));
        await clients.CreateAsync(client, cancel);
        return TypedResults.Created($"/api/identity/clients/{request.ClientId}", new Response(request.ClientId));
    }
}
