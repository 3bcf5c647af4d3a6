using Tarasol.Correspondence.Calls;
using Tarasol.Correspondence.Circuits;
using Tarasol.Correspondence.Letters;

namespace Tarasol.Correspondence.Routing;

/// <summary>
/// Whom an item of a circuit means now. Only somebody who is there and cleared for the letter is asked; when nobody is, whoever sent the letter gets the item, so that no letter
/// waits for nobody.
/// </summary>
public sealed class Assignees(People people, UnitsOfTenant units)
{
    /// <param name="UserName">A person; null: the people of a unit.</param>
    /// <param name="UnitId">The unit that it is offered to.</param>
    /// <param name="Role">Those of the unit who have it.</param>
    /// <param name="HeadOf">The unit as whose head the person is meant.</param>
    public sealed record Found(string? UserName, Guid? UnitId = null, string? Role = null, Guid? HeadOf = null);

    public async Task<Found> FindAsync(Assignee wanted, Letter letter, LetterRouting routing, CircuitPlan plan, CancellationToken cancel)
    {
        var name = wanted.Type switch
        {
            AssigneeType.User => wanted.User,
            AssigneeType.Author => letter.RegisteredBy,
            AssigneeType.Chosen => plan.Chosen.GetValueOrDefault(wanted.Slot ?? ""),
            _ => null,
        };
        if (name is not null)
            return new(await people.FindAsync(name, cancel) is { } person && person.Clearance >= (int)letter.Confidentiality ? person.UserName : routing.RoutedBy);

        var unit = wanted.UnitId ?? letter.OwnerUnitId;
        if (wanted.Type == AssigneeType.UnitHead)
            return await units.HeadAsync(unit, (int)letter.Confidentiality, cancel) is { } head ? new(head.UserName, HeadOf: head.UnitId) : new(routing.RoutedBy);

        // Of a unit that is closed its successor does the work.
        unit = (await units.FindAsync(unit, cancel))?.InChargeId ?? unit;
        var role = wanted.Type == AssigneeType.UnitRole ? wanted.Role : null;
        var able = (await people.OfUnitAsync(unit, cancel)).Any(member => member.Clearance >= (int)letter.Confidentiality && (role is null || member.Roles.Contains(role)));
        return able ? new(null, unit, role) : new(routing.RoutedBy);
    }
}
