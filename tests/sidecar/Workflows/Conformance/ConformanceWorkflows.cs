using Dapr.Workflow;

namespace Tarasol.Tests.Sidecar.Workflows.Conformance;

/// <summary>The suite's workflows. They stand for every primitive, not for anything useful.</summary>
internal static class ConformanceWorkflows
{
    public static void Register(WorkflowRuntimeOptions options)
    {
        var attempts = new System.Collections.Concurrent.ConcurrentDictionary<string, int>();
        string NotYet(string key) => attempts.AddOrUpdate(key, 1, (_, before) => before + 1) is var attempt && attempt < 3
            ? throw new InvalidOperationException($"not yet {attempt}")
            : "third time";
        options.RegisterActivity<int, int>("Step", (_, input) => Task.FromResult(input + 1));
        options.RegisterActivity<string, string>("NotYet", (_, key) => Task.FromResult(NotYet(key)));
        options.RegisterWorkflow<int, string>("Letter", async (context, input) =>
        {
            var one = await context.CallActivityAsync<int>("Step", input);
            var decision = await context.WaitForExternalEventAsync<string>("decided");
            return $"{decision} {await context.CallActivityAsync<int>("Step", one)}";
        });
        options.RegisterWorkflow<int, int>("Chain", async (context, input) =>
            await context.CallActivityAsync<int>("Step", await context.CallActivityAsync<int>("Step", input)));
        options.RegisterWorkflow<int, int>("Steps", async (context, count) =>
        {
            var value = 0;
            for (var i = 0; i < count; i++)
            {
                value = await context.CallActivityAsync<int>("Step", value);
            }

            return value;
        });
        options.RegisterWorkflow<int, int>("FanOut", async (context, count) =>
            (await Task.WhenAll(Enumerable.Range(0, count).Select(number => context.CallActivityAsync<int>("Step", number)))).Sum());
        options.RegisterWorkflow<object?, string>("Alarms", async (context, _) =>
        {
            await context.CreateTimer(context.CurrentUtcDateTime.AddDays(-1), CancellationToken.None);
            var before = context.CurrentUtcDateTime;
            await context.CreateTimer(TimeSpan.FromMilliseconds(200));
            return context.CurrentUtcDateTime >= before.AddMilliseconds(200) ? "past soon" : "too early";
        });
        options.RegisterWorkflow<object?, string>("TimesOut", (context, _) => TimeOutAsync(context, TimeSpan.FromMilliseconds(100)));
        options.RegisterWorkflow<object?, string>("ZeroTimeout", (context, _) => TimeOutAsync(context, TimeSpan.Zero));
        options.RegisterWorkflow<object?, string>("WaitsBriefly", async (context, _) =>
        {
            await context.WaitForExternalEventAsync<object>("go", TimeSpan.FromMilliseconds(1000));
            await context.CreateTimer(TimeSpan.FromMilliseconds(1200));
            await context.WaitForExternalEventAsync<object>("end");
            return "in time";
        });
        options.RegisterWorkflow<object?, string>("TakesThree", async (context, _) =>
        {
            await context.WaitForExternalEventAsync<object>("go");
            return $"{await context.WaitForExternalEventAsync<int>("number")} {await context.WaitForExternalEventAsync<int>("number")} {await context.WaitForExternalEventAsync<int>("number")}";
        });
        options.RegisterWorkflow<int, int>("Parent", async (context, input) => await context.CallChildWorkflowAsync<int>("Chain", input));
        options.RegisterWorkflow<string, int>("NamedParent", async (context, child) => await context.CallChildWorkflowAsync<int>("Chain", 1, new ChildWorkflowTaskOptions(child)));
        options.RegisterWorkflow<string, string>("ParentOfWaiting", async (context, child) =>
            await context.CallChildWorkflowAsync<string>("Letter", 1, new ChildWorkflowTaskOptions(child)));
        options.RegisterWorkflow<object?, string>("Throws", (_, _) => throw new ArgumentException("bad letter"));
        options.RegisterWorkflow<object?, string>("FailsSimply", (_, _) => throw new InvalidOperationException("boom"));
        options.RegisterWorkflow<object?, string>("FailingChild", async (context, _) =>
        {
            try
            {
                return await context.CallChildWorkflowAsync<string>("FailsSimply");
            }
            catch (WorkflowTaskFailedException failed)
            {
                return failed.FailureDetails.ToString();
            }
        });
        options.RegisterWorkflow<string, string>("NotYetWorkflow", async (context, key) => await context.CallActivityAsync<string>("NotYet", key));
        options.RegisterWorkflow<string, string>("RetriedChild", async (context, key) => await context.CallChildWorkflowAsync<string>(
            "NotYetWorkflow", key, new ChildWorkflowTaskOptions(RetryPolicy: new WorkflowRetryPolicy(4, TimeSpan.FromMilliseconds(20)))));
        options.RegisterWorkflow<string, string>("RetriedActivity", async (context, key) => await context.CallActivityAsync<string>(
            "NotYet", key, new WorkflowTaskOptions(new WorkflowRetryPolicy(4, TimeSpan.FromMilliseconds(20), 2))));
        options.RegisterWorkflow<string, string>("GivesUp", async (context, key) =>
        {
            try
            {
                return await context.CallActivityAsync<string>("NotYet", key, new WorkflowTaskOptions(new WorkflowRetryPolicy(2, TimeSpan.FromMilliseconds(20))));
            }
            catch (WorkflowTaskFailedException failed)
            {
                return failed.Message;
            }
        });
        options.RegisterWorkflow<int, int>("CountsToFive", async (context, input) =>
        {
            var next = await context.CallActivityAsync<int>("Step", input);
            if (next < 5)
            {
                context.ContinueAsNew(next);
            }

            return next;
        });
        options.RegisterWorkflow<string, string>("Collects", async (context, letters) =>
        {
            letters += await context.WaitForExternalEventAsync<string>("letter");
            if (letters.Length < 3)
            {
                context.ContinueAsNew(letters);
            }

            return letters;
        });
        options.RegisterWorkflow<object?, bool>("Guids", async (context, _) =>
        {
            var first = context.NewGuid();
            await context.CallActivityAsync<int>("Step", 1);
            return first != context.NewGuid();
        });
        options.RegisterWorkflow<object?, string>("Races", async (context, _) =>
        {
            var slow = context.CreateTimer(TimeSpan.FromHours(1));
            var fast = context.CallActivityAsync<int>("Step", 1);
            return await Task.WhenAny(slow, fast) == fast ? "fast" : "slow";
        });
        options.RegisterWorkflow<string, string>("CallsOtherApp", async (context, input) =>
            await context.CallActivityAsync<string>("Where", input, new WorkflowTaskOptions(TargetAppId: "other")));
        options.RegisterWorkflow<string, string>("ChildInOtherApp", async (context, input) =>
            await context.CallChildWorkflowAsync<string>("Guest", input, new ChildWorkflowTaskOptions(TargetAppId: "other")));
        options.RegisterWorkflow<object?, string>("UnknownApp", async (context, _) =>
        {
            try
            {
                return await context.CallActivityAsync<string>("Where", "x", new WorkflowTaskOptions(TargetAppId: "nobody"));
            }
            catch (WorkflowTaskFailedException failed)
            {
                return failed.FailureDetails.ErrorType;
            }
        });
        options.RegisterWorkflow<int, string>("NothingIn", (_, input) => Task.FromResult($"{input}"));
        options.RegisterWorkflow<object?, int>("CallsUnknownActivity", async (context, _) => await context.CallActivityAsync<int>("Nowhere"));
        options.RegisterWorkflow<object?, int>("AwaitsTheWrongThing", async (_, _) =>
        {
            await new TaskCompletionSource().Task;
            return 1;
        });
        options.RegisterWorkflow<string, bool>("Tells", (context, target) =>
        {
            context.SendEvent(target, "decided", "told");
            return Task.FromResult(true);
        });
        options.RegisterWorkflow<object?, string>("Reports", async (context, _) =>
        {
            context.SetCustomStatus("step 1");
            await context.WaitForExternalEventAsync<object>("go");
            context.SetCustomStatus(null);
            return "done";
        });
        options.RegisterWorkflow<object?, DateTime>("Now", (context, _) => Task.FromResult(context.CurrentUtcDateTime));
        options.RegisterWorkflow<object?, string>("Waits", async (context, _) => await context.WaitForExternalEventAsync<string>("go"));
        options.RegisterWorkflow<object?, string>("WaitsForTwo", async (context, _) =>
        {
            var both = await Task.WhenAll(context.WaitForExternalEventAsync<string>("left"), context.WaitForExternalEventAsync<string>("right"));
            return string.Join(' ', both);
        });
        options.RegisterWorkflow<object?, string>("WaitsAnHour", async (context, _) => await context.WaitForExternalEventAsync<string>("go", TimeSpan.FromHours(1)));
        options.RegisterWorkflow<object?, string>("WaitsForEver", async (context, _) => await context.WaitForExternalEventAsync<string>("go", Timeout.InfiniteTimeSpan));
        options.RegisterWorkflow<object?, string>("Sleeps", async (context, _) =>
        {
            await context.CreateTimer(TimeSpan.FromMilliseconds(300));
            return "slept";
        });
        options.RegisterWorkflow<object?, string>("CancelsTimer", async (context, _) =>
        {
            using var cancel = new CancellationTokenSource();
            var timer = context.CreateTimer(TimeSpan.FromHours(1), cancel.Token);
            await context.CallActivityAsync<int>("Step", 1);
#pragma warning disable CA1849 // CancelAsync would go on elsewhere than in the turn.
            cancel.Cancel();
#pragma warning restore CA1849
            try
            {
                await timer;
                return "fired";
            }
            catch (TaskCanceledException)
            {
                return "cancelled";
            }
        });
        options.RegisterWorkflow<string, string>("DropsEvents", async (context, run) =>
        {
            if (run == "first")
            {
                await context.WaitForExternalEventAsync<string>("go");
                context.ContinueAsNew("second", preserveUnprocessedEvents: false);
                return run;
            }

            try
            {
                return await context.WaitForExternalEventAsync<string>("letter", TimeSpan.FromMilliseconds(200));
            }
            catch (TaskCanceledException)
            {
                return "nothing was kept";
            }
        });
        options.RegisterWorkflow<string, string>("KeepsEvents", async (context, run) =>
        {
            await context.WaitForExternalEventAsync<string>(run == "first" ? "go" : "letter");
            if (run == "first")
            {
                context.ContinueAsNew("second");
            }

            return "kept";
        });
        options.RegisterWorkflow<int, int>("ManyRuns", (context, left) =>
        {
            if (left > 0)
            {
                context.ContinueAsNew(left - 1);
            }

            return Task.FromResult(left);
        });
        options.RegisterWorkflow<object?, string>("ChildIdInUse", async (context, _) =>
        {
            var first = context.CallChildWorkflowAsync<string>("Waits", null, new ChildWorkflowTaskOptions($"{context.InstanceId}-child"));
            try
            {
                await context.CallChildWorkflowAsync<string>("Waits", null, new ChildWorkflowTaskOptions($"{context.InstanceId}-child"));
            }
            catch (WorkflowTaskFailedException failed)
            {
                return failed.FailureDetails.ErrorType;
            }

            return await first;
        });
        options.RegisterWorkflow<string, string>("NamedChildInOtherApp", async (context, child) =>
            await context.CallChildWorkflowAsync<string>("Guest", "letter", new ChildWorkflowTaskOptions(child, TargetAppId: "other")));
        options.RegisterWorkflow<object?, string>("ReportsAtTheEnd", async (context, _) =>
        {
            context.SetCustomStatus("waiting");
            await context.WaitForExternalEventAsync<object>("go");
            context.SetCustomStatus("over");
            return "done";
        });
        options.RegisterWorkflow<object?, bool>("Replays", async (context, _) =>
        {
            await context.CallActivityAsync<int>("Step", 1);
            return context.IsReplaying;
        });
        options.RegisterActivity<object?, string>("Key", (context, _) => Task.FromResult($"{context.TaskExecutionKey.Length > 0} {context.InstanceId.Length > 0} {context.Identifier.Name}"));
        options.RegisterActivity<object?, string>("KeyOnly", (context, _) => Task.FromResult(context.TaskExecutionKey));
        options.RegisterWorkflow<string, bool>("KeysOfRuns", async (context, before) =>
        {
            var key = await context.CallActivityAsync<string>("KeyOnly");
            if (before.Length == 0)
            {
                context.ContinueAsNew(key);
            }

            return key != before;
        });
        options.RegisterWorkflow<object?, string>("AsksForItsKey", async (context, _) => await context.CallActivityAsync<string>("Key"));
        options.RegisterWorkflow<object?, string>("Upgraded", (context, _) => Upgraded(context, patched: false));
        options.RegisterWorkflow<object?, string>("Rewritten", async (context, _) =>
        {
            await context.CallActivityAsync<int>("Step", 1);
            return await context.WaitForExternalEventAsync<string>("go");
        });
    }

