using FsCheck.Xunit;
using Tarasol.Delegations.Authority;
using Tarasol.Delegations.Granting;
using Tarasol.Delegations.People;

namespace Tarasol.Tests.Unit.Delegations;

public class AuthorityRulesTests
{
    private static readonly Span March = new(Scenario.Start, Scenario.Start.AddDays(31));

    [Fact]
    public void Nothing_holds_before_it_is_accepted_nor_after_it_is_ended()
    {
        var delegation = Scenario.Make("salma", "omar", 2, 10);
        Assert.Null(AuthorityRules.InForce(delegation));
        delegation.Record(DelegationState.Offered, "salma", Scenario.Start);
        Assert.Null(AuthorityRules.InForce(delegation));
        delegation.Record(DelegationState.Accepted, "omar", Scenario.Start.AddDays(4));
        Assert.Equal(new Span(Scenario.Start.AddDays(4), Scenario.Start.AddDays(11)), AuthorityRules.InForce(delegation));
        delegation.Record(DelegationState.Ended, "salma", Scenario.Start.AddDays(6), EndCause.Principal);
        Assert.Equal(new Span(Scenario.Start.AddDays(4), Scenario.Start.AddDays(6)), AuthorityRules.InForce(delegation));
    }

    [Fact]
    public void What_was_ended_before_its_first_day_never_held()
    {
        var delegation = Scenario.Make("salma", "omar", 2, 10);
        delegation.Record(DelegationState.Accepted, "omar", Scenario.Start);
        delegation.Record(DelegationState.Ended, "omar", Scenario.Start.AddDays(1), EndCause.Delegate);
        Assert.Null(AuthorityRules.InForce(delegation));
    }

    [Fact]
    public void The_level_follows_the_clearance_of_both_over_time()
    {
        var delegation = Scenario.Make("salma", "omar", 0, 9, level: Confidentiality.Secret);
        delegation.Record(DelegationState.Accepted, "omar", Scenario.Start.AddDays(-1));
        var people = new PersonHistory([Fact("salma", -5, 3), Fact("omar", -5, 2), Fact("omar", 4, 1), Fact("omar", 6, 3), Fact("salma", 8, 0, active: false)]);
        Assert.Equal(
            [("omar", 0.0, 4.0, Confidentiality.Secret), ("omar", 4, 6, Confidentiality.Restricted), ("omar", 6, 8, Confidentiality.Secret)],
            AuthorityRules.Delegated(delegation, March, people).Select(held => (held.Person, Day(held.Time.From), Day(held.Time.Until), held.Level)));
    }

    [Fact]
    public void A_person_who_left_has_no_authority_of_their_own()
    {
        var people = new PersonHistory([Fact("salma", 3, 2), Fact("salma", 5, 2, active: false)]);
        var held = Assert.Single(AuthorityRules.Of("salma", March, [], people));
        Assert.Equal(("salma", 3.0, 5.0, Confidentiality.Secret), (held.Person, Day(held.Time.From), Day(held.Time.Until), held.Level));
    }

    // Against the plain definition, moment by moment.
    [Property(MaxTest = 300)]
    public void Whoever_is_named_had_accepted_and_both_were_there_and_cleared(int seed)
    {
        var scenario = new Scenario(seed);
        var delegations = Enumerable.Range(0, 12).Select(_ => scenario.AnyHistory()).ToList();
        var facts = scenario.AnyFacts();
        var people = new PersonHistory(facts);
        foreach (var user in Scenario.People)
        {
            var all = AuthorityRules.Of(user, March, delegations, people);
            for (var look = 0; look < 20; look++)
            {
                var moment = scenario.AnyMoment();
                if (moment < March.From || moment >= March.Until)
                    continue;
                var expected = delegations.Where(each => each.Principal == user && Holds(each, moment, facts)).Select(each => (each.Delegate, (Guid?)each.Id, Least(each, moment, facts))).ToList();
                if (Newest(facts, user, moment) is { Active: true } own)
                    expected.Add((user, null, (Confidentiality)own.Clearance));
                Assert.Equal(
                    expected.OrderBy(each => each.Item2), all.Where(held => held.Time.From <= moment && moment < held.Time.Until).Select(held => (held.Person, held.By?.Id, held.Level)).OrderBy(each => each.Id));
            }
        }
    }

    private static bool Holds(Delegation delegation, DateTimeOffset moment, List<PersonFact> facts) =>
        delegation.StartsAt <= moment && moment < delegation.EndsAt
        && delegation.Changes.Any(change => change.Kind == DelegationState.Accepted && change.At <= moment)
        && !delegation.Changes.Any(change => change.Kind == DelegationState.Ended && change.At <= moment)
        && Newest(facts, delegation.Principal, moment) is { Active: true } && Newest(facts, delegation.Delegate, moment) is { Active: true };

    private static Confidentiality Least(Delegation delegation, DateTimeOffset moment, List<PersonFact> facts) => (Confidentiality)new[]
    {
        (int)delegation.Confidentiality, Newest(facts, delegation.Principal, moment)!.Clearance, Newest(facts, delegation.Delegate, moment)!.Clearance,
    }.Min();

    private static PersonFact? Newest(List<PersonFact> facts, string person, DateTimeOffset moment) =>
        facts.Where(fact => fact.UserName == person && fact.At <= moment).OrderBy(fact => fact.At).ThenBy(fact => fact.Id).LastOrDefault();

    private static PersonFact Fact(string person, int day, int clearance, bool active = true) =>
        new() { Id = Guid.CreateVersion7(), UserName = person, At = Scenario.Start.AddDays(day), Clearance = clearance, Active = active };

    private static double Day(DateTimeOffset moment) => (moment - Scenario.Start).TotalDays;
}
