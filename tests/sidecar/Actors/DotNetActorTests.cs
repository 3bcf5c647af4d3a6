using Dapr.Actors;
using Dapr.Actors.Client;
using Tarasol.Tests.Sidecar.Scheduling;

namespace Tarasol.Tests.Sidecar.Actors;

/// <summary>Dapr.Actors from NuGet, as an app and as a client, over the sidecar.</summary>
public sealed class DotNetActorTests : IAsyncLifetime
{
    private ActorApp _app = null!;

    public async ValueTask InitializeAsync() => _app = await ActorApp.StartAsync(configure: options => options.ReentrancyConfig = new ActorReentrancyConfig { Enabled = true, MaxStackDepth = 5 });

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task Two_hundred_increments_at_once_are_taken_one_by_one()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => _app.Counter("c").Increment()));
        Assert.Equal(Enumerable.Range(1, 200), answers.Order());
        Assert.False(_app.Log.Overlapped);
        Assert.Equal(1, _app.Log.Count("activated c"));
    }

    [Fact]
    public async Task State_lives_longer_than_the_app()
    {
        await _app.Counter("c").Increment();
        await _app.StopAppAsync();
        await _app.GoneAsync();
        await _app.StartAppAsync();
        Assert.Equal(2, await _app.Counter("c").Increment());
    }

    [Fact]
    public async Task A_call_waits_for_an_app_that_restarts()
    {
        await _app.Counter("c").Increment();
        await _app.StopAppAsync();
        await _app.GoneAsync();
        var call = _app.Counter("c").Increment();
        await _app.StartAppAsync();
        Assert.Equal(2, await call);
    }

    [Fact]
    public async Task State_with_a_time_to_live_ends()
    {
        var actor = _app.Counter("t");
        await actor.Remember("for ever", null);
        Assert.Equal("for ever", await actor.Recall());
        await actor.Remember("not for long", TimeSpan.FromSeconds(1));
        Assert.Equal("not for long", await actor.Recall());
        await Eventually.Answers(actor.Recall, value => value is null, "the value expires");
    }

    [Fact]
    public async Task The_state_manager_adds_changes_and_removes_and_finds_it_in_the_store_again() => Assert.Equal("False False False 2", await _app.Counter("j").Juggle());

    [Fact]
    public async Task Methods_can_be_called_with_JSON_as_well()
    {
        var proxy = ActorProxy.Create(new ActorId("j"), "counter", new ActorProxyOptions { HttpEndpoint = $"http://127.0.0.1:{_app.HttpPort}" });
        Assert.Equal(1, await proxy.InvokeMethodAsync<int>("Increment"));
        Assert.Equal(2, await proxy.InvokeMethodAsync<int>("Increment"));
    }

    [Fact]
    public async Task An_exception_of_the_actor_reaches_its_caller()
    {
        var e = await Assert.ThrowsAsync<ActorMethodInvocationException>(() => _app.Counter("f").Fail());
        Assert.Contains("asked to", e.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_timer_fires_until_it_is_stopped()
    {
        var actor = _app.Counter("t");
        await actor.StartTimer("tick", TimeSpan.FromMilliseconds(50));
        await Eventually.Holds(() => _app.Log.Count("timer tick") >= 3, "three ticks");
        await actor.StopTimer("tick");
        var after = _app.Log.Count("timer tick");
        await actor.StartTimer("tock", TimeSpan.FromMilliseconds(50));
        await Eventually.Holds(() => _app.Log.Count("timer tock") >= 4, "four ticks of another timer");
        Assert.InRange(_app.Log.Count("timer tick"), after, after + 1);
    }

    [Fact]
    public async Task A_reminder_shows_itself_fires_and_can_be_forgotten()
    {
        var actor = _app.Counter("r");
        await actor.Remind("far", TimeSpan.FromHours(1), TimeSpan.FromHours(2), null);
        Assert.Equal("01:00:00 02:00:00 for far", await actor.ShowReminder("far"));
        await actor.Forget("far");
        using var gone = await _app.Http.GetAsync("/v1.0/actors/counter/r/reminders/far");
        Assert.Equal(System.Net.HttpStatusCode.NotFound, gone.StatusCode);
        await actor.Remind("soon", TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(-1), null);
        await Eventually.Holds(() => _app.Log.Count("reminder r soon for soon") == 1, "the reminder");
    }

    [Fact]
    public async Task A_reminder_repeats_as_often_as_it_says()
    {
        await _app.Counter("r").Remind("thrice", TimeSpan.Zero, TimeSpan.FromSeconds(1), 2);
        await Eventually.Holds(() => _app.Log.Count("reminder r thrice for thrice") == 2, "two times");
        await Eventually.Answers(async () => (await _app.Http.GetAsync("/v1.0/actors/counter/r/reminders/thrice")).StatusCode, status => status == System.Net.HttpStatusCode.NotFound, "it is over");
        Assert.Equal(2, _app.Log.Count("reminder r thrice for thrice"));
    }

    [Fact]
    public async Task A_reminder_that_fails_is_tried_again()
    {
        _app.Log.Failures["shaky"] = 2;
        await _app.Counter("r").Remind("shaky", TimeSpan.Zero, TimeSpan.FromMilliseconds(-1), null);
        await Eventually.Holds(() => _app.Log.Count("reminder r shaky for shaky") == 3, "two failures and a success");
    }

    [Fact]
    public async Task A_reminder_waits_for_the_app_and_activates_the_actor_anew()
    {
        await _app.Counter("w").Remind("later", TimeSpan.FromSeconds(1), TimeSpan.FromMilliseconds(-1), null);
        await _app.StopAppAsync();
        await _app.GoneAsync();
        Assert.Equal(0, _app.Log.Count("reminder w later for later"));
        await _app.StartAppAsync();
        await Eventually.Holds(() => _app.Log.Count("reminder w later for later") == 1, "the reminder");
        Assert.Equal(2, _app.Log.Count("activated w"));
    }

    [Fact]
    public async Task A_reminder_outlives_the_host()
    {
        await _app.Counter("h").Remind("once", TimeSpan.FromSeconds(1), TimeSpan.FromMilliseconds(-1), null);
        await _app.StopSidecarAsync();
        Assert.Equal(0, _app.Log.Count("reminder h once for once"));
        await _app.StartSidecarAsync();
        await Eventually.Holds(() => _app.Log.Count("reminder h once for once") == 1, "the reminder");
    }

    [Fact]
    public async Task An_actor_may_call_itself_up_to_the_stack_depth()
    {
        Assert.Equal(3, await _app.Counter("d").Descend(3));
        await Assert.ThrowsAnyAsync<Exception>(() => _app.Counter("d").Descend(5));
        Assert.Equal(1, await _app.Counter("d").Increment());
    }

    [Fact]
    public async Task At_the_hosts_stop_the_actors_are_deactivated()
    {
        await _app.Counter("s").Increment();
        await _app.StopSidecarAsync();
        Assert.Equal(1, _app.Log.Count("deactivated s"));
    }
}
