using Tarasol.Tenancy.Catalogue;

namespace Tarasol.Tenants.Tenants;

/// <summary>An organisation that uses the platform.</summary>
public sealed class Tenant
{
    public Guid Id { get; init; }

    /// <summary>Short name, unique for good: in tokens, headers, events and database locations.</summary>
    public required string Slug { get; init; }

    public required string NameAr { get; set; }

    public required string NameEn { get; set; }

    public TenantStatus Status { get; set; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? ActivatedAt { get; set; }

    /// <summary>Null unless it is suspended now.</summary>
    public DateTimeOffset? SuspendedAt { get; set; }

    public DateTimeOffset? ArchivedAt { get; set; }

    /// <summary>When the status or a setting changed last; services ask what changed lately.</summary>
    public DateTimeOffset? ChangedAt { get; set; }

    /// <summary>Accounts at most; null: no limit.</summary>
    public int? MaxUsers { get; set; }

    /// <summary>What its files may take at most; null: no limit.</summary>
    public long? MaxStorageBytes { get; set; }

    /// <summary>Requests of all its people together at most; null: no limit.</summary>
    public int? RequestsPerMinute { get; set; }

    public TenantLanguage DefaultLanguage { get; set; }

    public TenantCalendar Calendar { get; set; }

    /// <summary>Row version, and the entity tag.</summary>
    public int Version { get; set; } = 1;

    /// <summary>Name of the first administrator, made at the end of provisioning.</summary>
    public string? AdminUserName { get; init; }

    /// <summary>The administrator's first password, sealed; null once the account is made.</summary>
    public string? AdminPassword { get; set; }

    /// <summary>The caller's Idempotency-Key.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>Keyed digest of the request, to know the same one when it comes again.</summary>
    public string? RequestPrint { get; init; }
}

/// <summary>The language of texts that nobody asked for in another one.</summary>
public enum TenantLanguage
{
    Ar,
    En,
}

/// <summary>In which calendar dates are shown first.</summary>
public enum TenantCalendar
{
    Gregorian,

    /// <summary>Umm al-Qura.</summary>
    Hijri,
}

/// <summary>A host name by which a tenant is reached.</summary>
public sealed class TenantHost
{
    /// <summary>Lower case; belongs to one tenant.</summary>
    public required string Host { get; init; }

    public required string Slug { get; init; }
}
