using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Dapr.Workflow;
using Tarasol.Sidecar.Components;

namespace Tarasol.Tests.Sidecar.Workflows;

/// <summary>The workflow section of the Configuration.</summary>
public sealed class WorkflowSectionTests : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);
    private readonly string _folder = Directory.CreateTempSubdirectory("workflow-section-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Ended_instances_go_when_their_time_is_over_also_over_a_restart()
    {
        var store = new MemoryStore();
        var host = await StartAsync("stateRetentionPolicy: { completed: 0s, anyTerminal: 1s }", store);
        var app = await host.AppAsync("wf", Register);
        var completed = await app.Client.ScheduleNewWorkflowAsync("Counts", null, 1);
        await Poll.UntilAsync(async () => !(await app.Client.GetWorkflowStateAsync(completed)).Exists);
        var failed = await app.Client.ScheduleNewWorkflowAsync("Fails");
        Assert.Equal(WorkflowRuntimeStatus.Failed, (await app.Client.WaitForWorkflowCompletionAsync(failed).WaitAsync(Deadline)).RuntimeStatus);
        await app.DisposeAsync();
        await host.DisposeAsync();

        host = await StartAsync("stateRetentionPolicy: { completed: 0s, anyTerminal: 1s }", store);
        app = await host.AppAsync("wf", Register);
        await Poll.UntilAsync(async () => !(await app.Client.GetWorkflowStateAsync(failed)).Exists);
        Assert.Empty((await app.Client.ListInstanceIdsAsync()).InstanceIds);
        await app.DisposeAsync();
        await host.DisposeAsync();
    }

    [Theory]
    [InlineData("maxConcurrentActivityInvocations: 2", 2)]
    [InlineData("activityConcurrencyLimits: [{ name: count, maxConcurrent: 1 }]", 1)]
    public async Task No_more_activities_run_at_a_time_than_allowed(string section, int allowed)
    {
        await using var host = await StartAsync(section, new MemoryStore());
        var (running, most) = (0, 0);
        await using var app = await host.AppAsync("wf", options =>
        {
            options.RegisterActivity<int, int>("Count", async (_, input) =>
            {
                var now = Interlocked.Increment(ref running);
                most = Math.Max(most, now);
                await Task.Delay(20);
                Interlocked.Decrement(ref running);
                return input;
            });
            Register(options);
        });
        var id = await app.Client.ScheduleNewWorkflowAsync("CountsAtOnce", null, 10);
        Assert.Equal(45, (await app.Client.WaitForWorkflowCompletionAsync(id).WaitAsync(Deadline)).ReadOutputAs<int>());
        Assert.Equal(allowed, most);
    }

    [Fact]
    public async Task With_one_turn_at_a_time_all_workflows_end_all_the_same()
    {
        await using var host = await StartAsync("maxConcurrentWorkflowInvocations: 1", new MemoryStore());
        await using var app = await host.AppAsync("wf", Register);
        var ids = await Task.WhenAll(Enumerable.Range(0, 20).Select(number => app.Client.ScheduleNewWorkflowAsync("Counts", null, number)));
        var ends = await Task.WhenAll(ids.Select(id => app.Client.WaitForWorkflowCompletionAsync(id).WaitAsync(Deadline)));
        Assert.Equal(Enumerable.Range(0, 20), ends.Select(end => end.ReadOutputAs<int>()).Order());
    }

    [Theory]
    [InlineData("maxConcurrentWorkflowInvocations: many", "maxConcurrentWorkflowInvocations must be a whole number")]
    [InlineData("stateRetentionPolicy: { failed: soon }", "failed must be a duration like 24h")]
    [InlineData("workflowConcurrencyLimits: [{ maxConcurrent: 1 }]", "a concurrency limit needs a name")]
    public async Task A_wrong_setting_is_refused_with_its_line(string section, string problem)
    {
        var refused = await Assert.ThrowsAsync<ConfigurationException>(() => StartAsync(section, new MemoryStore()));
        Assert.EndsWith($"config.yaml:6: {problem}", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_meters_count_what_ended_and_how_long_its_steps_took()
    {
        var counted = new ConcurrentDictionary<string, double>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, on) =>
        {
            if (instrument.Meter.Name is "Dapr.Workflow" or "Tarasol.Sidecar.Workflows")
            {
                on.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Note(instrument, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, _, tags, _) => Note(instrument, 1, tags));
        listener.Start();
        await using var host = await StartAsync("{}", new MemoryStore());
        await using var app = await host.AppAsync("wf", options =>
        {
            options.RegisterActivity<int, int>("Measured", (_, input) => Task.FromResult(input));
            options.RegisterWorkflow<int, int>("MeasuredWorkflow", async (context, input) => await context.CallActivityAsync<int>("Measured", input));
        });
        await app.Client.WaitForWorkflowCompletionAsync(await app.Client.ScheduleNewWorkflowAsync("MeasuredWorkflow", null, 1)).WaitAsync(Deadline);
        await Poll.UntilAsync(() => counted.ContainsKey("dapr_runtime_workflow_execution_count MeasuredWorkflow success"));
        Assert.Equal(1, counted["dapr_runtime_workflow_activity_execution_latency Measured success"]);
        Assert.Equal(1, counted["dapr_workflow_ended MeasuredWorkflow Completed"]);
        Assert.Equal(1, counted["dapr_workflow_step_latency activity Measured False"]);
        Assert.Equal(2, counted["dapr_workflow_step_latency turn MeasuredWorkflow False"]);

        void Note(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            var key = instrument.Name;
            foreach (var tag in tags)
            {
                key += tag.Key is "app_id" ? "" : $" {tag.Value}";
            }

            counted.AddOrUpdate(key, value, (_, before) => before + value);
        }
    }

    private static void Register(WorkflowRuntimeOptions options)
    {
        options.RegisterActivity<int, int>("Count", (_, input) => Task.FromResult(input));
        options.RegisterWorkflow<int, int>("Counts", async (context, input) => await context.CallActivityAsync<int>("Count", input));
        options.RegisterWorkflow<object?, int>("Fails", (_, _) => throw new InvalidOperationException("asked to"));
        options.RegisterWorkflow<int, int>("CountsAtOnce", async (context, count) =>
            (await Task.WhenAll(Enumerable.Range(0, count).Select(number => context.CallActivityAsync<int>("Count", number)))).Sum());
    }

    private async Task<EngineHost> StartAsync(string section, MemoryStore store)
    {
        var config = Path.Combine(_folder, "config.yaml");
        await File.WriteAllTextAsync(config, $"""
            apiVersion: dapr.io/v1alpha1
            kind: Configuration
            metadata:
              name: tests
            spec:
              workflow: {(section.StartsWith('{') ? section : "{ " + section + " }")}
            """);
        return await EngineHost.StartWithConfigAsync(store, config, "wf");
    }
}
