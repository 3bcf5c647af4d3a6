namespace Tarasol.Tasks.People;

/// <summary>What this service has to know of a person: identity owns the account, this is a copy that its events keep up to date.</summary>
public sealed class Person
{
    public required string UserName { get; init; }

    public Guid? UnitId { get; set; }

    /// <summary>0 to 3.</summary>
    public int Clearance { get; set; }

    /// <summary>Parted by spaces.</summary>
    public string Roles { get; set; } = "";

    /// <summary>False: disabled or removed; gets no work.</summary>
    public bool Active { get; set; }

    /// <summary>When identity said so; what it said before is not news.</summary>
    public DateTimeOffset AsOf { get; set; }

    public bool HasRole(string role) => Roles.Split(' ').Contains(role);
}
