using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Tarasol.Correspondence.Circuits;
using Tarasol.Correspondence.Letters;
using Tarasol.Correspondence.Routing;

namespace Tarasol.Tests.Unit.Correspondence;

public sealed class CircuitCheckTests
{
    private static readonly CircuitItem ByOmar = new(StepKind.Approve, new(AssigneeType.User, User: "omar"), 24);

    [Fact]
    public void A_plain_circuit_is_sound() =>
        Assert.Empty(CircuitCheck.Of([new("one", [ByOmar, ByOmar], Quorum.Any), new("two", [ByOmar with { Kind = StepKind.Sign }])], CircuitSamples.People));

    public static TheoryData<string, string> Faults => new()
    {
        { "step-key-taken", "steps[1].key" },
        { "quorum-too-high", "steps[0].count" },
        { "quorum-count", "steps[0].count" },
        { "quorum-mixed", "steps[0].items" },
        { "item-without-owner", "steps[0].items[0].assignee" },
        { "assignee-impossible", "steps[0].items[0].assignee" },
        { "condition-unsound", "steps[0].when[0]" },
        { "step-never-reached", "steps[1].when" },
        { "dead-end", "steps" },
        { "approve-after-sign", "steps[1].items[0].kind" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void Every_fault_is_named_with_its_place(string code, string at)
    {
        var sound = new CircuitStep("one", [ByOmar]);
        IReadOnlyList<CircuitStep> broken = code switch
        {
            "step-key-taken" => [sound, sound],
            "quorum-too-high" => [sound with { Quorum = Quorum.Count, Count = 2 }],
            "quorum-count" => [sound with { Quorum = Quorum.Count }],
            "quorum-mixed" => [sound with { Quorum = Quorum.Any, Items = [ByOmar, ByOmar with { Kind = StepKind.Comment }] }],
            "item-without-owner" => [sound with { Items = [ByOmar with { Assignee = new(AssigneeType.Chosen) }] }],
            "assignee-impossible" => [sound with { Items = [ByOmar with { Assignee = new(AssigneeType.UnitHead, UnitId: CircuitSamples.EmptyUnit) }] }],
            "condition-unsound" => [sound with { When = [new(LetterField.Direction, Comparison.OneOf, ["sideways"])] }],
            "step-never-reached" => [sound, sound with { Key = "two", When = [new(LetterField.Direction, Comparison.OneOf, ["incoming"]), new(LetterField.Direction, Comparison.NoneOf, ["incoming"])] }],
            "dead-end" => [sound with { When = [new(LetterField.Confidentiality, Comparison.AtMost, ["secret"])] }],
            _ => [sound with { Items = [ByOmar with { Kind = StepKind.Sign }] }, sound with { Key = "two" }],
        };
        var finding = Assert.Single(CircuitCheck.Of(broken, CircuitSamples.People));
        Assert.Equal((code, at), (finding.Code, finding.At));
    }

    // Seed and case are in the message of a failure.
    [Property(MaxTest = 1500)]
    public Property A_letter_that_everybody_agrees_with_comes_through_a_sound_circuit_and_somebody_decided() => Prop.ForAll(CircuitSamples.Circuits().ToArbitrary(), circuit =>
    {
        var sound = CircuitCheck.Of(circuit, CircuitSamples.People).Count == 0;
        var fates = CircuitCheck.Sorts(circuit).Select(letter => Walk(circuit, letter)).ToList();
        return (!sound || fates.All(fate => fate is { Outcome: LetterStatus.Approved, Decided: true })).Classify(sound, "sound");
    });

    [Property(MaxTest = 300)]
    public Property A_circuit_in_which_some_letter_is_decided_by_nobody_is_never_sound() => Prop.ForAll(CircuitSamples.Circuits().ToArbitrary(), circuit =>
    {
        if (circuit.SelectMany(step => step.When ?? []).Any(condition => !condition.IsSound))
            return CircuitCheck.Of(circuit, CircuitSamples.People).Any(finding => finding.Code == "condition-unsound");
        var lost = CircuitCheck.Sorts(circuit).Any(letter => !circuit.Where(step => step.AppliesTo(letter)).SelectMany(step => step.Items).Any(item => item.Kind is StepKind.Approve or StepKind.Sign));
        return lost == CircuitCheck.Of(circuit, CircuitSamples.People).Any(finding => finding.Code == "dead-end");
    });

    [Property(MaxTest = 300)]
    public Property After_a_refusal_nothing_goes_on() => Prop.ForAll(CircuitSamples.Circuits().ToArbitrary(), Gen.Choose(0, int.MaxValue).ToArbitrary(), (circuit, seed) =>
    {
        if (CircuitCheck.Of(circuit, CircuitSamples.People).Count > 0)
            return true;
        var random = new Random(seed);
        var asked = new List<RoutingStep>();
        var letter = CircuitCheck.Sorts(circuit).First();
        for (var turn = 0; turn < 200; turn++)
        {
            switch (CircuitProgress.Of(circuit, letter, asked))
            {
                case CircuitProgress.Open open:
                    Ask(circuit, open, asked);
                    break;
                case CircuitProgress.Finish { Outcome: LetterStatus.Rejected }:
                    // Whatever the others of the step still say.
                    Answer(asked, step => step.Decision is null, Decision.Approve);
                    return CircuitProgress.Of(circuit, letter, asked) is not CircuitProgress.Open || circuit[asked[^1].CircuitStep!.Value].Quorum != Quorum.All;
                case CircuitProgress.Finish:
                    return true;
                default:
                    var waiting = asked.Where(step => step.Decision is null && step.Kind != StepKind.Inform && step.CircuitStep == asked[^1].CircuitStep && step.Round == asked[^1].Round).ToList();
                    if (waiting.Count == 0)
                        return false;
                    var one = waiting[random.Next(waiting.Count)];
                    one.Decision = random.Next(4) == 0 ? Decision.Reject : Decision.Approve;
                    break;
            }
        }
        return false;
    });

    [Fact]
    public void A_return_to_a_step_begins_a_new_round_there_and_one_to_the_author_ends_the_way()
    {
        IReadOnlyList<CircuitStep> circuit = [new("draft", [ByOmar]), new("check", [ByOmar]), new("sign", [ByOmar with { Kind = StepKind.Sign }])];
        var letter = CircuitCheck.Sorts(circuit).First();
        var asked = new List<RoutingStep>();
        Ask(circuit, new(0, 1), asked);
        Answer(asked, _ => true, Decision.Approve);
        Ask(circuit, new(1, 1), asked);
        Answer(asked, step => step.CircuitStep == 1, Decision.Approve);
        Ask(circuit, new(2, 1), asked);
        Assert.Equal(["draft", "check"], CircuitProgress.ReturnTargets(circuit, 2, asked));
        asked[^1].Decision = Decision.Return;
        asked[^1].ReturnTo = "check";
        Assert.Equal(new CircuitProgress.Open(1, 2), CircuitProgress.Of(circuit, letter, asked));
        asked[^1].ReturnTo = null;
        Assert.Equal(new CircuitProgress.Finish(LetterStatus.Returned), CircuitProgress.Of(circuit, letter, asked));
    }

    [Theory]
    [InlineData(Quorum.All, null, 1, 0, false)]
    [InlineData(Quorum.All, null, 3, 0, true)]
    [InlineData(Quorum.Any, null, 1, 0, true)]
    [InlineData(Quorum.Any, null, 1, 2, true)]
    [InlineData(Quorum.Count, 2, 1, 1, false)]
    [InlineData(Quorum.Count, 2, 2, 1, true)]
    public void A_step_has_agreed_when_its_quorum_has(Quorum quorum, int? count, int approved, int rejected, bool agreed)
    {
        IReadOnlyList<CircuitStep> circuit = [new("one", [ByOmar, ByOmar, ByOmar], quorum, count)];
        var asked = new List<RoutingStep>();
        Ask(circuit, new(0, 1), asked);
        for (var index = 0; index < approved + rejected; index++)
            asked[index].Decision = index < approved ? Decision.Approve : Decision.Reject;
        Assert.Equal(agreed, CircuitProgress.Of(circuit, CircuitCheck.Sorts(circuit).First(), asked) is CircuitProgress.Finish { Outcome: LetterStatus.Approved });
    }

    // A naive walk: everybody agrees.
    private static (LetterStatus? Outcome, bool Decided) Walk(IReadOnlyList<CircuitStep> circuit, LetterFacts letter)
    {
        var asked = new List<RoutingStep>();
        for (var turn = 0; turn < 100; turn++)
        {
            switch (CircuitProgress.Of(circuit, letter, asked))
            {
                case CircuitProgress.Open open:
                    Ask(circuit, open, asked);
                    break;
                case CircuitProgress.Finish finish:
                    return (finish.Outcome, asked.Any(step => step.Kind is StepKind.Approve or StepKind.Sign && step.Decision is not null));
                default:
                    if (asked.FirstOrDefault(step => step.Decision is null && step.Kind != StepKind.Inform) is not { } next)
                        return (null, false);
                    next.Decision = Decision.Approve;
                    break;
            }
        }
        return (null, false);
    }

    private static void Ask(IReadOnlyList<CircuitStep> circuit, CircuitProgress.Open open, List<RoutingStep> asked)
    {
        foreach (var item in circuit[open.Step].Items)
            asked.Add(new() { Number = asked.Count + 1, Assignee = "", Kind = item.Kind, CircuitStep = open.Step, Round = open.Round });
    }

    private static void Answer(List<RoutingStep> asked, Func<RoutingStep, bool> which, Decision decision) => asked.Where(which).ToList().ForEach(step => step.Decision ??= decision);
}
