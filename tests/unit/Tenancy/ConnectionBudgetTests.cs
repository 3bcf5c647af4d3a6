using Tarasol.Tenancy.Databases;

namespace Tarasol.Tests.Unit.Tenancy;

public sealed class ConnectionBudgetTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly List<string> closed = [];

    [Fact]
    public async Task A_connection_that_was_left_idle_is_used_again()
    {
        var budget = Budget(4);
        (await EnterAsync(budget, "a")).Dispose();
        using var again = await EnterAsync(budget, "a");
        Assert.Equal(1, budget.Open);
        Assert.Empty(closed);
    }

    [Fact]
    public async Task The_database_that_was_idle_longest_makes_room()
    {
        var budget = Budget(3);
        foreach (var database in new[] { "a", "b", "c", "a" })
            (await EnterAsync(budget, database)).Dispose();
        using var fourth = await EnterAsync(budget, "d");
        Assert.Equal(["b"], closed);
        Assert.Equal(3, budget.Open);
    }

    [Fact]
    public async Task A_database_in_use_is_never_closed_and_who_comes_next_waits()
    {
        var budget = Budget(2);
        var first = await EnterAsync(budget, "a");
        using var second = await EnterAsync(budget, "b");
        var third = budget.EnterAsync("c", TestContext.Current.CancellationToken).AsTask();
        Assert.False(third.IsCompleted);
        Assert.Empty(closed);
        first.Dispose();
        using var served = await third;
        Assert.Equal(["a"], closed);
    }

    [Fact]
    public async Task One_database_gets_no_more_than_half()
    {
        var budget = Budget(4);
        using var first = await EnterAsync(budget, "busy");
        using var second = await EnterAsync(budget, "busy");
        var third = budget.EnterAsync("busy", TestContext.Current.CancellationToken).AsTask();
        using var other = await EnterAsync(budget, "quiet");
        Assert.False(third.IsCompleted);
        first.Dispose();
        (await third).Dispose();
    }

    [Fact]
    public async Task Who_waits_too_long_is_told_so_and_takes_no_place()
    {
        var budget = new ConnectionBudget(1, TimeSpan.FromMilliseconds(1), closed.Add);
        var first = await EnterAsync(budget, "a");
        await Assert.ThrowsAsync<DatabasesBusyException>(async () => await EnterAsync(budget, "b"));
        first.Dispose();
        using var later = await EnterAsync(budget, "b");
        Assert.Equal(1, budget.Open);
    }

    [Fact]
    public async Task Who_gives_up_waiting_takes_no_place()
    {
        var budget = Budget(1);
        var first = await EnterAsync(budget, "a");
        using var cancel = new CancellationTokenSource();
        var second = budget.EnterAsync("b", cancel.Token).AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        first.Dispose();
        (await EnterAsync(budget, "c")).Dispose();
    }

    [Fact]
    public async Task A_lease_that_is_given_back_twice_counts_once()
    {
        var budget = Budget(1);
        var first = await EnterAsync(budget, "a");
        first.Dispose();
        first.Dispose();
        using var second = await EnterAsync(budget, "a");
        var third = budget.EnterAsync("b", TestContext.Current.CancellationToken).AsTask();
        Assert.False(third.IsCompleted);
        second.Dispose();
        (await third).Dispose();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(20)]
    public async Task However_many_come_at_once_the_limit_holds_and_all_are_served(int limit)
    {
        var budget = Budget(limit);
        var (inUse, most) = (0, 0);
        await Task.WhenAll(Enumerable.Range(0, 400).Select(index => Task.Run(async () =>
        {
            using var lease = await EnterAsync(budget, $"database-{index % 50}");
            var now = Interlocked.Increment(ref inUse);
            InterlockedMax(ref most, now);
            await Task.Yield();
            Assert.InRange(budget.Open, 1, limit);
            Interlocked.Decrement(ref inUse);
        })));
        Assert.InRange(most, 1, limit);
    }

    private ConnectionBudget Budget(int limit) => new(limit, Patience, database =>
    {
        lock (closed)
            closed.Add(database);
    });

    private static ValueTask<IDisposable> EnterAsync(ConnectionBudget budget, string database) => budget.EnterAsync(database, TestContext.Current.CancellationToken);

    private static void InterlockedMax(ref int most, int value)
    {
        for (var seen = most; value > seen; seen = most)
            Interlocked.CompareExchange(ref most, value, seen);
    }
}
