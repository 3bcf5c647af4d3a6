using Dapr.Workflow.Abstractions;
using Tarasol.Workflow.Protocol;

namespace Dapr.Workflow.Worker;

/// <summary>Runs one activity and answers with its result or its failure.</summary>
internal sealed class ActivityRun(WorkflowRegistry registry)
{
    public async Task<ActivityResponse> RunAsync(ActivityRequest request, string completionToken, IServiceProvider services)
    {
        var instanceId = request.WorkflowInstance?.InstanceId ?? "";
        var response = new ActivityResponse { InstanceId = instanceId, TaskId = request.TaskId, CompletionToken = completionToken };
        using var trace = WorkflowTracing.Start($"activity {request.Name}", request.ParentTraceContext);
        if (registry.FindActivity(request.Name) is not { } create)
        {
            response.FailureDetails = Failures.Of("ActivityNotFoundException", $"Activity '{request.Name}' not found", nonRetriable: false);
            return response;
        }

        var step = WorkflowMetrics.Begin("activity", request.Name);
        try
        {
            var activity = create(services);
            var input = WorkflowJson.Read(request.Input, activity.InputType);
            response.Result = WorkflowJson.Write(await activity.RunAsync(new Context(request.Name, request.TaskExecutionId, instanceId), input));
        }
#pragma warning disable CA1031 // Whatever an activity throws is the workflow's to handle.
        catch (Exception error)
        {
            response.FailureDetails = Failures.Of(error, nonRetriable: false);
        }
#pragma warning restore CA1031

        step.End(response.FailureDetails is not null);
        return response;
    }

    /// <summary>The answer instead of one that the sidecar does not take.</summary>
    public static ActivityResponse TooLarge(ActivityResponse refused, string name, string why) => new()
    {
        InstanceId = refused.InstanceId,
        TaskId = refused.TaskId,
        CompletionToken = refused.CompletionToken,
        FailureDetails = Failures.Of(
            "PayloadTooLarge", $"The result of activity '{name}' has {refused.CalculateSize()} bytes, more than the sidecar takes ({why}). Pass large data by reference.", nonRetriable: true),
    };

    private sealed class Context(string name, string key, string instanceId) : WorkflowActivityContext
    {
        public override TaskIdentifier Identifier { get; } = name;

        public override string TaskExecutionKey => key;

        public override string InstanceId => instanceId;
    }
}
