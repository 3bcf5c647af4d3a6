using Tarasol.Directories.Positions;

namespace Tarasol.Tests.Unit.Directories;

public class AppointmentTests
{
    private static readonly DateOnly Start = new(2026, 1, 1);

    // Day by day; all that can be within a few days.
    [Fact]
    public void Two_meet_when_both_hold_on_some_day()
    {
        int?[] lengths = [null, 0, 1, 2, 3];
        foreach (var (from, otherFrom) in Enumerable.Range(0, 6).SelectMany(each => Enumerable.Range(0, 6).Select(other => (each, other))))
        {
            foreach (var (length, otherLength) in lengths.SelectMany(each => lengths.Where(other => other != 0).Select(other => (each, other))))
            {
                var (one, other) = (Make(from, length), Make(otherFrom, otherLength));
                Assert.Equal(Enumerable.Range(0, 20).Any(day => one.HoldsOn(Start.AddDays(day)) && other.HoldsOn(Start.AddDays(day))), one.Meets(other.FromDay, other.UntilDay));
            }
        }
    }

    [Fact]
    public void One_that_never_came_to_be_meets_nothing()
    {
        var never = new Appointment { UserName = "omar", MadeBy = "admin", FromDay = Start, UntilDay = Start };
        Assert.False(never.HoldsOn(Start));
        Assert.False(never.Meets(Start.AddDays(-1), null));
    }

    private static Appointment Make(int from, int? length) =>
        new() { UserName = "salma", MadeBy = "admin", FromDay = Start.AddDays(from), UntilDay = length is { } days ? Start.AddDays(from + days) : null };
}
