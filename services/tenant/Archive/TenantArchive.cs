using Tarasol.Tenants.Provisioning;

namespace Tarasol.Tenants.Archive;

/// <summary>The closing of a tenant: its data is gathered into one file, then it is archived.</summary>
public sealed class TenantArchive
{
    public required string Slug { get; init; }

    public ArchiveState State { get; set; }

    /// <summary>User name of the operator.</summary>
    public required string RequestedBy { get; set; }

    public DateTimeOffset RequestedAt { get; set; }

    public DateTimeOffset? FinishedAt { get; set; }

    /// <summary>Of the file, once it is there.</summary>
    public long? Bytes { get; set; }

    /// <summary>Hexadecimal, of the file.</summary>
    public string? Sha256 { get; set; }

    /// <summary>Why it was given up, where that is no service's own failure.</summary>
    public string? LastError { get; set; }
}

/// <summary>What one service gave of a tenant's data.</summary>
public sealed class TenantArchivePart
{
    public required string Slug { get; init; }

    /// <summary>App-id.</summary>
    public required string Service { get; init; }

    public StepState State { get; set; }

    /// <summary>So far, while it is under way.</summary>
    public long Rows { get; set; }

    /// <inheritdoc cref="Rows"/>
    public long Bytes { get; set; }

    /// <summary>Hexadecimal, of its file.</summary>
    public string? Sha256 { get; set; }

    /// <summary>Attempts that failed.</summary>
    public int Attempts { get; set; }

    public string? LastError { get; set; }
}

/// <summary>Where an archive stands.</summary>
public enum ArchiveState
{
    /// <summary>Its workflow runs; the tenant is suspended.</summary>
    Running,

    /// <summary>The file is there and the tenant is archived.</summary>
    Done,

    /// <summary>Given up; the tenant is suspended, and can be archived again or resumed.</summary>
    Failed,
}
