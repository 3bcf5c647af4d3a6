using Tarasol.Sidecar.Actors;

namespace Tarasol.Tests.Sidecar.Actors;

public sealed class TurnQueueTests
{
    [Fact]
    public void Turns_are_taken_in_the_order_of_coming()
    {
        var queue = new TurnQueue(0);
        var turns = Enumerable.Range(0, 10).Select(_ => queue.Enter("same chain, but no reentrancy")).ToList();
        foreach (var (turn, i) in turns.Select((turn, i) => (turn, i)))
        {
            Assert.True(turn.Started.IsCompleted);
            Assert.All(turns.Skip(i + 1), later => Assert.False(later.Started.IsCompleted));
            queue.Leave(turn);
        }
        Assert.True(queue.IsIdle);
    }

    [Fact]
    public void Who_leaves_the_queue_early_lets_the_others_keep_their_order()
    {
        var queue = new TurnQueue(0);
        var (first, second, third) = (queue.Enter(null), queue.Enter(null), queue.Enter(null));
        queue.Leave(second);
        Assert.False(third.Started.IsCompleted);
        queue.Leave(first);
        Assert.True(third.Started.IsCompleted);
    }

    [Fact]
    public void A_chain_shares_its_turn_up_to_the_depth()
    {
        var queue = new TurnQueue(2);
        var outer = queue.Enter("a");
        var other = queue.Enter("b");
        var inner = queue.Enter("a");
        Assert.True(inner.Started.IsCompleted);
        Assert.Throws<StackTooDeepException>(() => queue.Enter("a"));
        queue.Leave(inner);
        Assert.False(other.Started.IsCompleted);
        queue.Leave(outer);
        Assert.True(other.Started.IsCompleted);
    }

    [Fact]
    public async Task When_it_closes_the_waiting_fail_and_the_running_goes_on()
    {
        var queue = new TurnQueue(0);
        var (running, waiting) = (queue.Enter(null), queue.Enter(null));
        var idle = queue.WhenIdle();
        queue.Close(new ActorMovedException());
        Assert.True(running.Started.IsCompletedSuccessfully);
        await Assert.ThrowsAsync<ActorMovedException>(() => waiting.Started);
        await Assert.ThrowsAsync<ActorMovedException>(() => queue.Enter(null).Started.WaitAsync(CancellationToken.None));
        Assert.False(idle.IsCompleted);
    }
}
