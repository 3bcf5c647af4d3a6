namespace Tarasol.Delegations.People;

/// <summary>The facts about people over time.</summary>
/// <param name="Facts">In any order.</param>
public sealed class PersonHistory(IEnumerable<PersonFact> facts)
{
    private readonly ILookup<string, PersonFact> byPerson = facts.OrderBy(fact => fact.At).ThenBy(fact => fact.Id).ToLookup(fact => fact.UserName);

    /// <summary>What was known to be true at that moment; null: nothing yet.</summary>
    public PersonFact? At(string userName, DateTimeOffset moment) => byPerson[userName].LastOrDefault(fact => fact.At <= moment);

    /// <summary>The newest that is known; null: nothing.</summary>
    public PersonFact? Newest(string userName) => byPerson[userName].LastOrDefault();

    /// <summary>Moments at which something about the person changed.</summary>
    public IEnumerable<DateTimeOffset> Turns(string userName) => byPerson[userName].Select(fact => fact.At);
}
