using Dapr.Workflow.Abstractions;

namespace Dapr.Workflow;

/// <summary>What an activity knows of its call.</summary>
public abstract class WorkflowActivityContext
{
    /// <summary>Name of the activity.</summary>
    public abstract TaskIdentifier Identifier { get; }

    /// <summary>The same for every run of one scheduled call, different for any other call: the key to make effects idempotent with.</summary>
    public abstract string TaskExecutionKey { get; }

    /// <summary>The workflow instance that called.</summary>
    public abstract string InstanceId { get; }
}
