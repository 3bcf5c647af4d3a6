using System.Globalization;
using System.Security.Claims;
using System.Text.Json;

namespace Tarasol.ServiceDefaults.Auth;

/// <summary>Reads what a validated token says of its subject.</summary>
public static class Caller
{
    /// <summary>The subject's id. Throws when the token has none, which validation excludes.</summary>
    public static Guid UserId(this ClaimsPrincipal user) => Guid.Parse(user.FindFirstValue("sub")!, CultureInfo.InvariantCulture);

    /// <summary>The name that the subject signs in with.</summary>
    public static string UserName(this ClaimsPrincipal user) => user.FindFirstValue(TokenRules.UserNameClaim) ?? user.FindFirstValue("sub") ?? "";

    /// <summary>The session of the token; null when it is of none.</summary>
    public static Guid? SessionId(this ClaimsPrincipal user) => Guid.TryParse(user.FindFirstValue(TokenRules.SessionClaim), out var id) ? id : null;

    /// <summary>0 (normal) to 3 (top secret); 0 when the token says nothing.</summary>
    public static int Clearance(this ClaimsPrincipal user) =>
        int.TryParse(user.FindFirstValue(TokenRules.ClearanceClaim), CultureInfo.InvariantCulture, out var level) ? level : 0;

    /// <summary>
    /// For which branches of the organisation the subject has the permission: ids of their roots. Null: for all of it. Empty: for none.
    /// </summary>
    public static IReadOnlyList<Guid>? BranchesOf(this ClaimsPrincipal user, string permission)
    {
        if (user.Has(permission))
            return null;
        if (user.FindFirstValue(TokenRules.BranchPermissionsClaim) is not { } json)
            return [];
        using var claim = JsonDocument.Parse(json);
        return claim.RootElement.TryGetProperty(permission, out var roots) ? [.. roots.EnumerateArray().Select(root => root.GetGuid())] : [];
    }

    /// <summary>True when the subject has the permission for the whole organisation.</summary>
    public static bool Has(this ClaimsPrincipal user, string permission) => user.HasClaim(TokenRules.PermissionClaim, permission);
}
