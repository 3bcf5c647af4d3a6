using Tarasol.Sidecar.Components;
using Tarasol.Sidecar.Scheduling;
using Tarasol.Workflow.Protocol;
using YamlDotNet.RepresentationModel;

namespace Tarasol.Sidecar.Workflows;

/// <summary>The workflow section of the Configuration: how much may run at a time, and how long ended instances are kept.</summary>
internal sealed record WorkflowSection
{
    /// <summary>Turns at workers at a time; null: no limit.</summary>
    public int? MaxTurns { get; init; }

    /// <summary>Activities at workers at a time; null: no limit.</summary>
    public int? MaxActivities { get; init; }

    /// <summary>Turns at a time of the workflows of a name.</summary>
    public IReadOnlyDictionary<string, int> MaxTurnsOf { get; init; } = new Dictionary<string, int>();

    /// <summary>Activities at a time of a name.</summary>
    public IReadOnlyDictionary<string, int> MaxActivitiesOf { get; init; } = new Dictionary<string, int>();

    public TimeSpan? KeepAnyTerminal { get; init; }

    public TimeSpan? KeepCompleted { get; init; }

    public TimeSpan? KeepFailed { get; init; }

    public TimeSpan? KeepTerminated { get; init; }

    /// <summary>How long an instance is kept after it ended so; null: until it is purged.</summary>
    public TimeSpan? Keep(OrchestrationStatus status) => status switch
    {
        OrchestrationStatus.Completed => KeepCompleted,
        OrchestrationStatus.Failed => KeepFailed,
        OrchestrationStatus.Terminated => KeepTerminated,
        _ => null,
    } ?? KeepAnyTerminal;

    /// <summary>Throws <see cref="ConfigurationException"/> naming file and line.</summary>
    public static WorkflowSection Read(YamlNode node, ResourceDocument document)
    {
        var retention = node.Child("stateRetentionPolicy");
        return new WorkflowSection
        {
            MaxTurns = Smaller(Count(node, "maxConcurrentWorkflowInvocations", document), Count(node, "globalMaxConcurrentWorkflowInvocations", document)),
            MaxActivities = Smaller(Count(node, "maxConcurrentActivityInvocations", document), Count(node, "globalMaxConcurrentActivityInvocations", document)),
            MaxTurnsOf = Limits(node.Child("workflowConcurrencyLimits"), document),
            MaxActivitiesOf = Limits(node.Child("activityConcurrencyLimits"), document),
            KeepAnyTerminal = Duration(retention, "anyTerminal", document),
            KeepCompleted = Duration(retention, "completed", document),
            KeepFailed = Duration(retention, "failed", document),
            KeepTerminated = Duration(retention, "terminated", document),
        };
    }

    private static int? Smaller(int? one, int? other) => one is null || other is null ? one ?? other : Math.Min(one.Value, other.Value);

    private static int? Count(YamlNode node, string name, ResourceDocument document) =>
        node.Child(name) is not { } child ? null
        : child is YamlScalarNode { Value: var text } && int.TryParse(text, out var count) && count >= 0 ? (count == 0 ? null : count)
        : throw document.Wrong(child, $"{name} must be a whole number");

    private static TimeSpan? Duration(YamlNode? node, string name, ResourceDocument document) =>
        node.Child(name) is not { } child ? null
        : child is YamlScalarNode { Value: var text } && GoDuration.TryParse(text, out var duration) && duration >= TimeSpan.Zero ? duration
        : throw document.Wrong(child, $"{name} must be a duration like 24h");

    private static Dictionary<string, int> Limits(YamlNode? node, ResourceDocument document)
    {
        var limits = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        foreach (var entry in (node as YamlSequenceNode)?.Children ?? [])
        {
            limits[entry.Text("name") ?? throw document.Wrong(entry, "a concurrency limit needs a name")] =
                Count(entry, "maxConcurrent", document) ?? throw document.Wrong(entry, "a concurrency limit needs maxConcurrent, 1 or more");
        }

        return limits;
    }
}
