using Dapr.Workflow;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Tarasol.Workflow.Testing;

/// <summary>
/// Runs workflows and activities in memory, without a sidecar, on a clock that stands still until the test moves it. The code runs as the worker runs it: every turn
/// replays the whole history, so that code that does not replay fails here too. Activities are what the test registers, real ones or substitutes.
/// </summary>
public sealed class WorkflowRunner : IAsyncDisposable
{
    private readonly MemoryTaskHub _hub;
    private readonly Dictionary<string, ServiceProvider> _apps = new(StringComparer.Ordinal);
    private readonly VirtualClock _clock;

    /// <summary>A runner with one app.</summary>
    /// <param name="register">Registers workflows and activities, as AddDaprWorkflow does.</param>
    /// <param name="services">Adds what their constructors ask for; the clock is there as <see cref="TimeProvider"/>.</param>
    /// <param name="start">What the clock shows at first; null: 1 January 2026, 08:00 UTC.</param>
    /// <param name="appId">Name of the app, for calls between apps.</param>
    public WorkflowRunner(Action<WorkflowRuntimeOptions> register, Action<IServiceCollection>? services = null, DateTimeOffset? start = null, string appId = "app")
    {
        _clock = new VirtualClock(start ?? new DateTimeOffset(2026, 1, 1, 8, 0, 0, TimeSpan.Zero));
        _hub = new MemoryTaskHub(_clock);
        AppId = appId;
        Client = AddApp(appId, register, services);
    }

    /// <summary>Name of the first app.</summary>
    public string AppId { get; }

    /// <summary>Starts and steers instances of the first app.</summary>
    public IDaprWorkflowClient Client { get; }

    /// <summary>The clock that everything here goes by.</summary>
    public TimeProvider Clock => _clock;

    /// <summary>How long, in real time, activities and turns may take before the test is told that they hang.</summary>
    public TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Adds another app, for activities and child workflows with a TargetAppId; answers its client.</summary>
    public IDaprWorkflowClient AddApp(string appId, Action<WorkflowRuntimeOptions> register, Action<IServiceCollection>? services = null)
    {
        var collection = new ServiceCollection();
        collection.AddLogging();
        services?.Invoke(collection);
        collection.TryAddSingleton<TimeProvider>(_clock);
        var provider = collection.BuildServiceProvider();
        _apps.Add(appId, provider);
        _hub.AddApp(appId, register, provider);
        return new DaprWorkflowClient(new TaskHubConnection(new MemoryTaskHubClient(_hub, appId)), TimeProvider.System);
    }

    /// <summary>From now on the app has other code, as after an upgrade while instances are under way.</summary>
    public void Redeploy(Action<WorkflowRuntimeOptions> register, string? appId = null) => _hub.AddApp(appId ?? AppId, register, _apps[appId ?? AppId]);

    /// <summary>Starts an instance and runs it to its end, moving the clock to each timer that it waits for; answers its output.</summary>
    /// <exception cref="WorkflowTaskFailedException">It did not complete.</exception>
    /// <exception cref="InvalidOperationException">It waits for an event that nobody raises.</exception>
    public async Task<TOutput?> RunAsync<TOutput>(string workflow, object? input = null, string? instanceId = null)
    {
        var state = await RunToEndAsync(await Client.ScheduleNewWorkflowAsync(workflow, instanceId, input));
        return state.RuntimeStatus == WorkflowRuntimeStatus.Completed
            ? state.ReadOutputAs<TOutput>()
            : throw new WorkflowTaskFailedException(
                $"Workflow '{workflow}' ended as {state.RuntimeStatus}: {state.FailureDetails}",
                state.FailureDetails ?? new WorkflowTaskFailureDetails(state.RuntimeStatus.ToString(), "It did not fail, but it did not complete either."));
    }

    /// <summary>Runs an instance of the first app to its end, moving the clock to each timer that anything waits for.</summary>
    /// <exception cref="InvalidOperationException">It waits for an event that nobody raises.</exception>
    public async Task<WorkflowState> RunToEndAsync(string instanceId)
    {
        while (true)
        {
            await SettleAsync();
            var state = await Client.GetWorkflowStateAsync(instanceId);
            if (state.IsWorkflowCompleted)
            {
                return state;
            }

            if (_hub.NextDue is not { } due)
            {
                throw new InvalidOperationException(
                    $"Workflow instance '{instanceId}' is {state.RuntimeStatus} and nothing is under way and no timer set: it waits for an event, for its resumption, or for the right code.");
            }

            _clock.MoveTo(due);
            _hub.FireDue();
        }
    }

    /// <summary>Moves the clock; what falls due on the way happens at its time and in its order, and has settled when this returns.</summary>
    public async Task AdvanceAsync(TimeSpan time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(time, TimeSpan.Zero);
        var end = _clock.GetUtcNow() + time;
        await SettleAsync();
        while (_hub.NextDue is { } due && due <= end)
        {
            _clock.MoveTo(due);
            _hub.FireDue();
            await SettleAsync();
        }

        _clock.MoveTo(end);
    }

    /// <summary>Waits until no turn and no activity is under way: all that is left waits for the clock or for an event.</summary>
    /// <exception cref="TimeoutException">Something is still under way after <see cref="Patience"/>.</exception>
    public async Task SettleAsync()
    {
        try
        {
            await _hub.IdleAsync().WaitAsync(Patience);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"still under way after {Patience}: {_hub.UnderWay}");
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var app in _apps.Values)
        {
            await app.DisposeAsync();
        }
    }
}
