using Tarasol.Delegations.Granting;
using Tarasol.Delegations.People;

namespace Tarasol.Delegations.Authority;

/// <summary>Who could act or see for a person, from what was recorded. Only what one person gave another directly counts: nothing is passed on.</summary>
public static class AuthorityRules
{
    /// <summary>Somebody could act for the person in this time.</summary>
    /// <param name="Person">Who.</param>
    /// <param name="By">Null: it is the person's own.</param>
    /// <param name="Time">When.</param>
    /// <param name="Level">How far.</param>
    /// <param name="Principal">What was true of the principal.</param>
    /// <param name="Delegate">What was true of the delegate; null when it is the person's own.</param>
    public sealed record Held(string Person, Delegation? By, Span Time, Confidentiality Level, PersonFact Principal, PersonFact? Delegate);

    /// <summary>When a delegation held; null: never.</summary>
    public static Span? InForce(Delegation delegation)
    {
        if (delegation.Changes.FirstOrDefault(change => change.Kind == DelegationState.Accepted) is not { } accepted)
            return null;
        var ended = delegation.Changes.FirstOrDefault(change => change.Kind == DelegationState.Ended)?.At ?? DateTimeOffset.MaxValue;
        return new Span(delegation.StartsAt, delegation.EndsAt).Meet(new(accepted.At, ended));
    }

    /// <summary>The person's own authority and that of each delegate, in order of time.</summary>
    public static IReadOnlyList<Held> Of(string user, Span window, IEnumerable<Delegation> delegations, PersonHistory people) =>
    [
        .. Own(user, window, people)
            .Concat(delegations.Where(delegation => delegation.Principal == user).SelectMany(delegation => Delegated(delegation, window, people)))
            .OrderBy(held => held.Time.From).ThenBy(held => held.By?.Id),
    ];

    /// <summary>When and how far a delegation let its delegate act.</summary>
    public static IEnumerable<Held> Delegated(Delegation delegation, Span window, PersonHistory people)
    {
        if (InForce(delegation)?.Meet(window) is not { } time)
            return [];
        return Joined(time.CutAt(people.Turns(delegation.Principal).Concat(people.Turns(delegation.Delegate)))
            .Select(piece => (Piece: piece, Principal: people.At(delegation.Principal, piece.From), Delegate: people.At(delegation.Delegate, piece.From)))
            .Where(each => each is { Principal.Active: true, Delegate.Active: true })
            .Select(each =>
            {
                var highest = DelegationRules.Highest(each.Principal!.Clearance, each.Delegate!.Clearance);
                return new Held(delegation.Delegate, delegation, each.Piece, highest < delegation.Confidentiality ? highest : delegation.Confidentiality, each.Principal, each.Delegate);
            }));
    }

    private static IEnumerable<Held> Own(string user, Span window, PersonHistory people) => Joined(window.CutAt(people.Turns(user))
        .Select(piece => (Piece: piece, Fact: people.At(user, piece.From)))
        .Where(each => each.Fact is { Active: true })
        .Select(each => new Held(user, null, each.Piece, DelegationRules.Highest(each.Fact!.Clearance, each.Fact.Clearance), each.Fact, null)));

    // Pieces that follow each other and differ in nothing are one.
    private static List<Held> Joined(IEnumerable<Held> pieces)
    {
        var joined = new List<Held>();
        foreach (var piece in pieces)
        {
            if (joined.Count > 0 && joined[^1] is var last && last.Time.Until == piece.Time.From && last.Principal.Clearance == piece.Principal.Clearance && last.Delegate?.Clearance == piece.Delegate?.Clearance)
                joined[^1] = last with { Time = new(last.Time.From, piece.Time.Until) };
            else
                joined.Add(piece);
        }
        return joined;
    }
}
