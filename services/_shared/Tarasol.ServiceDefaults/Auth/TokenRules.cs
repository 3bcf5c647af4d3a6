namespace Tarasol.ServiceDefaults.Auth;

/// <summary>What identity puts into tokens and every service checks.</summary>
public static class TokenRules
{
    /// <summary>Audience of the tokens of people and their apps.</summary>
    public const string PublicAudience = "tarasol";

    /// <summary>Audience of service-to-service tokens; the only ones that /internal takes.</summary>
    public const string InternalAudience = "tarasol-internal";

    /// <summary>Claim: slug of the tenant that the subject belongs to.</summary>
    public const string TenantClaim = "tenant";

    /// <summary>Claim: one of the subject's permissions; repeated.</summary>
    public const string PermissionClaim = "perm";

    /// <summary>Claim: permissions that the subject has for branches of the organisation only: an object with ids of the branches' roots by permission.</summary>
    public const string BranchPermissionsClaim = "perm_in";

    /// <summary>Claim: one of the subject's roles; repeated.</summary>
    public const string RoleClaim = "roles";

    /// <summary>Claim: highest confidentiality level that the subject may see, 0 to 3.</summary>
    public const string ClearanceClaim = "clearance";

    /// <summary>Claim: the name that the subject signs in with.</summary>
    public const string UserNameClaim = "preferred_username";

    /// <summary>Claim: the session that the token belongs to; it can be ended.</summary>
    public const string SessionClaim = "sid";

    /// <summary>Claim: version of the subject's rights; a token of an older version can be revoked.</summary>
    public const string VersionClaim = "ver";

    /// <summary>Claim of a service's own token: app-ids of the services that it may call, parted by spaces.</summary>
    public const string ScopeClaim = "scope";

    /// <summary>Header of a call between services: the token of the person on whose behalf it is made.</summary>
    public const string OnBehalfOfHeader = "Tarasol-On-Behalf-Of";

    /// <summary>Header that names the tenant before login and between services.</summary>
    public const string TenantHeader = "X-Tenant";
}
