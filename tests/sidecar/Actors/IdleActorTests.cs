using Tarasol.Tests.Sidecar.Scheduling;

namespace Tarasol.Tests.Sidecar.Actors;

public sealed class IdleActorTests
{
    [Fact]
    public async Task An_idle_actor_is_deactivated_and_comes_back_with_its_state_and_without_its_timers()
    {
        await using var app = await ActorApp.StartAsync(configure: options => options.ActorIdleTimeout = TimeSpan.FromMilliseconds(300));
        await app.Counter("i").Increment();
        await app.Counter("i").StartTimer("slow", TimeSpan.FromHours(1));
        await Eventually.Holds(() => app.Log.Count("deactivated i") == 1, "deactivation");
        Assert.Equal(2, await app.Counter("i").Increment());
        Assert.Equal(2, app.Log.Count("activated i"));
    }

    [Fact]
    public async Task A_timer_keeps_its_actor_active()
    {
        await using var app = await ActorApp.StartAsync(configure: options => options.ActorIdleTimeout = TimeSpan.FromMilliseconds(500));
        await app.Counter("k").StartTimer("tick", TimeSpan.FromMilliseconds(50));
        await Eventually.Holds(() => app.Log.Count("timer tick") >= 20, "a second of ticks");
        Assert.Equal(0, app.Log.Count("deactivated k"));
    }
}
