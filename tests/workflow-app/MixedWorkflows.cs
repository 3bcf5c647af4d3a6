using Dapr.Workflow;

namespace Tarasol.Tests.WorkflowApp;

/// <summary>One workflow for each shape that a kill can break. Each takes its number, and its output follows from it alone.</summary>
public static class MixedWorkflows
{
    public static IReadOnlyList<string> Shapes { get; } = ["Chain", "FanOut", "Timers", "Events", "Children", "Retries", "Loop"];

    /// <summary>Names of the external events that an instance of the shape waits for.</summary>
    public static IReadOnlyList<string> EventsOf(string shape) => shape == "Events" ? ["first", "second"] : [];

    /// <summary>The steps that must have had their effect, once each.</summary>
    public static IEnumerable<string> StepsOf(string shape, int number) => (shape switch
    {
        "Chain" => Enumerable.Range(0, 6).Select(step => $"{step}"),
        "FanOut" => Enumerable.Range(0, 20).Select(step => $"{step}"),
        "Timers" => ["before", "between", "after"],
        "Events" => ["before", "first", "second"],
        "Children" => ["a-0", "a-1", "b-0", "b-1"],
        "Retries" => ["flaky", "after"],
        "Loop" => Enumerable.Range(0, 5).Select(run => $"run-{run}"),
        _ => throw new ArgumentOutOfRangeException(nameof(shape)),
    }).Select(step => $"{number} {step}");

    public static void Register(WorkflowRuntimeOptions options, Effects effects)
    {
        options.RegisterActivity<string, int>("Effect", (context, step) =>
        {
            effects.Note(step, context.TaskExecutionKey);
            return Task.FromResult(1);
        });
        options.RegisterActivity<string, int>("Flaky", (context, step) =>
        {
            if (effects.Attempt(step, context.TaskExecutionKey) < 3)
                throw new TimeoutException("not yet");
            effects.Note(step, context.TaskExecutionKey);
            return Task.FromResult(1);
        });
        options.RegisterWorkflow<int, int>("Chain", async (context, number) =>
        {
            var sum = 0;
            foreach (var step in StepsOf("Chain", number))
                sum += await context.CallActivityAsync<int>("Effect", step);
            return number + sum;
        });
        options.RegisterWorkflow<int, int>("FanOut", async (context, number) =>
            number + (await Task.WhenAll(StepsOf("FanOut", number).Select(step => context.CallActivityAsync<int>("Effect", step)))).Sum());
        options.RegisterWorkflow<int, int>("Timers", async (context, number) =>
        {
            var sum = 0;
            foreach (var step in StepsOf("Timers", number))
            {
                sum += await context.CallActivityAsync<int>("Effect", step);
                await context.CreateTimer(TimeSpan.FromMilliseconds(100 + (number * 37 % 900)));
            }
            return number + sum;
        });
        options.RegisterWorkflow<int, int>("Events", async (context, number) =>
        {
            var sum = await context.CallActivityAsync<int>("Effect", $"{number} before");
            foreach (var name in EventsOf("Events"))
            {
                sum += await context.WaitForExternalEventAsync<int>(name);
                sum += await context.CallActivityAsync<int>("Effect", $"{number} {name}");
            }
            return number + sum;
        });
        options.RegisterWorkflow<int, int>("Children", async (context, number) =>
            number + (await Task.WhenAll(
                context.CallChildWorkflowAsync<int>("Child", $"{number} a"), context.CallChildWorkflowAsync<int>("Child", $"{number} b"))).Sum());
        options.RegisterWorkflow<string, int>("Child", async (context, name) =>
            await context.CallActivityAsync<int>("Effect", $"{name}-0") + await context.CallActivityAsync<int>("Effect", $"{name}-1"));
        options.RegisterWorkflow<int, int>("Retries", async (context, number) =>
        {
            var policy = new WorkflowTaskOptions(new WorkflowRetryPolicy(10, TimeSpan.FromMilliseconds(100), 1.5));
            return number + await context.CallActivityAsync<int>("Flaky", $"{number} flaky", policy) + await context.CallActivityAsync<int>("Effect", $"{number} after");
        });
        // The input is the number and the run: 1,000 times the number and the run.
        options.RegisterWorkflow<int, int>("Loop", async (context, numberAndRun) =>
        {
            var (number, run) = (numberAndRun / 1000, numberAndRun % 1000);
            await context.CallActivityAsync<int>("Effect", $"{number} run-{run}");
            if (run < 4)
                context.ContinueAsNew(numberAndRun + 1);
            return number + run + 1;
        });
    }

    public static int InputOf(string shape, int number) => shape == "Loop" ? number * 1000 : number;

    /// <summary>Each event's payload is 1.</summary>
    public static int OutputOf(string shape, int number) => number + StepsOf(shape, number).Count() + EventsOf(shape).Count;
}
