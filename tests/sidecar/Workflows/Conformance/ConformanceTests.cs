using System.Text.Json;
using Dapr.Workflow;
using Dapr.Workflow.Client;
using Grpc.Core;

namespace Tarasol.Tests.Sidecar.Workflows.Conformance;

/// <summary>Every primitive and every status, on the in-memory runner and on the embedded host.</summary>
public sealed class InMemoryConformanceTests : ConformanceTests
{
    private protected override Task<Bench> StartAsync() => Task.FromResult<Bench>(new InMemoryBench());
}

/// <inheritdoc cref="InMemoryConformanceTests"/>
[Trait("Scale", "large")]
public sealed class HostConformanceTests : ConformanceTests
{
    private protected override Task<Bench> StartAsync() => HostBench.StartAsync();
}

public abstract class ConformanceTests : IAsyncLifetime
{
    private Bench _bench = null!;

    public static TheoryData<string> Cases => [.. ConformanceCases.All.Select(row => row.Name)];

    private IDaprWorkflowClient Client => _bench.Client;

    private protected abstract Task<Bench> StartAsync();

    public async ValueTask InitializeAsync() => _bench = await StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _bench.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task It_ends_as_the_table_says(string name)
    {
        var row = ConformanceCases.All.Single(row => row.Name == name);
        var id = await Client.ScheduleNewWorkflowAsync(row.Workflow, null, row.Input);
        foreach (var step in row.Steps)
        {
            await step(_bench, id);
        }

        var state = await _bench.EndAsync(id);
        Assert.True(state.RuntimeStatus == row.Status, $"{state.RuntimeStatus} {state.FailureDetails} {state.FailureDetails?.StackTrace}");
        Assert.Equal(row.Output, state.ReadOutputAs<JsonElement?>()?.GetRawText());
        Assert.Equal(row.ErrorType, state.FailureDetails?.ErrorType);
        Assert.StartsWith(row.Error ?? "", state.FailureDetails?.ErrorMessage ?? "", StringComparison.Ordinal);
        if (row.History is not null)
        {
            Assert.Equal(row.History, await _bench.HistoryAsync(id));
        }
    }

    [Fact]
    public async Task An_unknown_instance_does_not_exist_and_takes_nothing()
    {
        Assert.False((await Client.GetWorkflowStateAsync("nobody")).Exists);
        await RefusedAsync(StatusCode.Unknown, "no such instance exists", () => Client.RaiseEventAsync("nobody", "go"));
        await RefusedAsync(StatusCode.Unknown, "no such instance exists", () => Client.SuspendWorkflowAsync("nobody"));
        await RefusedAsync(StatusCode.Unknown, "failed to submit termination request: no such instance exists", () => Client.TerminateWorkflowAsync("nobody"));
        await RefusedAsync(StatusCode.Unknown, "failed to purge workflow state: failed to fetch workflow state: no such instance exists", () => Client.PurgeInstanceAsync("nobody"));
        await RefusedAsync(StatusCode.NotFound, "workflow instance 'nobody' not found", () => Client.GetInstanceHistoryAsync("nobody"));
        await RefusedAsync(StatusCode.NotFound, "workflow instance does not exist with ID 'nobody'", () => Client.RerunWorkflowFromEventAsync("nobody", 0));
    }

    [Fact]
    public async Task An_id_in_use_is_refused_and_an_ended_one_is_taken_over()
    {
        await Client.ScheduleNewWorkflowAsync("Waits", "taken");
        await RefusedAsync(StatusCode.AlreadyExists, "failed to create workflow instance: rpc error: code = AlreadyExists desc = an active workflow with ID 'taken' already exists",
            () => Client.ScheduleNewWorkflowAsync("Chain", "taken", 1));
        await Client.RaiseEventAsync("taken", "go", "went");
        Assert.Equal("went", await _bench.OutputAsync<string>("taken"));
        await Client.ScheduleNewWorkflowAsync("Chain", "taken", 5);
        Assert.Equal(7, await _bench.OutputAsync<int>("taken"));
        Assert.Single((await Client.ListInstanceIdsAsync()).InstanceIds);
    }

    [Fact]
    public async Task An_ended_workflow_takes_events_and_does_nothing_with_them()
    {
        var id = await Client.ScheduleNewWorkflowAsync("Chain", null, 1);
        Assert.Equal(3, await _bench.OutputAsync<int>(id));
        var history = await _bench.HistoryAsync(id);
        await Client.RaiseEventAsync(id, "go");
        await Client.TerminateWorkflowAsync(id);
        Assert.Equal(history, await _bench.HistoryAsync(id));
    }

    [Fact]
    public async Task A_scheduled_workflow_is_pending_until_its_time_and_keeps_events_meanwhile()
    {
        var id = await Client.ScheduleNewWorkflowAsync("Letter", null, 1, await InAsync(1));
        var pending = await Client.GetWorkflowStateAsync(id);
        Assert.Equal((WorkflowRuntimeStatus.Pending, "Letter"), (pending.RuntimeStatus, pending.WorkflowName));
        await Client.RaiseEventAsync(id, "decided", "early");
        await _bench.PassAsync(TimeSpan.FromSeconds(1));
        Assert.Equal("early 3", await _bench.OutputAsync<string>(id));
    }

    [Fact]
    public async Task A_scheduled_workflow_can_be_terminated_before_its_time()
    {
        var id = await Client.ScheduleNewWorkflowAsync("Letter", null, 1, await InAsync(86400));
        await Client.TerminateWorkflowAsync(id).WaitAsync(Bench.Deadline);
        Assert.Equal(WorkflowRuntimeStatus.Terminated, (await Client.GetWorkflowStateAsync(id)).RuntimeStatus);
    }

