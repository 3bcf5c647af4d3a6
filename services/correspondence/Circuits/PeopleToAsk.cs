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
        foreach (var unit in assignees.Select(each => each.UnitId).OfType<Guid>().Distinct())
        {
            if (await units.FindAsync(unit, cancel) is not null)
                members[unit] = [.. (await people.OfUnitAsync(unit, cancel)).Select(member => new KnownPeople.Member(member.UserName, member.Roles, member.Clearance))];
        }
        return new(users, members);
    }
}
