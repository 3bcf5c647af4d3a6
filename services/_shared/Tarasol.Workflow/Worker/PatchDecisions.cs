using Tarasol.Workflow.Protocol;

namespace Dapr.Workflow.Worker;

/// <summary>What IsPatched answers: recorded patches stay on; a place passed before under old code stays off; a place reached newly is on and gets recorded.</summary>
internal sealed class PatchDecisions
{
    private readonly HashSet<string> _recorded = new(StringComparer.Ordinal);
    private readonly Dictionary<string, bool> _decided = new(StringComparer.Ordinal);
    private readonly List<string> _thisTurn = [];

    /// <summary>Patches that this turn's code ran with, in the order of the first question.</summary>
    public IReadOnlyList<string> ThisTurn => _thisTurn;

    public void Learn(IEnumerable<HistoryEvent> past)
    {
        foreach (var version in past.Select(happened => happened.WorkflowStarted?.Version).OfType<WorkflowVersion>())
        {
            _recorded.UnionWith(version.Patches);
        }
    }

    public bool Decide(string patch, bool replaying)
    {
        if (_decided.TryGetValue(patch, out var decided))
        {
            return decided;
        }

        var on = _decided[patch] = _recorded.Contains(patch) || !replaying;
        if (on)
        {
            _thisTurn.Add(patch);
        }

        return on;
    }
}
