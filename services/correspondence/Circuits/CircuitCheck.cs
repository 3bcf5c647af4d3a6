using Tarasol.Correspondence.Letters;
using Tarasol.Correspondence.Routing;
using Tarasol.ServiceDefaults.Problems;

namespace Tarasol.Correspondence.Circuits;

/// <summary>What is wrong with a circuit, and where.</summary>
/// <param name="Code">Stable.</param>
/// <param name="At">Path as in <c>steps[0].items[1].assignee</c>.</param>
/// <param name="Text">For people.</param>
public sealed record Finding(string Code, string At, string Text);

/// <summary>Whom there is to ask, when a circuit is checked.</summary>
/// <param name="Users">User names.</param>
/// <param name="Units">The people of each unit that the circuit names; a unit that is not here does not exist.</param>
/// <param name="Led">Those of the units that somebody leads.</param>
public sealed record KnownPeople(IReadOnlySet<string> Users, IReadOnlyDictionary<Guid, IReadOnlyList<KnownPeople.Member>> Units, IReadOnlySet<Guid> Led)
{
    public sealed record Member(string UserName, IReadOnlyList<string> Roles, int Clearance);
}

/// <summary>
/// Whether every letter that is sent through a circuit comes to its end there: no dead end, nobody asked who does not exist, no item without an owner, no quorum that cannot be
/// reached, nothing decided anew after signing. Looks at nothing but what it is given.
/// </summary>
public static class CircuitCheck
{
    private static readonly Text KeyTaken = new("another step has this key", "توجد خطوة أخرى بهذا المفتاح");
    private static readonly Text CountMissing = new("a number is needed with the quorum count, and only with it", "يلزم عدد مع النصاب count ولا يرد مع غيره");
    private static readonly Text TooHigh = new("{0} have to agree, but only {1} are asked", "يلزم موافقة {0} بينما يُسأل {1} فقط");
    private static readonly Text Mixed = new("those of whom not all have to answer must be asked for the same", "من لا تلزم إجابتهم جميعا يجب أن يُطلب منهم الشيء نفسه");
    private static readonly Text Ownerless = new("{0} is needed for this kind of assignee", "يلزم {0} لهذا النوع من المكلفين");
    private static readonly Text NoSuchUser = new("there is no such user", "لا يوجد مستخدم بهذا الاسم");
    private static readonly Text NoSuchUnit = new("there is no such unit", "لا توجد وحدة بهذا المعرف");
    private static readonly Text NobodyThere = new("nobody in that unit could be asked", "لا يوجد في تلك الوحدة من يمكن تكليفه");
    private static readonly Text BadCondition = new("the field does not take this comparison or one of the values", "الحقل لا يقبل هذه المقارنة أو إحدى القيم");
    private static readonly Text Never = new("the conditions hold for no letter", "الشروط لا تنطبق على أي خطاب");
    private static readonly Text DeadEnd = new("nobody approves or signs a letter that is {0}, {1}, {2}, {3}", "لا أحد يعتمد أو يوقع خطابا صفته {0}، {1}، {2}، {3}");
    private static readonly Text AfterSigning = new("after a step that signs the letter nobody can approve it", "لا اعتماد بعد خطوة توقيع الخطاب");

