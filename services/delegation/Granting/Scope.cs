namespace Tarasol.Delegations.Granting;

/// <summary>For which work of the principal a delegation is. An empty list: all there are.</summary>
/// <param name="Units">Units that own the letters.</param>
/// <param name="LetterTypes">Codes of the letters' types.</param>
/// <param name="Actions">What the delegate may do.</param>
public sealed record Scope(IReadOnlyList<ScopeUnit> Units, IReadOnlyList<string> LetterTypes, IReadOnlyList<DelegatedAction> Actions)
{
    /// <summary>True when there can be a letter and an action that are in both.</summary>
    public bool Overlaps(Scope other, UnitSets sets) =>
        Meet(Actions, other.Actions) && Meet(LetterTypes, other.LetterTypes)
        && (Units.Count == 0 || other.Units.Count == 0 || Units.Any(mine => other.Units.Any(theirs => sets.Of(mine).Overlaps(sets.Of(theirs)))));

    /// <summary>True when it holds for such work; what is null is not asked for.</summary>
    public bool Covers(Guid? unit, string? letterType, DelegatedAction? action, UnitSets sets) =>
        (unit is null || Units.Count == 0 || Units.Any(each => sets.Of(each).Contains(unit.Value)))
        && (letterType is null || LetterTypes.Count == 0 || LetterTypes.Contains(letterType))
        && (action is null || Actions.Count == 0 || Actions.Contains(action.Value));

    private static bool Meet<T>(IReadOnlyList<T> one, IReadOnlyList<T> other) => one.Count == 0 || other.Count == 0 || one.Intersect(other).Any();
}

/// <summary>A unit, alone or with all below it.</summary>
public sealed record ScopeUnit(Guid UnitId, bool Subtree = false);

/// <summary>What can be done for somebody. Whoever may act on a letter may read it.</summary>
public enum DelegatedAction
{
    Approve,
    Sign,
    Comment,
    Act,
    Inform,
    Read,
}

public enum Confidentiality
{
    Normal,
    Restricted,
    Secret,
    TopSecret,
}

/// <summary>Which units a unit of a scope stands for.</summary>
/// <param name="Below">By root: the unit and all below it.</param>
public sealed record UnitSets(IReadOnlyDictionary<Guid, IReadOnlySet<Guid>> Below)
{
    public IReadOnlySet<Guid> Of(ScopeUnit unit) => unit.Subtree && Below.TryGetValue(unit.UnitId, out var all) && all.Count > 0 ? all : new HashSet<Guid> { unit.UnitId };
}
