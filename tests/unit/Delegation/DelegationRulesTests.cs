using FsCheck.Xunit;
using Tarasol.Delegations.Granting;
using static Tarasol.Delegations.Granting.DelegationRules;

namespace Tarasol.Tests.Unit.Delegations;

public class DelegationRulesTests
{
    [Fact]
    public void The_same_work_is_not_delegated_twice() =>
        Assert.Equal(CollisionKind.SameWork, Kind(Scenario.Make("salma", "omar", 0, 5), Scenario.Make("salma", "huda", 5, 9)));

    [Fact]
    public void A_delegate_passes_nothing_on() => Assert.Equal(CollisionKind.PassedOn, Kind(Scenario.Make("salma", "omar", 0, 5), Scenario.Make("omar", "huda", 3, 4)));

    [Fact]
    public void Nobody_is_delegate_of_what_they_gave_away() => Assert.Equal(CollisionKind.DelegateAway, Kind(Scenario.Make("omar", "huda", 0, 5), Scenario.Make("salma", "omar", 3, 4)));

    [Fact]
    public void One_person_can_act_for_several() => Assert.Null(Kind(Scenario.Make("salma", "omar", 0, 5), Scenario.Make("huda", "omar", 0, 5)));

    [Fact]
    public void The_next_day_is_another_time() => Assert.Null(Kind(Scenario.Make("salma", "omar", 0, 5), Scenario.Make("salma", "huda", 6, 9)));

    [Theory]
    [InlineData(1, true, 3, false, true)]
    [InlineData(1, false, 3, false, false)]
    [InlineData(1, true, 2, true, false)]
    [InlineData(0, true, 2, false, true)]
    [InlineData(3, false, 3, false, true)]
    public void Units_meet_where_one_is_the_other_or_below_it(int mine, bool mineWithAll, int theirs, bool theirsWithAll, bool collide)
    {
        var one = Scenario.Make("salma", "omar", 0, 5, new([new(Scenario.Units[mine], mineWithAll)], [], []));
        var other = Scenario.Make("salma", "huda", 0, 5, new([new(Scenario.Units[theirs], theirsWithAll)], [], []));
        Assert.Equal(collide, Kind(one, other) is not null);
        Assert.Equal(collide, Kind(other, one) is not null);
    }

    [Fact]
    public void Different_actions_and_different_types_are_different_work()
    {
        var approve = new Scope([], [], [DelegatedAction.Approve]);
        var memos = new Scope([], ["memo"], []);
        Assert.Null(Kind(Scenario.Make("salma", "omar", 0, 5, approve), Scenario.Make("salma", "huda", 0, 5, new([], [], [DelegatedAction.Sign]))));
        Assert.Null(Kind(Scenario.Make("salma", "omar", 0, 5, memos), Scenario.Make("salma", "huda", 0, 5, new([], ["circular"], []))));
        Assert.NotNull(Kind(Scenario.Make("salma", "omar", 0, 5, approve), Scenario.Make("salma", "huda", 0, 5, memos)));
    }

    [Theory]
    [InlineData(3, 1, Confidentiality.Restricted)]
    [InlineData(0, 3, Confidentiality.Normal)]
    [InlineData(9, 9, Confidentiality.TopSecret)]
    [InlineData(-1, 2, Confidentiality.Normal)]
    public void Nobody_lets_another_see_more_than_both_may(int principal, int @delegate, Confidentiality highest) => Assert.Equal(highest, Highest(principal, @delegate));

    // However offers come, of those that are taken no two disagree about who has a piece of work, and none leads on from another.
    [Property(MaxTest = 300)]
    public void What_stands_never_contradicts_itself(int seed)
    {
        var scenario = new Scenario(seed);
        var standing = new List<Delegation>();
        for (var offer = 0; offer < 25; offer++)
        {
            var wanted = scenario.AnyDelegation();
            if (Collides(wanted, standing, Scenario.Tree) is null)
                standing.Add(wanted);
        }
        for (var look = 0; look < 60; look++)
        {
            var (moment, unit, type, action) = (scenario.AnyMoment(), scenario.Any(Scenario.Units), scenario.Any(Scenario.Types), scenario.Any(Enum.GetValues<DelegatedAction>()));
            var now = standing.Where(each => each.StartsAt <= moment && moment < each.EndsAt && each.Scope.Covers(unit, type, action, Scenario.Tree)).ToList();
            Assert.Equal(now.Count, now.Select(each => each.Principal).Distinct().Count());
            Assert.Empty(now.Select(each => each.Principal).Intersect(now.Select(each => each.Delegate)));
        }
    }

    [Theory]
    [InlineData("Asia/Riyadh", "2026-03-01", "2026-02-28T21:00:00Z")]
    [InlineData("UTC", "2026-03-01", "2026-03-01T00:00:00Z")]
    // The clock was put forward at midnight.
    [InlineData("Africa/Cairo", "2026-04-24", "2026-04-23T22:00:00Z")]
    public void A_day_begins_when_its_zone_says(string zone, string day, string moment)
    {
        Assert.True(Days.TryFindZone(zone, out var found));
        Assert.Equal(DateTimeOffset.Parse(moment, System.Globalization.CultureInfo.InvariantCulture), Days.StartOf(DateOnly.ParseExact(day, "O", System.Globalization.CultureInfo.InvariantCulture), found));
    }

    [Fact]
    public void Days_of_a_zone_follow_each_other_without_gap()
    {
        Assert.True(Days.TryFindZone("Africa/Cairo", out var zone));
        var starts = Enumerable.Range(0, 800).Select(day => Days.StartOf(new DateOnly(2025, 1, 1).AddDays(day), zone)).ToList();
        Assert.All(starts.Zip(starts.Skip(1)), pair => Assert.InRange((pair.Second - pair.First).TotalHours, 23, 25));
    }

    private static CollisionKind? Kind(Delegation standing, Delegation wanted) => Collides(wanted, [standing], Scenario.Tree)?.Kind;
}
