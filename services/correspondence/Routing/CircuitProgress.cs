using Tarasol.Correspondence.Circuits;
using Tarasol.Correspondence.Letters;

namespace Tarasol.Correspondence.Routing;

/// <summary>
/// Where a letter goes next, from its circuit and what was decided so far, and from nothing else. A step has agreed when its quorum has; it has refused when so many rejected that the
/// quorum cannot be reached any more, and then nothing goes on. A return counts at once.
/// </summary>
public static class CircuitProgress
{
    /// <summary>What is to happen.</summary>
    public abstract record Next;

    /// <summary>People are to be asked.</summary>
    /// <param name="Step">Place in the circuit.</param>
    /// <param name="Round">Of the letter's way.</param>
    public sealed record Open(int Step, int Round) : Next;

    /// <summary>Somebody has to decide first.</summary>
    public sealed record Wait : Next;

    /// <summary>The way is at its end.</summary>
    public sealed record Finish(LetterStatus Outcome) : Next;

    /// <summary>Says what is next.</summary>
    /// <param name="circuit">Its steps.</param>
    /// <param name="letter">As it is now.</param>
    /// <param name="asked">Whoever was asked so far.</param>
    public static Next Of(IReadOnlyList<CircuitStep> circuit, LetterFacts letter, IReadOnlyCollection<RoutingStep> asked)
    {
        if (asked.Count == 0)
            return From(0, 1);
        var round = asked.Max(step => step.Round!.Value);
        var place = asked.Where(step => step.Round == round).Max(step => step.CircuitStep!.Value);
        var answering = asked.Where(step => step.Round == round && step.CircuitStep == place && step.Kind != StepKind.Inform).ToList();
        if (answering.Where(step => step.Decision == Decision.Return).MinBy(step => step.DecidedAt) is { } returned)
        {
            var target = circuit.Take(place).Index().Where(step => step.Item.Key == returned.ReturnTo).Select(step => (int?)step.Index).FirstOrDefault();
            return target is { } back ? new Open(back, round + 1) : new Finish(LetterStatus.Returned);
        }
        var needed = circuit[place].Quorum switch
        {
            Quorum.All => answering.Count,
            Quorum.Any => Math.Min(1, answering.Count),
            _ => Math.Min(circuit[place].Count ?? 1, answering.Count),
        };
        var rejected = answering.Count(step => step.Decision == Decision.Reject);
        if (answering.Count(step => step.Decision is not null && step.Decision != Decision.Reject) >= needed)
            return From(place + 1, round);
        return answering.Count - rejected < needed ? new Finish(LetterStatus.Rejected) : new Wait();

        Next From(int first, int inRound)
        {
            for (var index = first; index < circuit.Count; index++)
            {
                if (circuit[index].AppliesTo(letter))
                    return new Open(index, inRound);
            }
            return new Finish(LetterStatus.Approved);
        }
    }

    /// <summary>Keys of the steps that somebody at this place can return the letter to. None once it is signed: after that nothing of it changes.</summary>
    public static IReadOnlyList<string> ReturnTargets(IReadOnlyList<CircuitStep> circuit, int place, IReadOnlyCollection<RoutingStep> asked) =>
        [.. circuit.Take(place).Index().Where(step => asked.Any(each => each.CircuitStep == step.Index)).Select(step => step.Item.Key)];

    /// <summary>True when the letter was signed on this way.</summary>
    public static bool IsSigned(IEnumerable<RoutingStep> asked) => asked.Any(step => step.Decision == Decision.Sign);
}
