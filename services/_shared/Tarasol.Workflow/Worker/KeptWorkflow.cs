using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.DependencyInjection;
using Tarasol.Workflow.Protocol;

namespace Dapr.Workflow.Worker;

/// <summary>A workflow as its last turn left it: its code stands at its awaits, and the next turn goes on there without a replay.</summary>
internal sealed class KeptWorkflow(TurnContext context)
{
    private IReadOnlyList<(HistoryEvent.EventTypeOneofCase Type, Timestamp Time)> _taken = [];
    private int _past;

    public TurnContext Context => context;

    public Task<object?>? Run { get; set; }

    public bool IsSuspended { get; set; }

    /// <summary>Events that came while it is suspended.</summary>
    public Queue<HistoryEvent> Held { get; } = [];

    /// <summary>What the workflow is made with; goes with it.</summary>
    public AsyncServiceScope? Scope { get; set; }

    /// <summary>How many of the next turn's past events were new ones of the last turn, and so are known.</summary>
    public int AlreadyPlayed => _taken.Count;

    /// <summary>So many events were committed when its turn began.</summary>
    public void Played(int past) => _past = past;

    /// <summary>The new events of a turn.</summary>
    public void Took(IEnumerable<HistoryEvent> events) => _taken = [.. events.Select(happened => (happened.EventTypeCase, happened.Timestamp))];

    /// <summary>Whether a turn goes on where this one stands: the history is what it was, and the first events since are those that it was given last.</summary>
    public bool GoesOnWith(WorkflowRequest request)
    {
        if (request.RequiresHistoryStreaming || (request.CachedHistory?.EventCount ?? 0) != _past || request.PastEvents.Count < _taken.Count)
        {
            return false;
        }

        for (var at = 0; at < _taken.Count; at++)
        {
            if (request.PastEvents[at].EventTypeCase != _taken[at].Type || !Equals(request.PastEvents[at].Timestamp, _taken[at].Time))
            {
                return false;
            }
        }

        _past += request.PastEvents.Count;
        return true;
    }
}
