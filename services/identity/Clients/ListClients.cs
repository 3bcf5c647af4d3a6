using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using OpenIddict.EntityFrameworkCore.Models;
using Tarasol.Identity.Data;
using Tarasol.ServiceDefaults.Requests;

namespace Tarasol.Identity.Clients;

/// <summary>GET /api/identity/clients: the tenant's own apps, without those that come with the platform.</summary>
public static class ListClients
{
    public sealed record Item(string ClientId, string? DisplayName, IReadOnlyList<string> RedirectUris, IReadOnlyList<string> PostLogoutRedirectUris);

    public static async Task<Ok<Page<Item>>> HandleAsync(Paging paging, AccountsDbContext db, CancellationToken cancel)
    {
        var rows = await db.Set<OpenIddictEntityFrameworkCoreApplication<Guid>>().AsNoTracking()
            .Where(client => client.RedirectUris != null && (paging.After == null || client.Id > paging.After))
            .OrderBy(client => client.Id).Take(paging.Limit + 1).ToListAsync(cancel);
        return TypedResults.Ok(paging.Page(rows, client => client.Id, client => new Item(client.ClientId!, client.DisplayName, Uris(client.RedirectUris), Uris(client.PostLogoutRedirectUris))));
    }

    private static IReadOnlyList<string> Uris(string? json) => string.IsNullOrEmpty(json) ? [] : JsonSerializer.Deserialize<List<string>>(json)!;
}
