using Microsoft.AspNetCore.Http.HttpResults;
using OpenIddict.Abstractions;
using Tarasol.ServiceDefaults.Problems;

namespace Tarasol.Identity.Clients;

/// <summary>DELETE /api/identity/clients/{clientId}: one of the tenant's own apps. Its refresh tokens are worth nothing any more; those that come with the platform stay.</summary>
public static class DeleteClient
{
    public static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(string clientId, IOpenIddictApplicationManager clients, CancellationToken cancel)
    {
        if (await clients.FindByClientIdAsync(clientId, cancel) is not { } client || (await clients.GetRedirectUrisAsync(client, cancel)).IsEmpty)
            return CommonProblems.NotFound.Result();
        await clients.DeleteAsync(client, cancel);
        return TypedResults.NoContent();
    }
}
