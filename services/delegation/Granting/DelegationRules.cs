namespace Tarasol.Delegations.Granting;

/// <summary>What may stand beside what.</summary>
public static class DelegationRules
{
    /// <summary>What a new delegation collides with.</summary>
    /// <param name="With">The one that stands.</param>
    public sealed record Collision(CollisionKind Kind, Delegation With);

    public enum CollisionKind
    {
        /// <summary>The principal has delegated the same work already: it would not be clear who has it.</summary>
        SameWork,

        /// <summary>The principal acts for somebody else in the same work, which may not be passed on.</summary>
        PassedOn,

        /// <summary>The delegate has given the same work away and would not be there for it.</summary>
        DelegateAway,
    }

    /// <summary>Null: the new delegation may stand beside all these.</summary>
    public static Collision? Collides(Delegation wanted, IEnumerable<Delegation> standing, UnitSets sets)
    {
        foreach (var other in standing)
        {
            if (other.Id == wanted.Id || wanted.StartsAt >= other.EndsAt || other.StartsAt >= wanted.EndsAt || Kind(wanted, other) is not { } kind || !wanted.Scope.Overlaps(other.Scope, sets))
                continue;
            return new(kind, other);
        }
        return null;
    }

    /// <summary>The most that one person can let another see: what both may see.</summary>
    public static Confidentiality Highest(int principal, int @delegate) => (Confidentiality)Math.Clamp(Math.Min(principal, @delegate), (int)Confidentiality.Normal, (int)Confidentiality.TopSecret);

    private static CollisionKind? Kind(Delegation wanted, Delegation other) =>
        other.Principal == wanted.Principal ? CollisionKind.SameWork
        : other.Delegate == wanted.Principal ? CollisionKind.PassedOn
        : other.Principal == wanted.Delegate ? CollisionKind.DelegateAway
        : null;
}
