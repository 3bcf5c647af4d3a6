namespace Tarasol.Delegations.People;

/// <summary>What identity said of a person from a moment on. Facts are only ever added, so that it can be told what was true on any day.</summary>
public sealed class PersonFact
{
    public Guid Id { get; init; }

    public required string UserName { get; init; }

    public DateTimeOffset At { get; init; }

    /// <summary>0 to 3.</summary>
    public int Clearance { get; init; }

    /// <summary>False: the account is disabled or gone.</summary>
    public bool Active { get; init; }
}

/// <summary>Taken by whoever changes what stands of a person's delegations, so that two who do it at the same time notice each other.</summary>
public sealed class PersonTurn
{
    public required string UserName { get; init; }

    /// <summary>Row version.</summary>
    public int Version { get; set; }
}
