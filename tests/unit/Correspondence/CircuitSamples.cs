using FsCheck;
using FsCheck.Fluent;
using Tarasol.Correspondence.Circuits;
using Tarasol.Correspondence.Routing;

namespace Tarasol.Tests.Unit.Correspondence;

/// <summary>Circuits of every kind, sound ones and others, made of few names so that they collide.</summary>
internal static class CircuitSamples
{
    public static readonly Guid Unit = new("01890000-0000-7000-8000-000000000001");
    public static readonly Guid EmptyUnit = new("01890000-0000-7000-8000-000000000002");
    public static readonly Guid NoUnit = new("01890000-0000-7000-8000-000000000003");

    public static KnownPeople People { get; } = new(
        new HashSet<string> { "salma", "omar" },
        new Dictionary<Guid, IReadOnlyList<KnownPeople.Member>>
        {
            [Unit] = [new("salma", ["handler"], 1), new("omar", ["unit-head"], 3)],
            [EmptyUnit] = [],
        },
        new HashSet<Guid> { Unit });

    public static Gen<IReadOnlyList<CircuitStep>> Circuits() => 
        from count in Gen.Choose(1, 6)
        from steps in Gen.ListOf(Steps(), count)
        select (IReadOnlyList<CircuitStep>)[.. steps];

    private static Gen<CircuitStep> Steps() =>
        from key in Gen.Elements("one", "two", "three", "four", "five", "six", "seven", "eight")
        from asked in Gen.Choose(1, 3)
        from items in Gen.ListOf(Items(), asked)
        from quorum in Gen.Elements(Quorum.All, Quorum.All, Quorum.Any, Quorum.Count)
        from count in quorum == Quorum.Count ? Gen.Choose(1, 4).Select(number => (int?)number) : Gen.Frequency((9, Gen.Constant((int?)null)), (1, Gen.Constant((int?)2)))
        from conditions in Gen.Frequency((2, Gen.Constant<List<Condition>>([])), (1, Conditions().Select(condition => new List<Condition> { condition })))
        select new CircuitStep(key, [.. items], quorum, count, conditions.Count == 0 ? null : conditions);

    private static Gen<CircuitItem> Items() =>
        from kind in Gen.Elements(StepKind.Approve, StepKind.Approve, StepKind.Approve, StepKind.Sign, StepKind.Comment, StepKind.Act, StepKind.Inform)
        from assignee in Gen.Frequency(
            (12, Gen.Elements(
                new Assignee(AssigneeType.User, User: "salma"), new Assignee(AssigneeType.User, User: "omar"), new Assignee(AssigneeType.Author), new Assignee(AssigneeType.Unit),
                new Assignee(AssigneeType.Unit, UnitId: Unit), new Assignee(AssigneeType.UnitHead, UnitId: Unit), new Assignee(AssigneeType.UnitRole, UnitId: Unit, Role: "handler"),
                new Assignee(AssigneeType.Chosen, Slot: "signatory"))),
            (1, Gen.Elements(
                new Assignee(AssigneeType.User), new Assignee(AssigneeType.User, User: "nobody"), new Assignee(AssigneeType.Chosen), new Assignee(AssigneeType.UnitHead, UnitId: EmptyUnit),
                new Assignee(AssigneeType.Unit, UnitId: NoUnit), new Assignee(AssigneeType.UnitRole, UnitId: Unit), new Assignee(AssigneeType.UnitRole, UnitId: Unit, Role: "auditor"))))
        select new CircuitItem(kind, assignee, 24);

    private static Gen<Condition> Conditions() => Gen.OneOf(
        from field in Gen.Elements(LetterField.Direction, LetterField.Language, LetterField.Urgency, LetterField.Confidentiality)
        from comparison in Gen.Elements(Comparison.OneOf, Comparison.NoneOf)
        from values in Gen.SubListOf((IEnumerable<string>)Condition.ValuesOf(field)!).Where(values => values.Count > 0)
        select new Condition(field, comparison, [.. values]),
        from field in Gen.Elements(LetterField.Urgency, LetterField.Confidentiality)
        from comparison in Gen.Elements(Comparison.AtLeast, Comparison.AtMost)
        from value in Gen.Elements((IEnumerable<string>)Condition.ValuesOf(field)!)
        select new Condition(field, comparison, [value]),
        Gen.Constant(new Condition(LetterField.OwnerUnit, Comparison.OneOf, [Unit.ToString()])),
        Gen.Constant(new Condition(LetterField.LetterType, Comparison.NoneOf, ["invoice"])),
        Gen.Constant(new Condition(LetterField.Direction, Comparison.AtLeast, ["incoming"])));
}
