using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Json;
using Dapr.Workflow;
using Tarasol.Workflow.Testing;

namespace Tarasol.Tests.Sidecar.Workflows;

/// <summary>The W3C trace of whoever starts a workflow goes through all of its steps, on the embedded host and in the in-memory runner.</summary>
public sealed class TraceContextTests
{
    private const string TraceState = "vendor=value";
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);

    [Theory]
    [InlineData("host")]
    [InlineData("memory")]
    public async Task Turns_activities_children_and_other_apps_are_in_the_trace_of_the_start(string where)
    {
        var seen = new Seen();
        await using var bench = await BenchAsync(where, seen);
        var (trace, id) = await StartInTraceAsync(bench.Client, "Steps");
        // What wakes it later is no part of that trace, and the steps that follow are.
        await bench.Client.RaiseEventAsync(id, "go");
        await EndAsync(bench.Client, id);

        string[] steps = ["turn", "activity", "turn after an event", "activity after an event", "child", "activity of the child", "activity of the other app", "child in the other app"];
        Assert.Equal(steps.Order(), seen.Steps.Keys.Order());
        foreach (var step in steps)
        {
            Assert.True(seen.Steps[step].TraceId == trace.TraceId, $"{step}: {seen.Steps[step]}, and the start {trace}");
            Assert.Equal(TraceState, seen.Steps[step].State);
        }

        // Each step is a span of its own, below that of the start.
        var spans = seen.Steps.Where(step => step.Key.Contains("activity", StringComparison.Ordinal)).Select(step => step.Value).ToList();
        Assert.Equal(spans.Count, spans.Select(span => span.SpanId).Distinct().Count());
        Assert.All(spans, span => Assert.Equal(trace.SpanId, span.Parent));
    }

    [Theory]
    [InlineData("host")]
    [InlineData("memory")]
    public async Task Each_run_of_a_workflow_that_continues_as_new_is_a_trace_of_its_own(string where)
    {
        var seen = new Seen();
        await using var bench = await BenchAsync(where, seen);
        var (trace, id) = await StartInTraceAsync(bench.Client, "Loop");
        await EndAsync(bench.Client, id);

        Assert.Equal(trace.TraceId, seen.Steps["run 0"].TraceId);
        Assert.Equal(3, seen.Steps.Values.Select(step => step.TraceId).Where(traceId => traceId != default).Distinct().Count());
    }

    [Theory]
    [InlineData("host")]
    [InlineData("memory")]
    public async Task Without_a_trace_at_the_start_there_is_none_in_the_steps(string where)
    {
        var seen = new Seen();
        await using var bench = await BenchAsync(where, seen);
        Activity.Current = null;
        await EndAsync(bench.Client, await bench.Client.ScheduleNewWorkflowAsync("Loop", null, 2));

        Assert.Equal(default, Assert.Single(seen.Steps).Value.TraceId);
    }

    [Fact]
    public async Task A_start_over_the_HTTP_API_passes_the_callers_traceparent_on()
    {
        var seen = new Seen();
        await using var host = await EngineHost.StartAsync(new MemoryStore(), "wf");
        await using var app = await host.AppAsync("wf", options => Register(options, seen));
        using var http = host.Http("wf");
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/v1.0/workflows/dapr/Loop/start?instanceID=by-http", UriKind.Relative)) { Content = JsonContent.Create(2) };
        request.Headers.Add("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        request.Headers.Add("tracestate", TraceState);
        using var answer = await http.SendAsync(request);
        answer.EnsureSuccessStatusCode();
        await EndAsync(app.Client, "by-http");

        var step = Assert.Single(seen.Steps).Value;
        Assert.Equal("0af7651916cd43dd8448eb211c80319c", step.TraceId.ToHexString());
        Assert.Equal(TraceState, step.State);
    }

    private static async Task<(Span Start, string Id)> StartInTraceAsync(IDaprWorkflowClient client, string workflow)
    {
        using var start = new Activity("the client's own").SetIdFormat(ActivityIdFormat.W3C);
        start.TraceStateString = TraceState;
        start.Start();
        return (Span.Of(start), await client.ScheduleNewWorkflowAsync(workflow, null, 0));
    }

    private static async Task EndAsync(IDaprWorkflowClient client, string id)
    {
        var state = await client.WaitForWorkflowCompletionAsync(id).WaitAsync(Deadline);
        Assert.True(state.RuntimeStatus == WorkflowRuntimeStatus.Completed, $"{state.RuntimeStatus} {state.FailureDetails}");
    }

    private static void Register(WorkflowRuntimeOptions options, Seen seen)
    {
        options.RegisterActivity<string, bool>("Note", (_, step) => Task.FromResult(seen.Note(step)));
        options.RegisterWorkflow<int, int>("Steps", async (context, _) =>
        {
            seen.Note("turn");
            await context.CallActivityAsync("Note", "activity");
            await context.WaitForExternalEventAsync<object>("go");
            seen.Note("turn after an event");
            await context.CallActivityAsync("Note", "activity after an event");
            await context.CallChildWorkflowAsync<int>("Child", 0);
            await context.CallActivityAsync("Note", "activity of the other app", new WorkflowTaskOptions(TargetAppId: "other"));
            return await context.CallChildWorkflowAsync<int>("Guest", 0, new ChildWorkflowTaskOptions(TargetAppId: "other"));
        });
        options.RegisterWorkflow<int, int>("Child", async (context, _) =>
        {
            seen.Note("child");
            await context.CallActivityAsync("Note", "activity of the child");
            return 0;
        });
        options.RegisterWorkflow<int, int>("Guest", (_, _) =>
        {
            seen.Note("child in the other app");
            return Task.FromResult(0);
        });
        options.RegisterWorkflow<int, int>("Loop", async (context, run) =>
        {
            await context.CallActivityAsync("Note", $"run {run}");
            if (run < 2)
            {
                context.ContinueAsNew(run + 1);
            }

            return run;
        });
    }

    private static async Task<Bench> BenchAsync(string where, Seen seen)
    {
        if (where == "memory")
        {
            var runner = new WorkflowRunner(options => Register(options, seen), appId: "wf");
            runner.AddApp("other", options => Register(options, seen));
            return new Bench(runner.Client, [runner]);
        }

        var host = await EngineHost.StartAsync(new MemoryStore(), "wf", "other");
        var app = await host.AppAsync("wf", options => Register(options, seen));
        return new Bench(app.Client, [app, await host.AppAsync("other", options => Register(options, seen)), host]);
    }

    private sealed record Span(ActivityTraceId TraceId, ActivitySpanId SpanId, ActivitySpanId Parent, string? State)
    {
        public static Span Of(Activity? activity) => activity is null ? new Span(default, default, default, null) : new Span(activity.TraceId, activity.SpanId, activity.ParentSpanId, activity.TraceStateString);
    }

    /// <summary>The current span where each step ran last.</summary>
    private sealed class Seen
    {
        public ConcurrentDictionary<string, Span> Steps { get; } = new();

        public bool Note(string step)
        {
            Steps[step] = Span.Of(Activity.Current);
            return true;
        }
    }

    private sealed record Bench(IDaprWorkflowClient Client, IReadOnlyList<IAsyncDisposable> Parts) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            foreach (var part in Parts)
            {
                await part.DisposeAsync();
            }
        }
    }
}
