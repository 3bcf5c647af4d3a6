namespace Tarasol.Tenants.Provisioning;

/// <summary>One thing that is to be done for a tenant: a service's database, or the first administrator. The row tells how it went; the workflow does it.</summary>
public sealed class ProvisioningStep
{
    /// <summary>The step after all services: the first administrator's account.</summary>
    public const string FirstAdmin = "first-admin";

    public required string Slug { get; init; }

    /// <summary>App-id of the service, or <see cref="FirstAdmin"/>.</summary>
    public required string Name { get; init; }

    public StepState State { get; set; }

    /// <summary>Attempts that failed.</summary>
    public int Attempts { get; set; }

    /// <summary>Why the last one failed.</summary>
    public string? LastError { get; set; }

    /// <summary>About when it is tried again.</summary>
    public DateTimeOffset NextAttemptAt { get; set; }
}

/// <summary>Where a step stands.</summary>
public enum StepState
{
    /// <summary>To be done, again if it failed.</summary>
    Waiting,

    /// <summary>Done for good.</summary>
    Done,

    /// <summary>Given up after the last attempt; an operator has it tried again.</summary>
    Failed,
}
