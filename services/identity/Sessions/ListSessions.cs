using System.Security.Claims;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using OpenIddict.EntityFrameworkCore.Models;
using Tarasol.Identity.Data;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.ServiceDefaults.Requests;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Tarasol.Identity.Sessions;

/// <summary>GET /api/identity/sessions: where one is signed in.</summary>
public static class ListSessions
{
    /// <param name="Device">What the client called itself at sign-in (User-Agent).</param>
    /// <param name="Current">The session of the token that asks.</param>
    public sealed record Item(Guid Id, string? Client, string? Device, DateTimeOffset CreatedAt, DateTimeOffset LastUsedAt, DateTimeOffset ExpiresAt, bool Current);

    public static async Task<Ok<Page<Item>>> HandleAsync(ClaimsPrincipal caller, Paging paging, AccountsDbContext db, CancellationToken cancel) =>
        TypedResults.Ok(await OfAsync(caller.UserId(), caller, paging, db, cancel));

    internal static async Task<Page<Item>> OfAsync(Guid user, ClaimsPrincipal caller, Paging paging, AccountsDbContext db, CancellationToken cancel)
    {
        var subject = user.ToString();
        var rows = await db.Set<OpenIddictEntityFrameworkCoreAuthorization<Guid>>().AsNoTracking()
            .Where(grant => grant.Subject == subject && grant.Status == Statuses.Valid && (paging.After == null || grant.Id > paging.After))
            .OrderBy(grant => grant.Id).Take(paging.Limit + 1)
            .Select(grant => new
            {
                grant.Id,
                grant.Application!.ClientId,
                grant.Properties,
                grant.CreationDate,
                Token = grant.Tokens.Where(token => token.Type == TokenTypeIdentifiers.RefreshToken && token.Status == Statuses.Valid)
                    .OrderByDescending(token => token.CreationDate).Select(token => new { token.CreationDate, token.ExpirationDate }).FirstOrDefault(),
            }).ToListAsync(cancel);
        var current = caller.SessionId();
        return paging.Page(rows, row => row.Id, row => new Item(
            row.Id, row.ClientId, Device(row.Properties), Utc(row.CreationDate), Utc(row.Token?.CreationDate ?? row.CreationDate),
            Utc(row.Token?.ExpirationDate ?? row.CreationDate + UserSessions.AccessTokenLife), row.Id == current));
    }

    private static string? Device(string? properties)
    {
        if (string.IsNullOrEmpty(properties))
            return null;
        using var json = JsonDocument.Parse(properties);
        return json.RootElement.TryGetProperty(UserSessions.DeviceProperty, out var device) && device.GetString() is { Length: > 0 } text ? text : null;
    }

    private static DateTimeOffset Utc(DateTime? stored) => new(DateTime.SpecifyKind(stored!.Value, DateTimeKind.Utc));
}
