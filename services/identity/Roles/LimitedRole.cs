namespace Tarasol.Identity.Roles;

/// <summary>A role that a person has for one unit and those below it.</summary>
public sealed class LimitedRole
{
    public Guid UserId { get; init; }

    public Guid RoleId { get; init; }

    public Guid UnitId { get; init; }

    public bool IsSame(LimitedRole other) => UserId == other.UserId && RoleId == other.RoleId && UnitId == other.UnitId;
}
