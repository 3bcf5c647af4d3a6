using Dapr.Workflow;

namespace Tarasol.Tests.Sidecar.Workflows;

/// <summary>Activities and children of an app that another host process serves.</summary>
[Trait("Scale", "large")]
public sealed class CrossHostTests : IAsyncLifetime
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);
    private TwoHosts _hosts = null!;
    private WorkflowApp _one = null!;
    private WorkflowApp _two = null!;

    public async ValueTask InitializeAsync()
    {
        _hosts = await TwoHosts.StartAsync("one", "two");
        _one = await WorkflowApp.StartAsync(_hosts.Endpoint("one"), options =>
        {
            options.RegisterWorkflow<string, string>("Asks", async (context, input) =>
                await context.CallActivityAsync<string>("Where", input, new WorkflowTaskOptions(TargetAppId: "two")));
            options.RegisterWorkflow<string, string>("Sends", async (context, child) =>
                await context.CallChildWorkflowAsync<string>("Guest", "letter", new ChildWorkflowTaskOptions(child, TargetAppId: "two")));
        });
        _two = await WorkflowApp.StartAsync(_hosts.Endpoint("two"), RegisterTwo);
    }

    public async ValueTask DisposeAsync()
    {
        await _one.DisposeAsync();
        await _two.DisposeAsync();
        await _hosts.DisposeAsync();
    }

    [Fact]
    public async Task An_activity_runs_in_the_other_host()
    {
        Assert.Equal("letter at two", await OutputAsync(await _one.Client.ScheduleNewWorkflowAsync("Asks", null, "letter")));
        var failed = await _one.Client.WaitForWorkflowCompletionAsync(await _one.Client.ScheduleNewWorkflowAsync("Asks", null, "nowhere")).WaitAsync(Deadline);
        Assert.Equal("Task failed: no such place", failed.FailureDetails!.ErrorMessage);
    }

    [Fact]
    public async Task A_child_runs_in_the_other_host_and_ends_goes_and_is_terminated_with_its_parent()
    {
        var id = await _one.Client.ScheduleNewWorkflowAsync("Sends", null, "guest-1");
        await _two.Client.WaitForWorkflowStartAsync("guest-1").WaitAsync(Deadline);
        Assert.False((await _one.Client.GetWorkflowStateAsync("guest-1")).Exists);
        await _two.Client.RaiseEventAsync("guest-1", "go");
        Assert.Equal("letter at two", await OutputAsync(id));
        Assert.True(await _one.Client.PurgeInstanceAsync(id));
        Assert.False((await _two.Client.GetWorkflowStateAsync("guest-1")).Exists);

        id = await _one.Client.ScheduleNewWorkflowAsync("Sends", null, "guest-2");
        await _two.Client.WaitForWorkflowStartAsync("guest-2").WaitAsync(Deadline);
        await _one.Client.TerminateWorkflowAsync(id);
        Assert.Equal(WorkflowRuntimeStatus.Terminated, (await _two.Client.WaitForWorkflowCompletionAsync("guest-2").WaitAsync(Deadline)).RuntimeStatus);
    }

    [Fact]
    public async Task A_child_whose_id_is_in_use_over_there_is_refused()
    {
        await _two.Client.ScheduleNewWorkflowAsync("Guest", "guest-3", "x");
        var failed = await _one.Client.WaitForWorkflowCompletionAsync(await _one.Client.ScheduleNewWorkflowAsync("Sends", null, "guest-3")).WaitAsync(Deadline);
        Assert.Equal("Child workflow 'Guest' failed", failed.FailureDetails!.ErrorMessage);
    }

    [Fact]
    public async Task The_end_of_a_child_reaches_a_parent_whose_host_was_away()
    {
        var id = await _one.Client.ScheduleNewWorkflowAsync("Sends", null, "guest-4");
        await _two.Client.WaitForWorkflowStartAsync("guest-4").WaitAsync(Deadline);
        await _hosts.StopAsync("one");
        await _two.Client.RaiseEventAsync("guest-4", "go");
        Assert.Equal(WorkflowRuntimeStatus.Completed, (await _two.Client.WaitForWorkflowCompletionAsync("guest-4").WaitAsync(Deadline)).RuntimeStatus);
        await _hosts.StartAsync("one");
        Assert.Equal("letter at two", await OutputAsync(id));
    }

    [Fact]
    public async Task An_activity_waits_for_a_host_that_is_away()
    {
        await _hosts.StopAsync("two");
        var id = await _one.Client.ScheduleNewWorkflowAsync("Asks", null, "letter");
        await _hosts.StartAsync("two");
        Assert.Equal("letter at two", await OutputAsync(id));
    }

    private static void RegisterTwo(WorkflowRuntimeOptions options)
    {
        options.RegisterActivity<string, string>("Where", (_, input) => input == "nowhere" ? throw new InvalidOperationException("no such place") : Task.FromResult($"{input} at two"));
        options.RegisterWorkflow<string, string>("Guest", async (context, input) =>
        {
            await context.WaitForExternalEventAsync<object>("go");
            return await context.CallActivityAsync<string>("Where", input);
        });
    }

    private async Task<string?> OutputAsync(string id)
    {
        var state = await _one.Client.WaitForWorkflowCompletionAsync(id).WaitAsync(Deadline);
        Assert.True(state.RuntimeStatus == WorkflowRuntimeStatus.Completed, $"{state.RuntimeStatus} {state.FailureDetails}");
        return state.ReadOutputAs<string>();
    }
}
