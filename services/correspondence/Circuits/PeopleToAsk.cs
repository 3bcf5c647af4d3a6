using Tarasol.Correspondence.Calls;

namespace Tarasol.Correspondence.Circuits;

/// <summary>Collects what <see cref="CircuitCheck"/> has to know of the people that a circuit names.</summary>
public sealed class PeopleToAsk(People people, UnitsOfTenant units)
{
    public async Task<KnownPeople> OfAsync(IReadOnlyList<CircuitStep> steps, CancellationToken cancel)
    {
        var assignees = steps.SelectMany(step => step.Items).Select(item => item.Assignee).ToList();
        var users = new HashSet<string>(StringComparer.Ordinal);
        foreach (var name in assignees.Where(each => each.Type == AssigneeType.User).Select(each => each.User).OfType<string>().Where(name => name.Length > 0).Distinct(StringComparer.Ordinal))
        {
            // The account's own spelling is the one that counts.
            if (await people.FindAsync(name, cancel) is { } person && person.UserName == name)
                users.Add(name);
        }
        var members = new Dictionary<Guid, IReadOnlyList<KnownPeople.Member>>();
        var led = new HashSet<Guid>();
        foreach (var id in assignees.Select(each => each.UnitId).OfType<Guid>().Distinct())
        {
            if (await units.FindAsync(id, cancel) is not { } unit)
                continue;
            members[id] = [.. (await people.OfUnitAsync(unit.InChargeId ?? id, cancel)).Select(member => new KnownPeople.Member(member.UserName, member.Roles, member.Clearance))];
            if (assignees.Exists(each => each.UnitId == id && each.Type == AssigneeType.UnitHead) && await units.HeadAsync(id, 0, cancel) is not null)
                led.Add(id);
        }
        return new(users, members, led);
    }
}
