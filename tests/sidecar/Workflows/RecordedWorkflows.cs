using System.Collections.Concurrent;
using Dapr.Workflow;

namespace Tarasol.Tests.Sidecar.Workflows;

/// <summary>The workflows and activities behind the recorded dialogues, written to what they were seen to do.</summary>
internal static class RecordedWorkflows
{
    public static void Register(WorkflowRuntimeOptions options)
    {
        var attempts = new ConcurrentDictionary<string, int>();
        options.RegisterActivity<int, int>("Step", (_, input) => Task.FromResult(input + 1));
        options.RegisterActivity<int, int>("Boom", (_, _) => throw new InvalidOperationException("boom"));
        options.RegisterActivity<string, int>("Flaky", (_, key) =>
        {
            var attempt = attempts.AddOrUpdate(key, 1, (_, before) => before + 1);
            return attempt < 3 ? throw new InvalidOperationException($"try {attempt}") : Task.FromResult(attempt);
        });
        options.RegisterWorkflow<int, int>("Chain", async (context, input) =>
            await context.CallActivityAsync<int>("Step", await context.CallActivityAsync<int>("Step", input)));
        options.RegisterWorkflow<int, int>("FanOut", async (context, count) =>
            (await Task.WhenAll(Enumerable.Range(0, count).Select(number => context.CallActivityAsync<int>("Step", number)))).Sum());
        options.RegisterWorkflow<int, string>("Timer", async (context, _) =>
        {
            await context.CreateTimer(TimeSpan.FromSeconds(1));
            return "fired";
        });
        options.RegisterWorkflow<string, string>("Waits", async (context, input) => $"{input}+{await context.WaitForExternalEventAsync<object>("go")}");
        options.RegisterWorkflow<string, int>("TwoWaits", async (context, _) =>
            (await context.WaitForExternalEventAsync<int>("first") * 10) + await context.WaitForExternalEventAsync<int>("second"));
        options.RegisterWorkflow<int, string>("WaitsWithTimeout", async (context, _) =>
        {
            try
            {
                return $"{await context.WaitForExternalEventAsync<object>("go", TimeSpan.FromMilliseconds(500))}";
            }
            catch (TaskCanceledException)
            {
                return "too late";
            }
        });
        options.RegisterWorkflow<int, string>("Parent", async (context, input) => $"child said {await context.CallChildWorkflowAsync<int>("Chain", input)}");
        options.RegisterWorkflow<int, int>("Again", async (context, input) =>
        {
            var next = await context.CallActivityAsync<int>("Step", input);
            if (next < 4)
            {
                context.ContinueAsNew(next);
            }

            return next;
        });
        options.RegisterWorkflow<string, int>("Retries", async (context, key) => await context.CallActivityAsync<int>(
            "Flaky", key, new WorkflowTaskOptions(new WorkflowRetryPolicy(5, TimeSpan.FromSeconds(0.3), 2))));
        options.RegisterWorkflow<int, int>("Status", async (context, input) =>
        {
            context.SetCustomStatus(new { Step = 1 });
            var result = await context.CallActivityAsync<int>("Step", input);
            context.SetCustomStatus(new { Step = 2 });
            return result;
        });
        options.RegisterWorkflow<int, int>("Fails", async (context, input) => await context.CallActivityAsync<int>("Boom", input));
        options.RegisterWorkflow<int, int>("Unknown", async (context, input) => await context.CallActivityAsync<int>("NotRegistered", input));
        options.RegisterWorkflow<int, int>("ThrowsItself", (_, _) => throw new ArgumentException("bad letter"));
    }
}
