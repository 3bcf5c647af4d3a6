using FsCheck.Xunit;
using Tarasol.Directories.Units;
using OfficeUnit = Tarasol.Directories.Units.Unit;

namespace Tarasol.Tests.Unit.Directories;

public class TreeTests
{
    private static readonly DateOnly Start = new(2026, 1, 1);

    [Fact]
    public void A_unit_is_there_from_its_first_day_to_the_day_before_it_is_closed()
    {
        var unit = Make("FIN", null, Start);
        unit.ClosedOn = Start.AddDays(10);
        Assert.Equal([false, true, true, false], new[] { -1, 0, 9, 10 }.Select(day => unit.IsThereOn(Start.AddDays(day))));
        Assert.True(Make("OLD", null, null).IsThereOn(DateOnly.MinValue));
    }

    [Fact]
    public void A_closed_unit_is_below_its_successor_too()
    {
        var (root, old, next) = (Make("ROOT", null, null), Make("OLD", null, null), Make("NEW", null, null));
        old.SuccessorId = next.Id;
        Assert.Equal(new HashSet<Guid> { next.Id, old.Id }, Tree.Below([next.Id], Rows(root, old, next)));
        Assert.Equal(new HashSet<Guid> { old.Id }, Tree.Below([old.Id], Rows(root, old, next)));
        Assert.Empty(Tree.Below([Guid.CreateVersion7()], Rows(root, old, next)));
    }

    [Fact]
    public void The_work_of_a_closed_unit_is_with_the_last_of_its_successors()
    {
        var units = new[] { Make("A", null, null), Make("B", null, null), Make("C", null, null) };
        (units[0].ClosedOn, units[0].SuccessorId) = (Start.AddDays(5), units[1].Id);
        (units[1].ClosedOn, units[1].SuccessorId) = (Start.AddDays(8), units[2].Id);
        var all = units.ToDictionary(unit => unit.Id);
        Assert.Equal(["A", "B", "C"], new[] { 4, 5, 8 }.Select(day => Tree.InCharge(units[0].Id, all, Start.AddDays(day))?.Code));
        Assert.Null(Tree.InCharge(Guid.CreateVersion7(), all, Start));
    }

    // Changes at random; a plain copy of the tree is kept of every day, and the rows tell each of them again.
    [Property(MaxTest = 200)]
    public void The_tree_of_any_day_can_be_told_afterwards(int seed)
    {
        var random = new Random(seed);
        var (units, former, days) = (new List<OfficeUnit>(), new List<FormerUnit>(), new Dictionary<DateOnly, List<(string, string, Guid?)>>());
        for (var day = Start; day < Start.AddDays(30); day = day.AddDays(1))
        {
            for (var change = random.Next(4); change > 0; change--)
            {
                var open = units.Where(unit => unit.ClosedOn is null).ToList();
                if (open.Count < 2 || random.Next(3) == 0)
                {
                    units.Add(Make($"U{units.Count}", open.Count > 0 && random.Next(3) > 0 ? open[random.Next(open.Count)].Id : null, day));
                    continue;
                }
                var unit = open[random.Next(open.Count)];
                if (random.Next(5) == 0)
                {
                    unit.ClosedOn = day;
                    continue;
                }
                former.Add(new()
                {
                    UnitId = unit.Id, Number = former.Count(row => row.UnitId == unit.Id) + 1, UntilDay = day, NameAr = unit.NameAr, NameEn = unit.NameEn, ParentId = unit.ParentId, ChangedBy = "test",
                });
                (unit.NameEn, unit.ParentId) = ($"Name {random.Next(1000)}", open[random.Next(open.Count)].Id);
            }
            days[day] = [.. units.Where(unit => unit.ClosedOn is null).Select(unit => (unit.Code, unit.NameEn, unit.ParentId))];
        }
        foreach (var (day, then) in days)
            Assert.Equal(then, Tree.OnDay(units, former.OrderBy(_ => random.Next()), day).Select(unit => (unit.Code, unit.NameEn, unit.ParentId)));
    }

    private static OfficeUnit Make(string code, Guid? parent, DateOnly? opened) => new() { Id = Guid.CreateVersion7(), Code = code, NameAr = "وحدة", NameEn = "Unit", ParentId = parent, OpenedOn = opened };

    private static List<(Guid, Guid?, Guid?)> Rows(params OfficeUnit[] units) => [.. units.Select(unit => (unit.Id, unit.ParentId, unit.SuccessorId))];
}