    public static void RegisterOther(WorkflowRuntimeOptions options)
    {
        options.RegisterActivity<string, string>("Where", (_, input) => Task.FromResult($"{input} at other"));
        options.RegisterWorkflow<string, string>("Guest", async (context, input) => await context.CallActivityAsync<string>("Where", input));
    }

    /// <summary>The next build: "Upgraded" knows a patch, "Rewritten" has changed without one.</summary>
    public static void RegisterNext(WorkflowRuntimeOptions options)
    {
        options.RegisterWorkflow<object?, string>("Upgraded", (context, _) => Upgraded(context, patched: true));
        options.RegisterWorkflow<object?, string>("Rewritten", async (context, _) =>
        {
            await context.CallActivityAsync<int>("AnotherStep", 1);
            return await context.WaitForExternalEventAsync<string>("go");
        });
        Register(options);
    }

    /// <summary>"Upgraded" with its patch and a further event at the end.</summary>
    public static void RegisterPatched(WorkflowRuntimeOptions options)
    {
        options.RegisterWorkflow<object?, string>("Upgraded", async (context, _) =>
        {
            var ways = await Upgraded(context, patched: true);
            await context.WaitForExternalEventAsync<object>("on");
            return ways;
        });
        Register(options);
    }

    private static async Task<string> Upgraded(WorkflowContext context, bool patched)
    {
        var before = patched && context.IsPatched("before") ? "new" : "old";
        await context.CallActivityAsync<int>("Step", 1);
        await context.WaitForExternalEventAsync<string>("go");
        var after = patched && context.IsPatched("after") ? "new" : "old";
        await context.CallActivityAsync<int>("Step", 1);
        return $"{before} {after}";
    }

    private static async Task<string> TimeOutAsync(WorkflowContext context, TimeSpan timeout)
    {
        try
        {
            await context.WaitForExternalEventAsync<object>("never", timeout);
            return "not timed out";
        }
        catch (TaskCanceledException)
        {
            return "timed out";
        }
    }
}
