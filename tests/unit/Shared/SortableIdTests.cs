using Tarasol.ServiceDefaults;

namespace Tarasol.Tests.Unit.Shared;

public sealed class SortableIdTests
{
    [Fact]
    public void Ids_rise_within_a_millisecond_beyond_the_counter_and_when_the_clock_goes_back()
    {
        var now = DateTimeOffset.UtcNow;
        var ids = Enumerable.Range(0, 10_000).Select(_ => SortableId.Next(now)).ToList();
        ids.Add(SortableId.Next(now.AddSeconds(-5)));
        Assert.Equal(ids.Order(), ids);
        Assert.Equal(ids.Count, ids.Distinct().Count());
        Assert.All(ids, id => Assert.Equal((7, true), (id.Version, id.Variant is >= 8 and <= 11)));
    }

    [Fact]
    public void Ids_that_are_made_at_the_same_time_by_many_are_all_different()
    {
        var ids = new System.Collections.Concurrent.ConcurrentBag<Guid>();
        Parallel.For(0, 20_000, _ => ids.Add(SortableId.Next(DateTimeOffset.UtcNow)));
        Assert.Equal(ids.Count, ids.Distinct().Count());
    }
}