    [Fact]
    public async Task Terminating_a_workflow_ends_its_children_too()
    {
        var child = $"child-{Guid.NewGuid():N}";
        var id = await Client.ScheduleNewWorkflowAsync("ParentOfWaiting", null, child);
        await Client.WaitForWorkflowStartAsync(child).WaitAsync(Bench.Deadline);
        await Client.TerminateWorkflowAsync(id, "enough").WaitAsync(Bench.Deadline);
        var state = await Client.GetWorkflowStateAsync(id);
        Assert.Equal((WorkflowRuntimeStatus.Terminated, "enough"), (state.RuntimeStatus, state.ReadOutputAs<string>()));
        Assert.Equal(WorkflowRuntimeStatus.Terminated, (await _bench.EndAsync(child)).RuntimeStatus);
    }

    [Fact]
    public async Task A_running_workflow_cannot_be_purged_and_an_ended_one_goes_with_its_children()
    {
        var child = $"purged-{Guid.NewGuid():N}";
        var id = await Client.ScheduleNewWorkflowAsync("ParentOfWaiting", null, child);
        await RefusedAsync(StatusCode.Unknown, "failed to purge workflow state: orchestration has not yet completed", () => Client.PurgeInstanceAsync(id));
        await Client.WaitForWorkflowStartAsync(child).WaitAsync(Bench.Deadline);
        await Client.RaiseEventAsync(child, "decided", "yes");
        Assert.Equal("yes 3", await _bench.OutputAsync<string>(id));
        Assert.True(await Client.PurgeInstanceAsync(id));
        Assert.False((await Client.GetWorkflowStateAsync(id)).Exists);
        Assert.False((await Client.GetWorkflowStateAsync(child)).Exists);
        Assert.Empty((await Client.ListInstanceIdsAsync()).InstanceIds);
    }

    [Fact]
    public async Task Instances_are_listed_page_by_page()
    {
        var started = new HashSet<string>();
        for (var i = 0; i < 5; i++)
        {
            started.Add(await Client.ScheduleNewWorkflowAsync("Guids"));
        }

        var listed = new List<string>();
        string? token = null;
        do
        {
            var page = await Client.ListInstanceIdsAsync(token, 2);
            Assert.InRange(page.InstanceIds.Count, 0, 2);
            listed.AddRange(page.InstanceIds);
            token = page.ContinuationToken;
        }
        while (token is not null);
        Assert.Equal(started.Order(), listed.Order());
    }

    [Fact]
    public async Task A_workflow_runs_again_from_one_of_its_steps_with_another_input()
    {
        var id = await Client.ScheduleNewWorkflowAsync("Chain", null, 1);
        Assert.Equal(3, await _bench.OutputAsync<int>(id));
        var again = await Client.RerunWorkflowFromEventAsync(id, 1, new RerunWorkflowFromEventOptions { Input = 41, OverwriteInput = true });
        Assert.Equal(42, await _bench.OutputAsync<int>(again));
        Assert.Equal(3, await _bench.OutputAsync<int>(id));
        Assert.Equal(StatusCode.NotFound, (await Assert.ThrowsAsync<RpcException>(() => Client.RerunWorkflowFromEventAsync(id, 7))).StatusCode);
        await RefusedAsync(StatusCode.AlreadyExists, $"workflow '{again}' has already been created",
            () => Client.RerunWorkflowFromEventAsync(id, 0, new RerunWorkflowFromEventOptions { NewInstanceId = again }));
    }

    [Fact]
    public async Task A_running_workflow_cannot_be_run_again()
    {
        var id = await Client.ScheduleNewWorkflowAsync("Letter", null, 1);
        await RefusedAsync(StatusCode.InvalidArgument, $"'{id}' is not in a terminal state", () => Client.RerunWorkflowFromEventAsync(id, 0));
    }

    [Fact]
    public async Task An_event_reaches_another_workflow()
    {
        var target = await Client.ScheduleNewWorkflowAsync("Letter", null, 1);
        Assert.True(await _bench.OutputAsync<bool>(await Client.ScheduleNewWorkflowAsync("Tells", null, target)));
        Assert.Equal("told 3", await _bench.OutputAsync<string>(target));
    }

    [Fact]
    public async Task A_child_in_another_app_is_an_instance_of_that_app()
    {
        var child = $"guest-{Guid.NewGuid():N}";
        var id = await Client.ScheduleNewWorkflowAsync("NamedChildInOtherApp", null, child);
        Assert.Equal("letter at other", await _bench.OutputAsync<string>(id));
        Assert.False((await Client.GetWorkflowStateAsync(child)).Exists);
        Assert.Equal("letter at other", (await _bench.Other.GetWorkflowStateAsync(child)).ReadOutputAs<string>());
    }

    /// <summary>By the clock of whoever runs the workflow.</summary>
    private async Task<DateTimeOffset> InAsync(int seconds)
    {
        var now = await _bench.OutputAsync<DateTime>(await Client.ScheduleNewWorkflowAsync("Now"));
        return new DateTimeOffset(DateTime.SpecifyKind(now, DateTimeKind.Utc)).AddSeconds(seconds);
    }

    private static async Task RefusedAsync(StatusCode code, string why, Func<Task> call)
    {
        var refused = await Assert.ThrowsAsync<RpcException>(call);
        Assert.Equal((code, why), (refused.StatusCode, refused.Status.Detail));
    }
}