    /// <summary>All that is wrong; empty: it can be published.</summary>
    public static IReadOnlyList<Finding> Of(IReadOnlyList<CircuitStep> steps, KnownPeople people)
    {
        var findings = new List<Finding>();
        var keys = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (index, step) in steps.Index())
        {
            var at = $"steps[{index}]";
            if (!keys.Add(step.Key))
                findings.Add(new("step-key-taken", $"{at}.key", KeyTaken.ToString()));
            CheckQuorum(step, at, findings);
            foreach (var (number, item) in step.Items.Index())
            {
                if (WrongAssignee(item.Assignee, people) is var (code, text))
                    findings.Add(new(code, $"{at}.items[{number}].assignee", text));
                if (item.Kind == StepKind.Approve && steps.Take(index).Any(before => before.Items.Any(each => each.Kind == StepKind.Sign)))
                    findings.Add(new("approve-after-sign", $"{at}.items[{number}].kind", AfterSigning.ToString()));
            }
            foreach (var (number, condition) in (step.When ?? []).Index())
            {
                if (!condition.IsSound)
                    findings.Add(new("condition-unsound", $"{at}.when[{number}]", BadCondition.ToString()));
            }
        }
        // What conditions mean is looked at only when they mean something.
        if (!findings.Exists(finding => finding.Code == "condition-unsound"))
            CheckWays(steps, findings);
        return findings;
    }

    /// <summary>One letter of every sort that the circuit's conditions can tell apart.</summary>
    public static IEnumerable<LetterFacts> Sorts(IReadOnlyList<CircuitStep> steps)
    {
        // A unit that no condition names stands for all those.
        var units = steps.SelectMany(step => step.When ?? []).Where(condition => condition.Field == LetterField.OwnerUnit)
            .SelectMany(condition => condition.Values).Select(unit => unit.ToLowerInvariant()).Append(Guid.Empty.ToString()).Distinct().ToList();
        var types = steps.SelectMany(step => step.When ?? []).Where(condition => condition.Field == LetterField.LetterType).SelectMany(condition => condition.Values).Append("").Distinct().ToList();
        return from direction in Condition.ValuesOf(LetterField.Direction)!
               from language in Condition.ValuesOf(LetterField.Language)!
               from urgency in Condition.ValuesOf(LetterField.Urgency)!
               from confidentiality in Condition.ValuesOf(LetterField.Confidentiality)!
               from unit in units
               from type in types
               select new LetterFacts(direction, language, urgency, confidentiality, unit, type);
    }

    private static void CheckQuorum(CircuitStep step, string at, List<Finding> findings)
    {
        var answering = step.Items.Where(item => item.Kind != StepKind.Inform).ToList();
        if (step.Quorum == Quorum.Count != step.Count is not null)
            findings.Add(new("quorum-count", $"{at}.count", CountMissing.ToString()));
        else if (step.Count > answering.Count)
            findings.Add(new("quorum-too-high", $"{at}.count", TooHigh.With(step.Count, answering.Count)));
        if (step.Quorum != Quorum.All && answering.Select(item => item.Kind).Distinct().Count() > 1)
            findings.Add(new("quorum-mixed", $"{at}.items", Mixed.ToString()));
    }

    private static (string Code, string Text)? WrongAssignee(Assignee assignee, KnownPeople people)
    {
        switch (assignee.Type)
        {
            case AssigneeType.User when string.IsNullOrWhiteSpace(assignee.User):
                return ("item-without-owner", Ownerless.With("user"));
            case AssigneeType.User:
                return people.Users.Contains(assignee.User) ? null : ("assignee-impossible", NoSuchUser.ToString());
            case AssigneeType.Chosen:
                return string.IsNullOrWhiteSpace(assignee.Slot) ? ("item-without-owner", Ownerless.With("slot")) : null;
            case AssigneeType.UnitRole when string.IsNullOrWhiteSpace(assignee.Role):
                return ("item-without-owner", Ownerless.With("role"));
            case AssigneeType.Author:
                return null;
            default:
                // The letter's own unit is known only with the letter.
                if (assignee.UnitId is not { } unit)
                    return null;
                if (!people.Units.TryGetValue(unit, out var members))
                    return ("assignee-impossible", NoSuchUnit.ToString());
                if (assignee.Type == AssigneeType.UnitHead)
                    return people.Led.Contains(unit) ? null : ("assignee-impossible", NobodyThere.ToString());
                var role = assignee.Type == AssigneeType.UnitRole ? assignee.Role : null;
                return members.Any(member => role is null || member.Roles.Contains(role)) ? null : ("assignee-impossible", NobodyThere.ToString());
        }
    }

    private static void CheckWays(IReadOnlyList<CircuitStep> steps, List<Finding> findings)
    {
        var reached = new bool[steps.Count];
        LetterFacts? lost = null;
        foreach (var letter in Sorts(steps))
        {
            var decided = false;
            for (var index = 0; index < steps.Count; index++)
            {
                if (!steps[index].AppliesTo(letter))
                    continue;
                reached[index] = true;
                decided |= steps[index].Items.Any(item => item.Kind is StepKind.Approve or StepKind.Sign);
            }
            if (!decided)
                lost ??= letter;
        }
        foreach (var (index, _) in reached.Index().Where(step => !step.Item))
            findings.Add(new("step-never-reached", $"steps[{index}].when", Never.ToString()));
        if (lost is not null)
            findings.Add(new("dead-end", "steps", DeadEnd.With(lost.Direction, lost.Language, lost.Urgency, lost.Confidentiality)));
    }
}
