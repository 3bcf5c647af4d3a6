using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Tarasol.Sidecar.Scheduling;

namespace Tarasol.Tests.Sidecar.Scheduling;

public sealed class JobSchedulerTests : IAsyncDisposable
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly MemoryStore _store = new();
    private readonly ConcurrentQueue<ScheduledJob> _delivered = new();
    private Func<ScheduledJob, Delivery> _answer = _ => Delivery.Done;
    private JobScheduler? _scheduler;

    [Fact]
    public async Task A_job_fires_once_at_its_due_time()
    {
        await StartAsync();
        await AddAsync("a", dueTime: "10s");
        _time.Advance(TimeSpan.FromSeconds(9));
        await SettledAsync();
        Assert.Empty(_delivered);
        _time.Advance(TimeSpan.FromSeconds(1));
        await DeliveredAsync(1);
        await Eventually.Holds(() => _scheduler!.Find(Key("a")) is null, "the job is forgotten");
    }

    [Fact]
    public async Task A_recurring_job_fires_at_the_due_time_and_then_as_often_as_it_says()
    {
        await StartAsync();
        await AddAsync("a", schedule: "@every 1s", repeats: 3, dueTime: "5s");
        for (var second = 0; second < 20; second++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await SettledAsync();
        }
        Assert.Equal(["5", "6", "7"], _delivered.Select(job => $"{(job.Due - _time.Start).TotalSeconds}"));
        Assert.Null(_scheduler!.Find(Key("a")));
    }

    [Fact]
    public async Task Without_a_due_time_the_first_interval_passes_first()
    {
        await StartAsync();
        await AddAsync("a", schedule: "@every 5s");
        await SettledAsync();
        Assert.Empty(_delivered);
        _time.Advance(TimeSpan.FromSeconds(5));
        await DeliveredAsync(1);
    }

    [Fact]
    public async Task Nothing_fires_after_the_ttl()
    {
        await StartAsync();
        await AddAsync("a", schedule: "@every 1s", dueTime: "1s", ttl: "2s");
        for (var second = 0; second < 10; second++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await SettledAsync();
        }
        Assert.Equal(3, _delivered.Count);
    }

    [Fact]
    public async Task After_a_restart_what_was_missed_fires_and_what_was_done_does_not()
    {
        await StartAsync();
        await AddAsync("once", dueTime: "1s");
        await AddAsync("often", schedule: "@every 10s", dueTime: "2s");
        await AddAsync("later", dueTime: "1h");
        _time.Advance(TimeSpan.FromSeconds(2));
        await DeliveredAsync(2);
        await Eventually.Holds(() => _scheduler!.Find(Key("once")) is null && _scheduler.Find(Key("often"))!.Count == 1, "both are written down");
        await _scheduler!.DisposeAsync();
        _delivered.Clear();

        _time.Advance(TimeSpan.FromSeconds(21));
        await StartAsync();
        await DeliveredAsync(2);
        await SettledAsync();
        Assert.Equal(["often 12", "often 22"], _delivered.Select(job => $"{job.Key.Name} {(job.Due - _time.Start).TotalSeconds}"));
        Assert.NotNull(_scheduler!.Find(Key("later")));
    }

    [Fact]
    public async Task A_failed_job_is_tried_three_more_times_a_second_apart()
    {
        _answer = _ => Delivery.Failed;
        await StartAsync();
        await AddAsync("a", dueTime: "0s");
        for (var tries = 1; tries <= 4; tries++)
        {
            await DeliveredAsync(tries);
            await SettledAsync();
            Assert.Equal(tries, _delivered.Count);
            _time.Advance(TimeSpan.FromSeconds(1));
        }
        await Eventually.Holds(() => _scheduler!.Find(Key("a")) is null, "it is given up");
        Assert.Equal(4, _delivered.Count);
    }

    [Fact]
    public async Task A_failed_try_does_not_move_the_due_times_after_it()
    {
        _answer = job => job is { Count: 0, Attempts: 0 } ? Delivery.Failed : Delivery.Done;
        await StartAsync();
        await AddAsync("a", schedule: "@every 10s", dueTime: "0s");
        await DeliveredAsync(1);
        await SettledAsync();
        _time.Advance(TimeSpan.FromSeconds(1));
        await DeliveredAsync(2);
        await Eventually.Holds(() => _scheduler!.Find(Key("a")) is { Count: 1, Attempts: 0 } job && job.Due == _time.Start.AddSeconds(10), "the next due time is ten seconds after the first");
    }

    [Fact]
    public async Task With_policy_drop_a_failure_is_final()
    {
        _answer = _ => Delivery.Failed;
        await StartAsync();
        await AddAsync("a", dueTime: "0s", policy: new FailurePolicy(true, TimeSpan.Zero, 0));
        await Eventually.Holds(() => _delivered.Count == 1 && _scheduler!.Find(Key("a")) is null, "dropped");
    }

    [Fact]
    public async Task While_the_receiver_is_away_a_job_waits_and_no_try_is_counted()
    {
        _answer = _ => Delivery.Away;
        await StartAsync();
        await AddAsync("a", dueTime: "0s");
        await DeliveredAsync(1);
        _time.Advance(TimeSpan.FromHours(1));
        await SettledAsync();
        Assert.Single(_delivered);
        _answer = _ => Delivery.Done;
        _scheduler!.Resume("test");
        _time.Advance(TimeSpan.FromSeconds(1));
        await DeliveredAsync(2);
        Assert.Equal(0u, _delivered.Last().Attempts);
    }

    [Fact]
    public async Task A_cancelled_job_is_over()
    {
        _answer = _ => Delivery.Cancel;
        await StartAsync();
        await AddAsync("a", schedule: "@every 1s", dueTime: "0s");
        await Eventually.Holds(() => _delivered.Count == 1 && _scheduler!.Find(Key("a")) is null, "cancelled");
    }

    [Fact]
    public async Task Overwriting_a_job_that_is_just_delivered_leaves_the_new_one()
    {
        using var inside = new SemaphoreSlim(0);
        using var go = new SemaphoreSlim(0);
        _answer = job =>
        {
            if (job.DueTime == "0s")
            {
                inside.Release();
                go.Wait();
            }
            return Delivery.Done;
        };
        await StartAsync();
        await AddAsync("a", dueTime: "0s");
        await inside.WaitAsync();
        await AddAsync("a", dueTime: "1h");
        go.Release();
        await SettledAsync();
        Assert.Equal("1h", _scheduler!.Find(Key("a"))!.DueTime);
    }

    [Fact]
    public async Task A_job_that_exists_is_not_overwritten_unless_asked()
    {
        await StartAsync();
        await AddAsync("a", dueTime: "1h");
        await Assert.ThrowsAsync<JobExistsException>(() => AddAsync("a", dueTime: "2h", overwrite: false));
        Assert.Equal("1h", _scheduler!.Find(Key("a"))!.DueTime);
    }

    [Fact]
    public async Task A_write_that_the_store_refuses_is_told_and_leaves_nothing_behind()
    {
        await StartAsync();
        _store.Fails = true;
        await Assert.ThrowsAsync<IOException>(() => AddAsync("a", dueTime: "1h"));
        Assert.Null(_scheduler!.Find(Key("a")));
        _store.Fails = false;
        await AddAsync("b", dueTime: "1h");
        await _scheduler.DisposeAsync();
        await StartAsync();
        Assert.Equal(["b"], _scheduler!.List("test", _ => true).Select(job => job.Key.Name));
    }

    [Fact]
    public async Task Thousands_of_jobs_share_transactions_and_come_back()
    {
        const int count = 5000;
        await StartAsync();
        await Task.WhenAll(Enumerable.Range(0, count).Select(i => AddAsync($"job-{i}", dueTime: $"{1 + i % 50}s", owner: $"actor-{i % 500}")));
        Assert.True(_store.Commits < count / 10, $"{_store.Commits} transactions for {count} jobs");
        await _scheduler!.DisposeAsync();
        _delivered.Clear();
        _time.Advance(TimeSpan.FromMinutes(1));
        await StartAsync();
        await DeliveredAsync(count);
        await Eventually.Holds(() => _store.Count == 1, "only the head is left");
        Assert.Equal(count, _delivered.Select(job => job.Key).Distinct().Count());
    }

    [Fact]
    public async Task Jobs_of_one_owner_are_delivered_one_by_one_in_the_order_of_their_due_times()
    {
        var inside = 0;
        var overlapped = false;
        _answer = _ =>
        {
            overlapped |= Interlocked.Increment(ref inside) > 1;
            Thread.Yield();
            Interlocked.Decrement(ref inside);
            return Delivery.Done;
        };
        await StartAsync();
        await Task.WhenAll(Enumerable.Range(0, 50).Select(i => AddAsync($"{i:00}", dueTime: $"{i + 1}ms")));
        _time.Advance(TimeSpan.FromSeconds(1));
        await DeliveredAsync(50);
        Assert.False(overlapped);
        Assert.Equal(_delivered.Select(job => job.Key.Name).Order(StringComparer.Ordinal), _delivered.Select(job => job.Key.Name));
    }

    [Theory]
    [InlineData(null, null, null, "job must have either a due time or a schedule")]
    [InlineData(null, "soon", null, "due time format not recognized")]
    [InlineData(null, "1s", "1s", "job must have a schedule to have a ttl")]
    [InlineData("@every 1s", "1s", "later", "ttl format not recognized")]
    [InlineData("@every 1s", "1s", "-1s", "ttl must be greater than due time")]
    public void A_job_that_cannot_be_is_refused_in_daprs_words(string? schedule, string? dueTime, string? ttl, string message) =>
        Assert.Equal(message, Assert.Throws<JobFormatException>(() => ScheduledJob.Create(Key("a"), schedule, null, dueTime, ttl, null, null, _time.GetUtcNow())).Message);

    public async ValueTask DisposeAsync()
    {
        if (_scheduler is not null)
            await _scheduler.DisposeAsync();
    }

    private static JobKey Key(string name, string owner = "owner") => new("test", owner, name);

    private async Task StartAsync()
    {
        _scheduler = await JobScheduler.LoadAsync(new JobStore(_store, "app"), _time, NullLogger.Instance, CancellationToken.None);
        _scheduler.Deliver("test", (job, _) =>
        {
            _delivered.Enqueue(job);
            return Task.FromResult(_answer(job));
        });
    }

    private Task AddAsync(string name, string? schedule = null, uint? repeats = null, string? dueTime = null, string? ttl = null, FailurePolicy? policy = null, bool overwrite = true, string owner = "owner")
    {
        var key = Key(name, owner);
        return _scheduler!.ScheduleAsync(key, ScheduledJob.Create(key, schedule, repeats, dueTime, ttl, null, policy, _time.GetUtcNow()), overwrite);
    }

    private Task DeliveredAsync(int count) => Eventually.Holds(() => _delivered.Count >= count, $"{count} deliveries");

    /// <summary>What is due is delivered and written down.</summary>
    private async Task SettledAsync()
    {
        while (_scheduler!.IsBusy)
            await Task.Delay(2);
    }
}
