using Dapr.Workflow;

namespace Tarasol.Tests.WorkflowApp;

/// <summary>The workflows that are measured: their activities do nothing, so that what is left is the engine and the worker.</summary>
public static class LoadWorkflows
{
    public static void Register(WorkflowRuntimeOptions options)
    {
        options.RegisterActivity<int, int>("Add", (_, number) => Task.FromResult(number + 1));
        options.RegisterWorkflow<int, int>("LoadChain", async (context, number) =>
        {
            for (var step = 0; step < 5; step++)
                number = await context.CallActivityAsync<int>("Add", number);
            return number;
        });
        options.RegisterWorkflow<int, int>("LoadApprove", async (context, number) =>
        {
            number = await context.CallActivityAsync<int>("Add", number);
            await context.WaitForExternalEventAsync<bool>("approve");
            return await context.CallActivityAsync<int>("Add", number);
        });
        options.RegisterWorkflow<int, int>("LoadLong", async (context, steps) =>
        {
            var number = 0;
            for (var step = 0; step < steps; step++)
            {
                number = await context.CallActivityAsync<int>("Add", number);
                if (step % 50 == 0)
                    context.SetCustomStatus(step);
            }
            return number;
        });
    }
}
